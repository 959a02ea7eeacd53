//! What a run under way tells of itself: one JSON object a line (`--progress json`), and lines for people.

use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

/// So many lines for people are kept, the last ones.
const KEPT: usize = 8;
/// So many characters of each.
const LONGEST: usize = 400;

/// Numbers of a run under way. What a program does not tell is left open, or is 0.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Numbers {
    pub(crate) trials: u64,
    pub(crate) trials_per_second: Option<f64>,
    pub(crate) seconds_to_go: Option<f64>,
    pub(crate) calls: u64,
    pub(crate) retries: u64,
    pub(crate) failures: u64,
    pub(crate) tokens: u64,
    pub(crate) dollars: f64,
    pub(crate) in_flight: Option<u64>,
    pub(crate) waiting: Option<u64>,
    pub(crate) by_pillar: BTreeMap<String, Counted>,
}

/// Trials of a pillar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) ended: u64,
    pub(crate) planned: u64,
}

impl Numbers {
    /// Those of an object, read field by field: one that is of another form takes none of the others along.
    fn of(object: &Value) -> Option<Self> {
        let count = |name: &str| object.get(name).and_then(Value::as_u64);
        let number = |name: &str| object.get(name).and_then(Value::as_f64);
        let pillars = object.get("by_pillar").and_then(Value::as_object);
        let counted = |of: &Value| {
            Some(Counted {
                ended: of.get("ended")?.as_u64()?,
                planned: of.get("planned")?.as_u64()?,
            })
        };
        let by_pillar = pillars.into_iter().flatten();
        Some(Self {
            trials: count("trials")?,
            trials_per_second: number("trials_per_second").filter(|rate| *rate > 0.0),
            seconds_to_go: number("seconds_to_go").filter(|left| *left > 0.0),
            calls: count("calls")?,
            retries: count("retries").unwrap_or_default(),
            failures: count("failures").unwrap_or_default(),
            tokens: count("tokens").unwrap_or_default(),
            dollars: number("dollars").unwrap_or_default(),
            in_flight: count("in_flight"),
            waiting: count("waiting"),
            by_pillar: by_pillar
                .filter_map(|(name, of)| Some((name.clone(), counted(of)?)))
                .collect(),
        })
    }
}

/// All that was told so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Told {
    /// The run's folder, once it is there.
    pub(crate) folder: Option<PathBuf>,
    pub(crate) numbers: Option<Numbers>,
    /// Lines for people, the last ones.
    pub(crate) lines: VecDeque<String>,
}

impl Told {
    /// Takes a line in.
    pub(crate) fn take(&mut self, line: &str) {
        let line = line.trim();
        if line.is_empty() {
            return;
        }
        if !line.starts_with('{') {
            self.keep(line);
            return;
        }
        let Ok(object) = serde_json::from_str::<Value>(line) else { return };
        let text = |name: &str| object.get(name).and_then(Value::as_str);
        if let Some(folder) = text("run") {
            self.folder = Some(PathBuf::from(folder));
        } else if let Some(warning) = text("warning") {
            self.keep(warning);
        } else if let Some(numbers) = Numbers::of(&object) {
            self.numbers = Some(numbers);
        }
    }

    fn keep(&mut self, line: &str) {
        if self.lines.len() == KEPT {
            self.lines.pop_front();
        }
        self.lines.push_back(line.chars().take(LONGEST).collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart_and_what_is_not_told_stays_open() {
        let mut told = Told::default();
        told.take("runs/x: 12 trials of 1 tasks");
        told.take(r#"{"run":"runs/x","trials":12}"#);
        told.take(r#"{"trials":3,"of":12,"seconds_to_go":null,"calls":4,"new":[1]}"#);
        told.take(r#"{"warning":"many replies are cut"}"#);
        told.take("{broken");
        assert_eq!(told.folder, Some(PathBuf::from("runs/x")));
        let numbers = told.numbers.clone().unwrap();
        assert_eq!((numbers.trials, numbers.calls), (3, 4));
        assert_eq!((numbers.in_flight, numbers.seconds_to_go), (None, None));
        assert_eq!(told.lines, ["runs/x: 12 trials of 1 tasks", "many replies are cut"]);
        told.take(
            r#"{"trials":3,"of":12,"in_flight":2,"waiting":1,"calls":4,"dollars":null,"by_pillar":{"crisis":{"ended":1,"planned":4},"new":3}}"#,
        );
        let numbers = told.numbers.clone().unwrap();
        assert_eq!((numbers.in_flight, numbers.waiting), (Some(2), Some(1)));
        assert_eq!(numbers.by_pillar["crisis"], Counted { ended: 1, planned: 4 });
        (0..20).for_each(|number| told.take(&format!("line {number}")));
        assert_eq!((told.lines.len(), told.lines.back().unwrap().as_str()), (8, "line 19"));
    }
}
