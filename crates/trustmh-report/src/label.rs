//! By what a document refers to a table.

use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// The most characters of a label.
const LONGEST: usize = 100;

/// The word of a `\label`, such as `tab:trustmh`: nothing that LaTeX would act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label(String);

/// Why a text is no label.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a label has 1 to {LONGEST} letters, digits and signs of : . - _ / +, such as tab:trustmh")]
pub struct LabelFault;

impl FromStr for Label {
    type Err = LabelFault;

    fn from_str(text: &str) -> Result<Self, LabelFault> {
        let fits = |c: char| c.is_ascii_alphanumeric() || ":.-_/+".contains(c);
        let is_label = !text.is_empty() && text.len() <= LONGEST && text.chars().all(fits);
        is_label.then(|| Self(text.to_owned())).ok_or(LabelFault)
    }
}

impl Label {
    /// The label of a second table of the same document.
    pub(crate) fn of_part(&self, part: &str) -> Self {
        Self(format!("{}-{part}", self.0))
    }
}

/// As LaTeX has it.
impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\\label{{{}}}", self.0)
    }
}

/// A line with the label, or nothing.
pub(crate) fn line(label: Option<&Label>) -> String {
    label.map_or_else(String::new, |label| format!("{label}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_holds_nothing_that_latex_acts_on() {
        let label: Label = "tab:trustmh_1".parse().unwrap();
        assert_eq!(line(Some(&label)), "\\label{tab:trustmh_1}\n");
        assert_eq!(label.of_part("changes").to_string(), "\\label{tab:trustmh_1-changes}");
        for wrong in ["", "a b", "a}\\input{x", "é", "a%b", &"a".repeat(101)] {
            assert_eq!(wrong.parse::<Label>(), Err(LabelFault), "{wrong}");
        }
    }
}
