//! A conversation as a text file: `user:` and `chatbot:` at the beginning of a line begin a turn, and a turn may have many lines.

use trustmh_core::item::{Begins, Client, Conversation, RecordedTurn, Side};

use crate::error::{DataError, Place};

/// What begins a turn, in lower case.
const SPEAKERS: [(&str, Side); 2] = [("user:", Side::Client), ("chatbot:", Side::Subject)];

/// A conversation, and what had to be mended.
#[derive(Debug)]
pub(super) struct Transcript {
    pub(super) turns: Vec<RecordedTurn>,
    /// Turns that followed one of the same side and were put together with it.
    pub(super) joined: usize,
    /// Turns without a word. They stay: that a product said nothing is part of what took place.
    pub(super) blank: usize,
    /// Lines before the first turn, left out.
    pub(super) before: usize,
}

/// Reads a conversation.
pub(super) fn read(text: &str, file: &str) -> Result<Transcript, DataError> {
    let mut found = Transcript { turns: Vec::new(), joined: 0, blank: 0, before: 0 };
    let mut open: Option<RecordedTurn> = None;
    for line in text.lines() {
        match (begun(line), open.as_mut()) {
            (Some(turn), _) => {
                if let Some(done) = open.replace(turn) {
                    found.close(done);
                }
            }
            (None, Some(turn)) => {
                turn.text.push('\n');
                turn.text.push_str(line);
            }
            (None, None) => found.before += usize::from(!line.trim().is_empty()),
        }
    }
    if let Some(done) = open {
        found.close(done);
    }
    if !found.turns.iter().any(|turn| turn.speaker == Side::Subject) {
        let expected = "turns that begin with `user:` and `chatbot:`, at least one of the chatbot";
        return Err(DataError::value(Place::file(file), "the text", text, expected));
    }
    Ok(found)
}

/// The turn that begins with this line, if one does.
fn begun(line: &str) -> Option<RecordedTurn> {
    let line = line.trim_start_matches('\u{feff}');
    SPEAKERS.into_iter().find_map(|(mark, speaker)| {
        let start = line.get(..mark.len())?;
        start.eq_ignore_ascii_case(mark).then(|| {
            let text = line.get(mark.len()..).unwrap_or_default().to_owned();
            RecordedTurn { speaker, text, at: None }
        })
    })
}

impl Transcript {
    fn close(&mut self, turn: RecordedTurn) {
        let text = turn.text.trim().to_owned();
        self.blank += usize::from(text.is_empty());
        match self.turns.last_mut() {
            Some(last) if last.speaker == turn.speaker => {
                last.text.push_str("\n\n");
                last.text.push_str(&text);
                self.joined += 1;
            }
            Some(_) | None => {
                self.turns.push(RecordedTurn { speaker: turn.speaker, text, at: None })
            }
        }
    }

    /// The conversation, as something that took place.
    pub(super) fn conversation(
        self,
        situation: String,
        place: &Place,
    ) -> Result<Conversation, DataError> {
        let begins = match self.turns.first().map(|turn| turn.speaker) {
            Some(Side::Subject) => Begins::Subject,
            Some(Side::Client) | None => Begins::Client,
        };
        let conversation = Conversation {
            situation,
            region: None,
            begins,
            greeting: None,
            most_turns: None,
            secret_facts: Vec::new(),
            client: Client::Recorded { turns: self.turns },
        };
        match conversation.fault() {
            Some(fault) => Err(DataError::value(place.clone(), "the turns", "a transcript", fault)),
            None => Ok(conversation),
        }
    }

    /// `zh` where more than a third of the letters are Chinese.
    pub(super) fn language(&self) -> &'static str {
        let letters = || self.turns.iter().flat_map(|turn| turn.text.chars());
        let all = letters().filter(|sign| sign.is_alphabetic()).count();
        let chinese = letters().filter(|sign| ('\u{4e00}'..='\u{9fff}').contains(sign)).count();
        if chinese * 3 > all { "zh" } else { "en" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(transcript: &Transcript) -> Vec<(Side, &str)> {
        transcript.turns.iter().map(|turn| (turn.speaker, turn.text.as_str())).collect()
    }

    #[test]
    fn turns_keep_their_lines_and_their_blank_lines() {
        let text = "\u{feff}user: hello\r\n\r\nchatbot: One.\r\n\r\n* two: a list\r\nuser:bye\r\n";
        let found = read(text, "t.txt").unwrap();
        let wanted = [
            (Side::Client, "hello"),
            (Side::Subject, "One.\n\n* two: a list"),
            (Side::Client, "bye"),
        ];
        assert_eq!(said(&found), wanted);
        assert_eq!((found.joined, found.blank, found.before), (0, 0, 0));
        assert_eq!(found.language(), "en");
    }

    #[test]
    fn turns_of_one_side_are_put_together_and_blank_ones_stay() {
        let text = "A heading\nuser: one\nuser: two\nchatbot:  \nUSER: three\nChatbot: 你好，最近怎么样？\n";
        let found = read(text, "t.txt").unwrap();
        let wanted = [
            (Side::Client, "one\n\ntwo"),
            (Side::Subject, ""),
            (Side::Client, "three"),
            (Side::Subject, "你好，最近怎么样？"),
        ];
        assert_eq!(said(&found), wanted);
        assert_eq!((found.joined, found.blank, found.before), (1, 1, 1));
        // Words of Chinese have few signs: a third of all letters is enough.
        assert_eq!(found.language(), "zh");
    }

    #[test]
    fn a_text_without_a_turn_of_the_chatbot_is_no_conversation() {
        for text in ["", "Notes of a day.", "user: hello\n"] {
            let fault = read(text, "t.txt").unwrap_err().to_string();
            assert!(fault.starts_with("t.txt: the text is"), "{fault}");
        }
    }

    #[test]
    fn more_turns_than_there_may_be_are_refused() {
        let text = "user: a\nchatbot: b\n".repeat(101);
        let found = read(&text, "t.txt").unwrap();
        let fault = found.conversation(String::new(), &Place::file("t.txt")).unwrap_err();
        assert!(fault.to_string().contains("101"), "{fault}");
    }
}
