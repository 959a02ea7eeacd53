//! What an endpoint does not take, learnt once and kept for all calls that follow.

use parking_lot::{Mutex, MutexGuard};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::learnt::{Learnt, Lesson};

/// The two names of the bound on a reply.
const LIMITS: [&str; 2] = ["max_tokens", "max_completion_tokens"];

/// The lessons of one endpoint, in the order they were learnt.
#[derive(Debug, Default)]
pub(crate) struct Habits(Mutex<Vec<Lesson>>);

impl Habits {
    fn held(&self) -> MutexGuard<'_, Vec<Lesson>> {
        self.0.lock()
    }

    /// The lessons, as taught by `endpoint`.
    pub(crate) fn learnt(&self, endpoint: &str) -> Vec<Learnt> {
        let of = |lesson: &Lesson| Learnt { endpoint: endpoint.to_owned(), lesson: lesson.clone() };
        self.held().iter().map(of).collect()
    }

    /// The fields that are no longer sent as they stand in requests, and the names they have instead.
    pub(crate) fn fields(&self) -> Vec<String> {
        let of = |lesson: &Lesson| match lesson {
            Lesson::LeftOut { field, .. } => vec![field.clone()],
            Lesson::Renamed { field, to, .. } => vec![field.clone(), to.clone()],
            Lesson::SkippedLines { .. } => Vec::new(),
        };
        self.held().iter().flat_map(of).collect()
    }

    /// Takes note that `field`, which was sent, is not taken.
    pub(crate) fn learn(&self, field: &str, said: &str) {
        let mut lessons = self.held();
        let (field, said) = (field.to_owned(), said.to_owned());
        let renamed = lessons
            .iter()
            .position(|lesson| matches!(lesson, Lesson::Renamed { to, .. } if *to == field));
        // Neither name is taken: the server has bounds of its own.
        if let Some(at) = renamed
            && let Some(Lesson::Renamed { field, .. }) = lessons.get(at).cloned()
        {
            lessons.splice(at..=at, [Lesson::LeftOut { field, said }]);
            return;
        }
        if lessons.iter().any(|lesson| concerns(lesson, &field)) {
            return;
        }
        let is_limit = LIMITS.contains(&field.as_str());
        let other = LIMITS.iter().find(|other| is_limit && **other != field);
        lessons.push(match other {
            Some(to) => Lesson::Renamed { field, to: (*to).to_owned(), said },
            None => Lesson::LeftOut { field, said },
        });
    }

    /// The request as this endpoint takes it.
    pub(crate) fn applied(&self, request: &RawValue) -> Box<RawValue> {
        let lessons = self.held().clone();
        if lessons.is_empty() {
            return request.to_owned();
        }
        let Ok(Value::Object(mut fields)) = serde_json::from_str(request.get()) else {
            return request.to_owned();
        };
        for lesson in &lessons {
            match lesson {
                Lesson::LeftOut { field, .. } => drop(taken(&mut fields, field)),
                Lesson::Renamed { field, to, .. } => {
                    if let Some(value) = taken(&mut fields, field) {
                        fields.insert(to.clone(), value);
                    }
                }
                Lesson::SkippedLines { .. } => {}
            }
        }
        serde_json::value::to_raw_value(&fields).unwrap_or_else(|_| request.to_owned())
    }
}

fn concerns(lesson: &Lesson, name: &str) -> bool {
    match lesson {
        Lesson::LeftOut { field, .. } | Lesson::Renamed { field, .. } => field == name,
        Lesson::SkippedLines { .. } => false,
    }
}

/// Takes a field out, by its dotted path. What only goes with a field goes with it.
fn taken(fields: &mut Map<String, Value>, path: &str) -> Option<Value> {
    if path == "stream" {
        fields.remove("stream_options");
    }
    match path.split_once('.') {
        None => fields.remove(path),
        Some((outer, inner)) => fields.get_mut(outer)?.as_object_mut()?.remove(inner),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn applied(habits: &Habits, request: Value) -> Value {
        let request = serde_json::value::to_raw_value(&request).unwrap();
        serde_json::from_str(habits.applied(&request).get()).unwrap()
    }

    #[test]
    fn what_is_learnt_is_left_out_or_renamed_from_then_on() {
        let habits = Habits::default();
        let request = json!({ "model": "m", "temperature": 0.0, "max_tokens": 9, "options": { "seed": 1, "top_k": 2 } });
        assert_eq!(applied(&habits, request.clone()), request);
        for field in ["temperature", "max_tokens", "options.seed", "temperature"] {
            habits.learn(field, "no");
        }
        let sent = json!({ "model": "m", "max_completion_tokens": 9, "options": { "top_k": 2 } });
        assert_eq!(applied(&habits, request.clone()), sent);
        // Neither name is taken.
        habits.learn("max_completion_tokens", "no");
        assert_eq!(applied(&habits, request), json!({ "model": "m", "options": { "top_k": 2 } }));
        assert_eq!(habits.learnt("http://e").len(), 3);
    }

    #[test]
    fn without_streaming_nothing_of_it_is_sent() {
        let habits = Habits::default();
        habits.learn("stream", "no");
        let request =
            json!({ "model": "m", "stream": true, "stream_options": { "include_usage": true } });
        assert_eq!(applied(&habits, request), json!({ "model": "m" }));
    }
}
