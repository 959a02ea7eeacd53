//! One thing that does not fit, and what was meant perhaps.

use std::fmt;

use rapidfuzz::distance::jaro_winkler;

use crate::task::Task;

/// Something in a task file that does not fit the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The file as the user knows it.
    pub file: String,
    /// The field at fault.
    pub field: String,
    /// The value, what is wrong with it, and what would be right.
    pub message: String,
}

impl Misfit {
    pub(super) fn new(task: &Task, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { file: task.path.clone(), field: field.into(), message: message.into() }
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: field `{}`: {}", self.file, self.field, self.message)
    }
}

/// How alike two names must be for one to be meant by the other.
const ALIKE: f64 = 0.8;

/// The known name that is most like `name`, if any is like it.
pub fn near<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let likeness = |known: &str| {
        let [one, other] = [name, known].map(|word| word.to_lowercase().replace('-', "_"));
        jaro_winkler::similarity(one.chars(), other.chars())
    };
    let known = known.into_iter().map(|known| (known, likeness(known)));
    let best = known.filter(|(_, alike)| *alike >= ALIKE).max_by(|a, b| a.1.total_cmp(&b.1));
    best.map(|(known, _)| known)
}

/// A hint at the name that was meant, and at all there are.
pub(super) fn hint<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let meant = near(name, known.iter().copied());
    let meant = meant.map_or_else(String::new, |meant| format!("did you mean `{meant}`? "));
    if known.is_empty() {
        return format!("{meant}there are none");
    }
    format!("{meant}there are {}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn a_slip_of_the_pen_is_told_from_another_word() {
        let known = ["correct", "above_chance", "unparsed"];
        for slip in ["corect", "Correct", "corrects", "conrect"] {
            assert_eq!(near(slip, known), Some("correct"), "{slip}");
        }
        assert_eq!(near("above-chance", known), Some("above_chance"));
        for other in ["toxicity", "x", ""] {
            assert_eq!(near(other, known), None, "{other}");
        }
    }
}
