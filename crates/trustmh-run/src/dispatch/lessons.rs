//! What endpoints taught while the work went on.

use std::sync::{Mutex, PoisonError};

use trustmh_core::id::ModelId;
use trustmh_model::learnt::Learnt;

use crate::journal::Lesson;

/// Lessons that are in the journal already.
#[derive(Debug, Default)]
pub(super) struct Lessons(Mutex<Vec<Lesson>>);

impl Lessons {
    /// Those of what a model's endpoint has taught so far that are new.
    pub(super) fn new_of(&self, model: &ModelId, learnt: Vec<Learnt>) -> Vec<Lesson> {
        if learnt.is_empty() {
            return Vec::new();
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut new = Vec::new();
        for learnt in learnt {
            let lesson = Lesson { model: model.clone(), learnt };
            if !known.contains(&lesson) {
                known.push(lesson.clone());
                new.push(lesson);
            }
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trustmh_model::learnt::Lesson as Taught;

    #[test]
    fn a_lesson_is_new_once_for_each_model() {
        let learnt = |field: &str| Learnt {
            endpoint: "http://e".to_owned(),
            lesson: Taught::LeftOut { field: field.to_owned(), said: "no".to_owned() },
        };
        let (lessons, one, two) = (Lessons::default(), ModelId::new("a/b"), ModelId::new("a/c"));
        assert_eq!(lessons.new_of(&one, Vec::new()), []);
        assert_eq!(lessons.new_of(&one, vec![learnt("temperature")]).len(), 1);
        assert_eq!(lessons.new_of(&one, vec![learnt("temperature"), learnt("seed")]).len(), 1);
        assert_eq!(lessons.new_of(&two, vec![learnt("temperature")]).len(), 1);
    }
}
