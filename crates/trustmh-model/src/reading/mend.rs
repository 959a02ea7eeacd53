//! JSON that is none by the letter, such as Python and careless gateways write: halves of characters, NaN, raw line breaks.

use serde_json::Value;
use std::iter::Peekable;
use std::str::Chars;

use super::Texts;

/// The text with everything replaced that no JSON reader takes. Half a surrogate pair becomes U+FFFD; a word that is no value becomes
/// null; a comma before a closing bracket goes.
pub(super) fn mended(text: &str) -> (String, Texts) {
    let mut out = String::with_capacity(text.len());
    let mut texts = Texts::AsSent;
    let mut rest = text.chars().peekable();
    while let Some(sign) = rest.next() {
        match sign {
            '"' => {
                out.push('"');
                texts = texts.and(string(&mut rest, &mut out));
            }
            ',' if closes(&rest) => {}
            sign if is_of_word(sign) => {
                let mut word = String::from(sign);
                while let Some(next) = rest.next_if(|next| is_of_word(*next)) {
                    word.push(next);
                }
                out.push_str(literal(&word));
            }
            sign => out.push(sign),
        }
    }
    (out, texts)
}

fn is_of_word(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || matches!(sign, '+' | '-' | '.' | '_')
}

/// Whether the next sign that is no blank closes a list or an object.
fn closes(rest: &Peekable<Chars<'_>>) -> bool {
    rest.clone().find(|sign| !sign.is_whitespace()).is_some_and(|sign| matches!(sign, ']' | '}'))
}

fn literal(word: &str) -> &str {
    match word {
        "True" => "true",
        "False" => "false",
        word if serde_json::from_str::<Value>(word).is_ok() => word,
        _ => "null",
    }
}

/// The rest of a string, its closing quote included.
fn string(rest: &mut Peekable<Chars<'_>>, out: &mut String) -> Texts {
    let mut texts = Texts::AsSent;
    while let Some(sign) = rest.next() {
        match sign {
            '"' => {
                out.push('"');
                return texts;
            }
            '\\' => texts = texts.and(escape(rest, out)),
            sign if sign.is_control() && sign.is_ascii() => {
                out.push_str(&format!("\\u{:04x}", u32::from(sign)));
            }
            sign => out.push(sign),
        }
    }
    texts
}

fn escape(rest: &mut Peekable<Chars<'_>>, out: &mut String) -> Texts {
    match rest.next() {
        Some('u') => match unit(rest) {
            Some(high @ 0xd800..=0xdbff) => {
                let mut ahead = rest.clone();
                let low = (ahead.next() == Some('\\') && ahead.next() == Some('u'))
                    .then(|| unit(&mut ahead))
                    .flatten()
                    .filter(|low| (0xdc00..=0xdfff).contains(low));
                match low {
                    Some(low) => {
                        out.push_str(&format!("\\u{high:04x}\\u{low:04x}"));
                        *rest = ahead;
                        Texts::AsSent
                    }
                    None => replaced(out),
                }
            }
            Some(0xdc00..=0xdfff) | None => replaced(out),
            Some(unit) => {
                out.push_str(&format!("\\u{unit:04x}"));
                Texts::AsSent
            }
        },
        Some(sign @ ('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't')) => {
            out.extend(['\\', sign]);
            Texts::AsSent
        }
        Some(sign) => {
            out.extend(['\\', '\\']);
            out.push(sign);
            Texts::AsSent
        }
        None => Texts::AsSent,
    }
}

fn replaced(out: &mut String) -> Texts {
    out.push('\u{fffd}');
    Texts::Mended
}

/// Four hexadecimal digits; of fewer, those that are there are taken and there is no unit.
fn unit(rest: &mut Peekable<Chars<'_>>) -> Option<u32> {
    let mut unit = 0;
    for _ in 0..4 {
        let digit = rest.next_if(char::is_ascii_hexdigit)?.to_digit(16)?;
        unit = unit * 16 + digit;
    }
    Some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(text: &str) -> Value {
        serde_json::from_str(&mended(text).0).unwrap()
    }

    #[test]
    fn what_no_reader_takes_is_replaced() {
        assert_eq!(read(r#"{"a":"so \ud83d so"}"#), json!({ "a": "so \u{fffd} so" }));
        assert_eq!(
            read(r#"{"a":"\udc00\ud83d\ud83d\ude00"}"#),
            json!({ "a": "\u{fffd}\u{fffd}\u{1f600}" })
        );
        assert_eq!(
            read(r#"[NaN, -Infinity, undefined, None, True, 1e999, 01]"#),
            json!([null, null, null, null, true, null, null])
        );
        assert_eq!(read("{\"a\":\"one\ntwo\t\"}"), json!({ "a": "one\ntwo\t" }));
        assert_eq!(read(r#"{"a":[1,2,], }"#), json!({ "a": [1, 2] }));
        assert_eq!(read(r#"{"a":"it\'s \u12 NaN"}"#), json!({ "a": "it\\'s \u{fffd} NaN" }));
    }

    proptest! {
        #[test]
        fn good_json_keeps_its_meaning(text in "\\PC{0,40}", number in any::<i64>()) {
            let value = json!({ "t": [text, number, null, true] });
            prop_assert_eq!(read(&value.to_string()), value.clone());
            prop_assert_eq!(mended(&value.to_string()).1, Texts::AsSent);
        }
    }
}
