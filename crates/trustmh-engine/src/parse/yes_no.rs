//! Reading yes or no.

use super::folded;

/// What a yes/no answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YesNo {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// Reads yes or no as the release did, by substrings: quotes stripped, lower case; no before yes. Blanks stay, so that
/// " No**", which "**Answer: No**" leaves, is neither: no word that begins the text, and none between its marks.
pub fn as_released(answer: &str) -> Option<YesNo> {
    let text = answer.replace(['"', '\''], "").to_lowercase();
    let says = |inside: &[&str], starts: &[&str]| {
        inside.iter().any(|part| text.contains(part)) || starts.iter().any(|s| text.starts_with(s))
    };
    if says(&[" no,", " no ", " no.", " not ok ", " not okay "], &["no", "false"]) {
        Some(YesNo::No)
    } else if says(&[" yes,", " yes ", " yes.", " ok ", " okay "], &["yes", "true"]) {
        Some(YesNo::Yes)
    } else {
        None
    }
}

/// Reads yes or no as words: the first of them decides; without either, "not ok" and its kin say no.
pub fn sound(answer: &str) -> Option<YesNo> {
    let text = folded(answer);
    let mut words =
        text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|w| !w.is_empty());
    let word = words.find_map(|word| match word {
        "yes" | "yeah" => Some(YesNo::Yes),
        "no" | "nope" => Some(YesNo::No),
        _ => None,
    });
    let denied = [
        "not ok",
        "isn't ok",
        "not acceptable",
        "should not share",
        "shouldn't share",
        "not appropriate",
    ];
    word.or_else(|| denied.iter().any(|phrase| text.contains(phrase)).then_some(YesNo::No))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_release_takes_nobody_for_no() {
        assert_eq!(as_released("Nobody may know, yes."), Some(YesNo::No));
        assert_eq!(sound("Nobody may know, yes."), Some(YesNo::Yes));
    }

    #[test]
    fn the_release_sees_no_word_behind_a_blank_and_before_a_mark() {
        for (answer, released, said) in [
            (" No**", None, YesNo::No),
            ("\nNo", None, YesNo::No),
            (" Yes!", None, YesNo::Yes),
            (" No.", Some(YesNo::No), YesNo::No),
            ("No**", Some(YesNo::No), YesNo::No),
        ] {
            assert_eq!(as_released(answer), released, "{answer}");
            assert_eq!(sound(answer), Some(said), "{answer}");
        }
    }

    #[test]
    fn usual_forms_read_alike() {
        for (answer, said) in [
            ("No.", Some(YesNo::No)),
            ("\"No\"", Some(YesNo::No)),
            ("Yes, it is fine.", Some(YesNo::Yes)),
            ("That depends", None),
        ] {
            assert_eq!(as_released(answer), said, "{answer}");
            assert_eq!(sound(answer), said, "{answer}");
        }
        assert_eq!(sound("It is not okay to share that."), Some(YesNo::No));
    }

    proptest! {
        #[test]
        fn any_text_is_taken(answer in "(?s).{0,80}") {
            let _ = as_released(&answer);
            let _ = sound(&answer);
        }
    }
}
