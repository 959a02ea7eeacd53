//! Python list literals, as some published tables hold them in a cell.

use std::iter::Peekable;

/// The strings of a literal such as `['a', "b's"]`; none if the text is anything else, or is cut.
pub(crate) fn strings(text: &str) -> Option<Vec<String>> {
    let mut chars = text.trim().strip_prefix('[')?.strip_suffix(']')?.chars().peekable();
    let mut found = Vec::new();
    loop {
        while chars.next_if(|c| c.is_whitespace() || *c == ',').is_some() {}
        let Some(quote) = chars.next() else { return Some(found) };
        if quote != '\'' && quote != '"' {
            return None;
        }
        let mut string = String::new();
        loop {
            match chars.next()? {
                '\\' => escaped(&mut chars, &mut string)?,
                end if end == quote => break,
                other => string.push(other),
            }
        }
        found.push(string);
    }
}

/// The strings of a list whose end was cut off, by whatever ending makes it one; none if none does.
pub(crate) fn strings_of_cut(text: &str) -> Option<Vec<String>> {
    ["']", "\"]", "]"].iter().find_map(|ending| strings(&format!("{text}{ending}")))
}

/// Bytes written out one by one are UTF-8 in the tables read here, so they are taken together.
fn escaped(
    chars: &mut Peekable<impl Iterator<Item = char> + Clone>,
    string: &mut String,
) -> Option<()> {
    match chars.next()? {
        'n' => string.push('\n'),
        't' => string.push('\t'),
        'x' => {
            let mut bytes = vec![hex(chars)?];
            while bytes.last().is_some_and(|byte| *byte >= 0x80) && next_is_byte(chars) {
                chars.nth(1);
                bytes.push(hex(chars)?);
            }
            string.push_str(&String::from_utf8_lossy(&bytes));
        }
        other => string.push(other),
    }
    Some(())
}

fn next_is_byte(chars: &Peekable<impl Iterator<Item = char> + Clone>) -> bool {
    let mut ahead = chars.clone();
    ahead.next() == Some('\\') && ahead.next() == Some('x')
}

fn hex(chars: &mut impl Iterator<Item = char>) -> Option<u8> {
    let (high, low) = (chars.next()?.to_digit(16)?, chars.next()?.to_digit(16)?);
    u8::try_from(high * 16 + low).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_quotes_and_escapes_are_read() {
        let text = r#"['plain', "it's", 'it\'s', 'a\nb', "c, d"]"#;
        assert_eq!(strings(text).unwrap(), ["plain", "it's", "it's", "a\nb", "c, d"]);
        assert_eq!(strings("[]").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn written_out_bytes_become_letters() {
        assert_eq!(strings(r"['\xe2\x80\x9cx\xc3\xa9', '\x41\x42']").unwrap(), ["“xé", "AB"]);
        assert_eq!(strings(r"['\xe2']").unwrap(), ["\u{fffd}"]);
        assert_eq!(strings(r"['\xg1']"), None);
    }

    #[test]
    fn cut_lists_are_closed() {
        assert_eq!(strings_of_cut("['a', 'b c").unwrap(), ["a", "b c"]);
        assert_eq!(strings_of_cut("['a', \"b's").unwrap(), ["a", "b's"]);
        assert_eq!(strings_of_cut("['a'").unwrap(), ["a"]);
        assert_eq!(strings_of_cut("a"), None);
    }

    #[test]
    fn what_is_cut_or_no_list_of_strings_is_refused() {
        for text in ["['a', 'b", "a", "", "[1, 2]", "['a' b]"] {
            assert_eq!(strings(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "(?s).{0,60}") {
            let _ = (strings(&text), strings_of_cut(&text));
        }

        #[test]
        fn written_lists_are_read_back(list in prop::collection::vec("[a-z', ]{0,8}", 0..5)) {
            let quoted: Vec<String> =
                list.iter().map(|s| format!("'{}'", s.replace('\\', "\\\\").replace('\'', "\\'"))).collect();
            prop_assert_eq!(strings(&format!("[{}]", quoted.join(", "))).unwrap(), list);
        }
    }
}
