//! Python list literals, as some published tables hold them in a cell.

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
                '\\' => string.push(match chars.next()? {
                    'n' => '\n',
                    't' => '\t',
                    other => other,
                }),
                end if end == quote => break,
                other => string.push(other),
            }
        }
        found.push(string);
    }
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
    fn what_is_cut_or_no_list_of_strings_is_refused() {
        for text in ["['a', 'b", "a", "", "[1, 2]", "['a' b]"] {
            assert_eq!(strings(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "(?s).{0,60}") {
            let _ = strings(&text);
        }

        #[test]
        fn written_lists_are_read_back(list in prop::collection::vec("[a-z', ]{0,8}", 0..5)) {
            let quoted: Vec<String> =
                list.iter().map(|s| format!("'{}'", s.replace('\\', "\\\\").replace('\'', "\\'"))).collect();
            prop_assert_eq!(strings(&format!("[{}]", quoted.join(", "))).unwrap(), list);
        }
    }
}
