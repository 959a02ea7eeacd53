//! Labels as the releases and records read them.

use trustmh_core::codebook::{LabelScheme, ReleasedReading};

use super::LabelReader;
use crate::parse::folded;
use crate::parse::json::object_in;

/// The label as the release reads it, by what the scheme's file says of that: the label's field of the first JSON object,
/// or of what was meant to be one, else the only label of the scheme that the reply names, denied or not, and where none can
/// be read so perhaps a label for all such replies; or the first number after the field's name. A scheme of which no reading
/// of a release is known is read soundly.
pub fn as_released<'s>(reply: &str, reader: &'s LabelReader) -> Option<&'s str> {
    let scheme = &reader.scheme;
    match &scheme.released {
        ReleasedReading::Sound => super::read(reply, reader),
        ReleasedReading::FieldOrOnlyName { otherwise } => {
            first_or_only(reply, scheme).or(otherwise.as_deref())
        }
        ReleasedReading::NumberOfField => first_number(reply, scheme),
    }
}

fn first_number<'s>(reply: &str, scheme: &'s LabelScheme) -> Option<&'s str> {
    let name = format!("\"{}\"", scheme.field);
    let digits = |rest: &str| {
        let rest = rest.trim_ascii_start().strip_prefix(':')?.trim_ascii_start();
        let rest = rest.strip_prefix('"').unwrap_or(rest);
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest.get(..end).filter(|digits| !digits.is_empty()).map(str::to_owned)
    };
    let found =
        reply.match_indices(&name).find_map(|(at, _)| digits(reply.get(at + name.len()..)?))?;
    scheme.spelled(&found)
}

fn first_or_only<'s>(reply: &str, scheme: &'s LabelScheme) -> Option<&'s str> {
    if let Some(object) = object_in(reply) {
        let value = object.get(&scheme.field)?;
        let said = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        return exact(&said, scheme);
    }
    let (text, field) = (folded(reply), format!("\"{}\"", scheme.field));
    if let Some((_, rest)) = text.rsplit_once(&field) {
        let said = rest.trim_start_matches([' ', ':']).split([',', '}', '\n']).next()?;
        return exact(said, scheme);
    }
    let mut named = scheme.names().filter(|label| names(&text, label));
    let first = named.next()?;
    named.next().is_none().then_some(first)
}

fn exact<'s>(said: &str, scheme: &'s LabelScheme) -> Option<&'s str> {
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
