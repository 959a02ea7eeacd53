//! Where a field stands in a TOML file, so that a fault can be told with its line.

use std::fmt;
use toml::de::{DeTable, DeValue};

/// The way to a value: names of fields, and places in lists from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Way(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Field(String),
    Place(usize),
}

impl Way {
    pub(super) fn to(field: &str) -> Self {
        Self::default().field(field)
    }

    #[must_use]
    pub(super) fn field(&self, name: &str) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Field(name.to_owned()));
        Self(steps)
    }

    #[must_use]
    pub(super) fn at(&self, place: usize) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Place(place));
        Self(steps)
    }
}

impl fmt::Display for Way {
    /// As people count: the first is 1.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.0.iter().enumerate() {
            match step {
                Step::Field(name) if place == 0 => f.write_str(name)?,
                Step::Field(name) => write!(f, ".{name}")?,
                Step::Place(at) => write!(f, "[{}]", at + 1)?,
            }
        }
        Ok(())
    }
}

/// The line of a byte, from 1.
pub(super) fn line_of(text: &str, byte: usize) -> usize {
    text.get(..byte).unwrap_or(text).matches('\n').count() + 1
}

/// The line on which a value stands; where it is missing, that of what is around it.
pub(super) fn line(text: &str, way: &Way) -> usize {
    let Ok(whole) = DeTable::parse(text) else { return 1 };
    let mut found = 0;
    let whole = DeValue::Table(whole.into_inner());
    let mut here = &whole;
    for step in &way.0 {
        let next = match (step, here) {
            (Step::Field(name), DeValue::Table(table)) => {
                table.get_key_value(name.as_str()).map(|(key, value)| (key.span().start, value))
            }
            (Step::Place(at), DeValue::Array(values)) => {
                values.get(*at).map(|value| (value.span().start, value))
            }
            _ => None,
        };
        let Some((start, value)) = next else { break };
        found = start;
        here = value.get_ref();
    }
    line_of(text, found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_its_line() {
        let text = "[study]\nname = \"x\"\n\n[[subjects]]\nmodel = \"a\"\n\n[[subjects]]\nname = \"n\"\nmodel = \"b\"\n";
        let subjects = Way::to("subjects");
        assert_eq!(line(text, &Way::to("study").field("name")), 2);
        assert_eq!(line(text, &subjects.at(1).field("model")), 9);
        assert_eq!(line(text, &subjects.at(1)), 7);
        assert_eq!(line(text, &subjects.at(1).field("missing")), 7);
        assert_eq!(line(text, &Way::to("missing")), 1);
        assert_eq!(subjects.at(1).field("model").to_string(), "subjects[2].model");
    }
}
