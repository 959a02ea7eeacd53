//! Tokens of English and Chinese text.

/// Splits text into lower-case tokens by the conventions of the Penn Treebank, which published overlap
/// scores of English support dialogues rest on: clitics stand alone (`do n't`, `i 'm`), so does punctuation,
/// and so does the full stop of a word that ends a sentence. Abbreviations are not known: each word with a
/// closing full stop ends a sentence here. Each Chinese character is a token.
pub fn tokens(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let mut found = Vec::new();
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let ends = words.peek().is_none() || ends_sentence(word);
        split_word(word, ends, &mut found);
    }
    found
}

fn ends_sentence(word: &str) -> bool {
    word.trim_end_matches(['"', '\'', ')', ']', '}', '>']).ends_with(['.', '!', '?'])
}

fn split_word(word: &str, ends_sentence: bool, to: &mut Vec<String>) {
    let chars: Vec<char> = word.chars().collect();
    let mut pending = String::new();
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        let rest = chars.get(at + 1..).unwrap_or_default();
        let run = chars.iter().skip(at).take_while(|next| **next == c).count();
        if c == '.' && run >= 3 || c == '-' && run >= 2 {
            flush(&mut pending, to);
            to.push(c.to_string().repeat(run.min(if c == '.' { 3 } else { 2 })));
            at += run;
            continue;
        }
        let closes = rest.iter().all(|c| matches!(c, '"' | '\'' | ')' | ']' | '}' | '>'));
        let alone = match c {
            '.' => ends_sentence && closes,
            ',' | ':' => !rest.first().is_some_and(char::is_ascii_digit),
            '\'' => pending.is_empty() && rest.is_empty(),
            _ => is_mark(c) || is_chinese(c),
        };
        if alone {
            flush(&mut pending, to);
            to.push(c.to_string());
        } else {
            pending.push(c);
        }
        at += 1;
    }
    flush(&mut pending, to);
}

/// Takes the collected word, with its clitic apart.
fn flush(pending: &mut String, to: &mut Vec<String>) {
    let word = std::mem::take(pending);
    for clitic in ["n't", "'ll", "'re", "'ve", "'s", "'m", "'d", "'"] {
        if let Some(stem) = word.strip_suffix(clitic)
            && !stem.is_empty()
        {
            to.push(stem.to_owned());
            to.push(clitic.to_owned());
            return;
        }
    }
    for (first, second) in [("can", "not"), ("gon", "na"), ("wan", "na"), ("got", "ta")] {
        if word.strip_prefix(first) == Some(second) {
            to.extend([first.to_owned(), second.to_owned()]);
            return;
        }
    }
    if !word.is_empty() {
        to.push(word);
    }
}

fn is_mark(c: char) -> bool {
    matches!(
        c,
        ';' | '@' | '#' | '$' | '%' | '&' | '?' | '!' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '"'
            | '\u{201c}' | '\u{201d}' | '\u{2026}' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}'
    )
}

fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2fa1f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(text: &str) -> String {
        tokens(text).join("|")
    }

    #[test]
    fn english_is_split_as_the_treebank_does() {
        assert_eq!(split("I don't know."), "i|do|n't|know|.");
        assert_eq!(split("I'm sorry, it's Dr. Lee's."), "i|'m|sorry|,|it|'s|dr|.|lee|'s|.");
        assert_eq!(
            split("At 10:30 it cost 1,000... (really?)"),
            "at|10:30|it|cost|1,000|...|(|really|?|)"
        );
        assert_eq!(split("You cannot -- wanna go!"), "you|can|not|--|wan|na|go|!");
        assert_eq!(split(""), "");
    }

    #[test]
    fn chinese_is_split_by_characters_and_marks() {
        assert_eq!(split("我很难过，really！"), "我|很|难|过|，|really|！");
    }

    proptest! {
        #[test]
        fn no_character_is_lost_or_added(text in "[a-z',.!?:0-9 -]{0,60}") {
            let kept: String = tokens(&text).concat();
            let expected: String = text.to_lowercase().split_whitespace().collect();
            // Long runs of full stops and hyphens are cut to the usual three and two.
            if !text.contains("....") && !text.contains("---") {
                prop_assert_eq!(kept, expected);
            }
        }

        #[test]
        fn any_text_is_taken(text in "(?s).{0,80}") {
            let _ = tokens(&text);
        }
    }
}
