//! What a service repeats of a request, and what says nothing about what went wrong: somebody who writes of a balance is not out of credit.

use std::collections::HashSet;

/// So many characters in a row that were sent are no accident.
const RUN: usize = 24;
/// The most of a request that is compared.
const SENT_LIMIT: usize = 256 * 1024;
/// So many words in quotes are no name of a field or a mode.
const WORDS: usize = 6;

/// The text without what it repeats of `sent`, and without long quotes that are said to be what came.
pub(super) fn without(text: &str, sent: &[&str]) -> String {
    unquoted(&unsent(text, sent))
}

/// Blanks out every run of characters that was sent.
fn unsent(text: &str, sent: &[&str]) -> String {
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let runs = |text: &str, starts: &[usize]| -> HashSet<String> {
        let spans = starts.iter().zip(starts.iter().skip(RUN));
        spans.filter_map(|(from, to)| Some(text.get(*from..*to)?.to_owned())).collect()
    };
    let own = runs(text, &starts);
    if own.is_empty() {
        return text.to_owned();
    }
    let mut known: HashSet<&str> = HashSet::new();
    for sent in sent {
        let places: Vec<usize> =
            sent.char_indices().map(|(at, _)| at).chain([sent.len()]).take(SENT_LIMIT).collect();
        let spans = places.iter().zip(places.iter().skip(RUN));
        known.extend(
            spans.filter_map(|(from, to)| sent.get(*from..*to)).filter(|run| own.contains(*run)),
        );
    }
    let mut kept = String::with_capacity(text.len());
    let mut blank_until = 0;
    for (place, (at, sign)) in text.char_indices().enumerate() {
        let end = starts.get(place + RUN).copied();
        if end.and_then(|end| text.get(at..end)).is_some_and(|run| known.contains(run)) {
            blank_until = end.unwrap_or(blank_until);
        }
        kept.push(if at < blank_until { ' ' } else { sign });
    }
    kept
}

/// Drops long quotes after words that say that this is what came.
fn unquoted(text: &str) -> String {
    const BEFORE: [&str; 14] = [
        "'input'",
        "\"input\"",
        "input_value=",
        "value",
        "text",
        "content",
        "input",
        "prompt",
        "string",
        "was",
        "got",
        "received",
        "found",
        "the message",
    ];
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\'', '“', '`']) {
        let (before, quoted) = rest.split_at(at);
        kept.push_str(before);
        let Some(open) = quoted.chars().next() else { break };
        let close = if open == '“' { '”' } else { open };
        let inner = quoted.get(open.len_utf8()..).unwrap_or_default();
        let lead = kept.trim_end().trim_end_matches([':', '=']).trim_end().to_lowercase();
        let end = closing(inner, close);
        let is_echo = BEFORE.iter().any(|word| lead.ends_with(word.trim_end_matches('=')))
            && inner.get(..end).unwrap_or(inner).split_whitespace().count() >= WORDS;
        kept.push(open);
        rest = if is_echo { inner.get(end..).unwrap_or_default() } else { inner };
    }
    kept.push_str(rest);
    kept
}

/// Where a quote ends: at a sign that closes it and is no apostrophe within a word, or with the text.
fn closing(inner: &str, close: char) -> usize {
    let mut places = inner.match_indices(close).map(|(at, _)| at);
    let ends = |at: &usize| {
        let after = inner.get(*at + close.len_utf8()..).and_then(|after| after.chars().next());
        !after.is_some_and(char::is_alphanumeric)
    };
    places.find(ends).unwrap_or(inner.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_was_sent_is_blanked_out_and_the_rest_stays() {
        let sent = "Nobody flagged this. My balance is gone and I'm out of credit, she said to me.";
        let text = format!("Cannot read >{}<: bad request", &sent[20..70]);
        let left = without(&text, &[sent]);
        assert!(left.starts_with("Cannot read >") && left.ends_with("<: bad request"));
        assert!(!left.contains("credit"), "{left}");
        assert_eq!(without("Your credit is gone.", &[sent]), "Your credit is gone.");
    }

    #[test]
    fn long_quotes_of_what_came_are_dropped() {
        for text in [
            "[{'msg': 'Input should be a string', 'input': 'they said that I'm out of credit again'}]",
            "[type=string_type, input_value='we are out of credit, he told me', input_type=str]",
            "Invalid value: \"my sister says we are out of credit\" is no list",
            "text was: “all of us are out of credit here”",
        ] {
            let left = without(text, &[]);
            assert!(!left.contains("credit"), "{left}");
        }
        for text in [
            "Use 'credit' and 'prompt' here",
            "{'error': {'message': \"This account is out of credit, add some to go on\"}}",
            "please turn off the \"use free credit only\" mode",
        ] {
            assert_eq!(without(text, &[]), text);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "\\PC{0,80}|(value |'|\"|“|”|a b c d e f g){0,9}", sent in "\\PC{0,80}") {
            let _ = without(&text, &[&sent, &text]);
        }
    }
}
