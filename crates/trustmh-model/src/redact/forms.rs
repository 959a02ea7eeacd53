//! The forms in which a credential may come back.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// What an escape begins with: JSON's, URLs', HTML's.
pub(super) const ESCAPES: [char; 3] = ['\\', '%', '&'];

/// How often one escape may be escaped again.
const DEEPEST: usize = 8;

/// The longest name or number of an entity, with its semicolon.
const LONGEST_ENTITY: usize = 10;

/// How many bytes at the start of `text` spell `key`, each of its characters plain or escaped.
pub(super) fn length(text: &str, key: &str) -> Option<usize> {
    if text.starts_with(key) {
        return Some(key.len());
    }
    let mut rest = text;
    for wanted in key.chars() {
        rest = behind(rest, wanted)?;
    }
    Some(text.len() - rest.len())
}

/// What follows `wanted` where `text` begins with it.
fn behind(text: &str, wanted: char) -> Option<&str> {
    let escaped = match text.chars().next()? {
        '\\' => behind_backslash(text, wanted),
        '%' => behind_percent(text, wanted),
        '&' => behind_entity(text, wanted),
        _ => None,
    };
    escaped.or_else(|| text.strip_prefix(wanted))
}

/// `\u002f`, `\x2f`, `\/`; with more backslashes where JSON stands in a string of JSON.
fn behind_backslash(text: &str, wanted: char) -> Option<&str> {
    let backslashes = text.bytes().take(DEEPEST).take_while(|byte| *byte == b'\\').count();
    if wanted == '\\' && backslashes > 1 {
        return text.get(2..);
    }
    let escaped = text.get(backslashes..)?;
    let by_number = |mark: char, digits: usize| {
        let rest = escaped.strip_prefix(mark)?;
        let code = u32::from_str_radix(rest.get(..digits)?, 16).ok()?;
        (code == u32::from(wanted)).then(|| rest.get(digits..))?
    };
    let itself = || escaped.strip_prefix(wanted).filter(|_| !wanted.is_alphanumeric());
    by_number('u', 4).or_else(|| by_number('x', 2)).or_else(itself)
}

/// `%2F`; also `%252F`, where it was escaped twice.
fn behind_percent(text: &str, wanted: char) -> Option<&str> {
    let mut digits = text.strip_prefix('%')?;
    for _ in 0..DEEPEST {
        digits = digits.strip_prefix("25").filter(|_| wanted != '%').unwrap_or(digits);
    }
    let code = u32::from_str_radix(digits.get(..2)?, 16).ok()?;
    (code == u32::from(wanted)).then(|| digits.get(2..))?
}

/// `&#47;`, `&#x2f;`, `&amp;`.
fn behind_entity(text: &str, wanted: char) -> Option<&str> {
    const NAMED: [(&str, char); 5] =
        [("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\'')];
    let entity = text.strip_prefix('&')?;
    let end = entity.bytes().take(LONGEST_ENTITY).position(|byte| byte == b';')?;
    let (name, rest) = (entity.get(..end)?, entity.get(end + 1..)?);
    let code = match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        },
        None => u32::from(NAMED.iter().find(|(known, _)| *known == name)?.1),
    };
    (code == u32::from(wanted)).then_some(rest)
}

/// What Base64 makes of `key`, whatever stands before and behind it: those characters that depend on the key alone (RFC 4648), in
/// the usual alphabet and in that of URLs.
pub(super) fn base64(key: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for before in 0..3_usize {
        let bytes = [vec![0; before], key.as_bytes().to_vec()].concat();
        let text = STANDARD_NO_PAD.encode(&bytes);
        // Each character stands for six bits.
        let (from, to) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        if let Some(core) = text.get(from..to) {
            forms.push(core.to_owned());
            if core.contains(['+', '/']) {
                forms.push(core.replace('+', "-").replace('/', "_"));
            }
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_percent_signs_and_backslashes_is_found() {
        assert_eq!(length("a%b\\c", "a%b\\c"), Some(5));
        assert_eq!(length("a%25b\\\\c", "a%b\\c"), Some(8));
        assert_eq!(length("a%b", "a%c"), None);
        assert_eq!(length("a", "ab"), None);
    }
}
