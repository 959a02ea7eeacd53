//! Labels as the releases and records read them.

use trustmh_core::item::LabelScheme;

use crate::parse::folded;
use crate::parse::json::object_in;
use crate::parse::wording::pattern;

/// The label as the release reads it: the `label` field of the first JSON object, or of what was meant to be one,
/// else the only label of the scheme that the reply names, denied or not. A post without a readable label is `other`: the
/// release maps whatever it does not know to the last class. On the Columbia scale it is the first number after
/// `"severity":`, as in the record; the crisis schemes have no reading of a release and are read soundly.
pub fn as_released(reply: &str, scheme: LabelScheme) -> Option<&'static str> {
    match scheme {
        LabelScheme::Posts => first_or_only(reply, scheme).or(Some("other")),
        LabelScheme::Depression | LabelScheme::SuicideRisk => first_or_only(reply, scheme),
        LabelScheme::Columbia => first_severity(reply),
        LabelScheme::Crisis | LabelScheme::Severity => super::read(reply, scheme),
    }
}

fn first_severity(reply: &str) -> Option<&'static str> {
    let found = pattern!(r#""severity"\s*:\s*"?(\d+)"#)?.captures(reply)?;
    LabelScheme::Columbia.spelled(found.get(1)?.as_str())
}

fn first_or_only(reply: &str, scheme: LabelScheme) -> Option<&'static str> {
    if let Some(object) = object_in(reply) {
        let value = object.get("label")?;
        let said = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        return exact(&said, scheme);
    }
    let text = folded(reply);
    if let Some((_, rest)) = text.rsplit_once("\"label\"") {
        let said = rest.trim_start_matches([' ', ':']).split([',', '}', '\n']).next()?;
        return exact(said, scheme);
    }
    let mut named = scheme.labels().iter().copied().filter(|label| names(&text, label));
    let first = named.next()?;
    named.next().is_none().then_some(first)
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
