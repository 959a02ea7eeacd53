//! Reading a label of a scheme.

use trustmh_core::item::LabelScheme;

use super::folded;
use super::json::object_in;

/// The label the reply gives: the scheme's field of a JSON object, or of what was meant to be one; else
/// the only label of the scheme that the reply names. A reply that names several decides nothing.
pub fn read(reply: &str, scheme: LabelScheme) -> Option<&'static str> {
    let field = field(scheme);
    if let Some(object) = object_in(reply) {
        let value = object.get(field)?;
        let said = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        return exact(&said, scheme);
    }
    let text = folded(reply);
    if let Some((_, rest)) = text.rsplit_once(&format!("\"{field}\"")) {
        let said = rest.trim_start_matches([' ', ':']).split([',', '}', '\n']).next()?;
        return exact(said, scheme);
    }
    let mut named = scheme.labels().iter().copied().filter(|label| names(&text, label));
    let first = named.next()?;
    named.next().is_none().then_some(first)
}

/// The same, but a post without a readable label is `other`: the release maps whatever it does not know to
/// the last class.
pub fn as_released(reply: &str, scheme: LabelScheme) -> Option<&'static str> {
    let found = read(reply, scheme);
    if scheme == LabelScheme::Posts { found.or(Some("other")) } else { found }
}

/// The JSON field in which a reply gives its label. On the Columbia scale it is the recorded prompts' own.
fn field(scheme: LabelScheme) -> &'static str {
    if scheme == LabelScheme::Columbia { "severity" } else { "label" }
}

fn exact(said: &str, scheme: LabelScheme) -> Option<&'static str> {
    scheme.spelled(folded(said).trim_matches(|c: char| !c.is_alphanumeric()))
}

/// Whether the label stands as a word of its own.
fn names(text: &str, label: &str) -> bool {
    let spaced = label.replace(['-', '_'], " ");
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
            (r#"{"label": "Self_Harm"}"#, LabelScheme::Crisis, "self-harm"),
            ("This is no crisis.", LabelScheme::Crisis, "no_crisis"),
            (r#"{"label": "Behaviour"}"#, LabelScheme::Severity, "behavior"),
            (r#"Step 1 of 6. {"Q1":"he said "no"","severity":"4"}"#, LabelScheme::Columbia, "4"),
            ("{\"Q1\":\"N/A\",\"severity\": 0}", LabelScheme::Columbia, "0"),
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
        assert_eq!(read("{\"severity\": null}", LabelScheme::Columbia), None);
        assert_eq!(read("{\"label\": \"crisis\"}", LabelScheme::Crisis), None);
    }

    proptest! {
        #[test]
        fn any_text_gives_a_known_label_or_none(reply in "(?s).{0,120}", scheme in 0_usize..6) {
            let scheme = LabelScheme::ALL[scheme];
            for label in [read(&reply, scheme), as_released(&reply, scheme)].into_iter().flatten() {
                prop_assert!(scheme.labels().contains(&label));
            }
        }
    }
}
