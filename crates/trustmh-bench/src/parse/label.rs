//! Reading a label of a scheme.

use trustmh_core::item::LabelScheme;

use super::folded;
use super::json::object_in;

/// The label the reply gives: the field `label` of a JSON object, else the only label of the scheme that
/// the reply names. A reply that names several decides nothing.
pub fn read(reply: &str, scheme: LabelScheme) -> Option<&'static str> {
    if let Some(object) = object_in(reply) {
        let value = object.get("label")?;
        let said = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        return exact(&said, scheme);
    }
    let text = folded(reply);
    let mut named = scheme.labels().iter().copied().filter(|label| names(&text, label));
    let first = named.next()?;
    named.next().is_none().then_some(first)
}

/// The same, but a post without a readable label is `other`: the release maps whatever it does not know to
/// the last class.
pub fn as_released(reply: &str, scheme: LabelScheme) -> Option<&'static str> {
    match scheme {
        LabelScheme::Posts => read(reply, scheme).or(Some("other")),
        LabelScheme::Depression | LabelScheme::SuicideRisk => read(reply, scheme),
    }
}

fn exact(said: &str, scheme: LabelScheme) -> Option<&'static str> {
    let said = folded(said).replace([' ', '_'], "-");
    let said = said.trim_matches(|c: char| !c.is_alphanumeric());
    scheme.labels().iter().copied().find(|label| *label == said)
}

/// Whether the label stands as a word of its own.
fn names(text: &str, label: &str) -> bool {
    let spaced = label.replace('-', " ");
    [label, spaced.as_str()].iter().any(|form| {
        text.match_indices(form).any(|(start, _)| {
            let inside =
                |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '-' || c == '.');
            let before = text.get(..start).and_then(|before| before.chars().next_back());
            let after = text.get(start + form.len()..).and_then(|after| after.chars().next());
            !inside(before) && !after.is_some_and(|c| c.is_alphanumeric() || c == '-')
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn labels_are_read_from_json_and_plain_words() {
        for (reply, scheme, label) in [
            (r#"{"label": "Suicidal thoughts"}"#, LabelScheme::Posts, "suicidal-thoughts"),
            ("Anxiety.", LabelScheme::Posts, "anxiety"),
            (r#"{"label": 2}"#, LabelScheme::Depression, "2"),
            ("I'd say level 3", LabelScheme::SuicideRisk, "3"),
        ] {
            assert_eq!(read(reply, scheme), Some(label), "{reply}");
        }
    }

    #[test]
    fn what_names_several_or_none_is_unread_and_other_only_as_released() {
        for reply in ["Depression or anxiety", "No idea", r#"{"label": "mania"}"#, "antidepression"]
        {
            assert_eq!(read(reply, LabelScheme::Posts), None, "{reply}");
            assert_eq!(as_released(reply, LabelScheme::Posts), Some("other"));
        }
        assert_eq!(as_released("no idea", LabelScheme::Depression), None);
        assert_eq!(read("12", LabelScheme::Depression), None);
    }

    proptest! {
        #[test]
        fn any_text_gives_a_known_label_or_none(reply in "(?s).{0,120}", scheme in 0_usize..3) {
            let scheme = LabelScheme::ALL[scheme];
            for label in [read(&reply, scheme), as_released(&reply, scheme)].into_iter().flatten() {
                prop_assert!(scheme.labels().contains(&label));
            }
        }
    }
}
