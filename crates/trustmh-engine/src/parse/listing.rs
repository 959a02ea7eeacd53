//! Whether an answer lists a person among those who know.

use super::folded;

/// Whether the name occurs anywhere, in any case: the release's rule.
pub fn as_released(answer: &str, name: &str) -> bool {
    answer.to_lowercase().contains(&name.to_lowercase())
}

/// Whether the name occurs in a clause that does not deny knowing.
pub fn sound(answer: &str, name: &str) -> bool {
    let name = folded(name);
    if name.is_empty() {
        return false;
    }
    clauses(answer)
        .iter()
        .map(|clause| folded(clause))
        .any(|clause| clause.contains(&name) && !is_denial(&clause))
}

const TITLES: [&str; 6] = ["dr", "mr", "ms", "mrs", "prof", "st"];
const JOINTS: [&str; 6] = [", but ", ", while ", ", whereas ", " however", " although ", " but "];

/// Splits at line breaks, sentence ends (not after a title such as "Dr."), semicolons and contrasts.
fn clauses(answer: &str) -> Vec<String> {
    let mut clauses = Vec::new();
    let mut clause = String::new();
    let mut chars = answer.chars().peekable();
    while let Some(c) = chars.next() {
        let last_word = clause.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let after_title = c == '.' && TITLES.contains(&last_word.to_lowercase().as_str());
        let ends = matches!(c, '\n' | ';' | '!' | '?')
            || (c == '.' && !after_title && chars.peek().is_none_or(|next| next.is_whitespace()));
        if ends {
            clauses.push(std::mem::take(&mut clause));
        } else {
            clause.push(c);
        }
    }
    clauses.push(clause);
    clauses.iter().flat_map(|clause| split_at_joints(clause)).collect()
}

fn split_at_joints(clause: &str) -> Vec<String> {
    JOINTS.iter().fold(vec![clause.to_owned()], |parts, joint| {
        parts
            .iter()
            .flat_map(|part| part.split(joint).map(str::to_owned).collect::<Vec<_>>())
            .collect()
    })
}

fn is_denial(clause: &str) -> bool {
    let words = clause.split(|c: char| !c.is_alphanumeric() && c != '\'');
    let mut denying = words.filter(|word| {
        word.ends_with("n't")
            || matches!(
                *word,
                "not"
                    | "no"
                    | "never"
                    | "unaware"
                    | "without"
                    | "except"
                    | "nor"
                    | "neither"
                    | "excluding"
                    | "unknown"
            )
    });
    denying.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_in_a_denial_is_no_listing() {
        let answer = "Mira Lind and Dr. Okafor. Colleague Brandt does not know.";
        assert!(sound(answer, "Mira Lind"));
        assert!(sound(answer, "Dr. Okafor"));
        assert!(!sound(answer, "Colleague Brandt"));
        assert!(as_released(answer, "Colleague Brandt"));
    }

    #[test]
    fn contrasts_and_lists_are_split() {
        assert!(!sound("Mira knows, but Colleague Brandt isn't aware of it", "Colleague Brandt"));
        assert!(sound("Mira knows, but Colleague Brandt isn't aware of it", "Mira"));
        assert!(sound("1. Mira\n2. Colleague Brandt", "Colleague Brandt"));
        assert!(sound("MIRA AND DR. OKAFOR", "Dr. Okafor"));
    }

    proptest! {
        #[test]
        fn sound_listing_is_a_subset_of_the_release_rule(answer in "[A-Za-z ,.;\n]{0,80}") {
            if sound(&answer, "Mira") {
                prop_assert!(as_released(&answer, "Mira"));
            }
        }

        #[test]
        fn any_text_is_taken(answer in "(?s).{0,80}", name in "\\PC{0,8}") {
            let _ = sound(&answer, &name);
            let _ = as_released(&answer, &name);
        }
    }
}
