//! Reading an emotion and its cause as two letters.

use regex_lite::Regex;
use std::sync::LazyLock;

use trustmh_core::item::option_letter;

use super::decision::{self, Reading};
use super::dress::Pattern;
use super::json::{Found, field_among};
use super::mention::Options;
use super::sound;
use super::structured::{option_of, own_field, own_objects, without_objects};
use super::{continuation, dress};

const EMOTIONS: [&str; 19] = [
    "emotion",
    "predicted emotion",
    "emotions",
    "emotion choice",
    "emotion answer",
    "emotion letter",
    "emotion option",
    "selected emotion",
    "feeling",
    "feelings",
    "felt",
    "emotional state",
    "predominant emotion",
    "emotion label",
    "情绪",
    "情感",
    "感受",
    "情绪选项",
    "情感选项",
];
const CAUSES: [&str; 15] = [
    "cause",
    "predicted cause",
    "causes",
    "cause choice",
    "cause answer",
    "cause letter",
    "cause option",
    "selected cause",
    "emotion cause",
    "cause of emotion",
    "cause of the emotion",
    "cause label",
    "原因",
    "起因",
    "情绪原因",
];

/// The letters of emotion and cause, each among its options, by what the writer commits to last: two fields of an object, else two
/// stated or labelled answers, else nothing but the two in the order asked. Texts of options stand for their letters.
pub fn read<S: AsRef<str>>(reply: &str, emotions: &[S], causes: &[S]) -> Option<(char, char)> {
    let both = Both { emotions: Options::new(emotions), causes: Options::new(causes) };
    if let Some((emotion, cause)) = both.pair(&dress::taken_off(reply)) {
        return Some((option_letter(emotion.option()?)?, option_letter(cause.option()?)?));
    }
    for part in continuation::parts(reply) {
        match both.read(part) {
            (Reading::Nothing, Reading::Nothing) => {}
            (emotion, cause) => {
                return Some((option_letter(emotion.option()?)?, option_letter(cause.option()?)?));
            }
        }
    }
    None
}

struct Both {
    emotions: Options,
    causes: Options,
}

impl Both {
    fn read(&self, part: &str) -> (Reading, Reading) {
        let objects = own_objects(part, &EMOTIONS);
        let Some(emotion) = own_field(part, &objects, &EMOTIONS, &self.emotions) else {
            return self.prose(&dress::taken_off(&without_objects(part)));
        };
        let cause = cause_beside(&objects, &emotion.place);
        let cause = cause.map_or(Reading::Unreadable, |value| option_of(&value, &self.causes));
        let read = (option_of(&emotion.value, &self.emotions), cause);
        let after =
            dress::taken_off(&without_objects(part.get(emotion.place.end..).unwrap_or_default()));
        self.corrected(read, &after)
    }
}

/// Which of the two questions a piece of text speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Emotion,
    Cause,
}

impl Both {
    fn prose(&self, plain: &str) -> (Reading, Reading) {
        let named = self.named(plain);
        match named {
            (Reading::Nothing, _) | (_, Reading::Nothing) => {
                // What one name says must be what the texts say.
                let agrees =
                    |named: Reading, text: Reading| named == Reading::Nothing || named == text;
                let texts = self.texts(plain);
                texts
                    .filter(|texts| agrees(named.0, texts.0) && agrees(named.1, texts.1))
                    .unwrap_or(named)
            }
            (
                Reading::Unreadable | Reading::Decided(_),
                Reading::Unreadable | Reading::Decided(_),
            ) => named,
        }
    }

    /// What is said of each question by its name.
    fn named(&self, plain: &str) -> (Reading, Reading) {
        let of = |question: Question, options: &Options| {
            let said = pieces(plain, question);
            if said.is_empty() { Reading::Nothing } else { decision::read_plain(&said, options) }
        };
        (of(Question::Emotion, &self.emotions), of(Question::Cause, &self.causes))
    }

    /// Nothing but two letters, in the order in which they were asked for unless they are named otherwise.
    fn pair(&self, plain: &str) -> Option<(Reading, Reading)> {
        const BESIDE: [&str; 28] = [
            "第一题",
            "第二题",
            "答案",
            "选",
            "answer",
            "answers",
            "the",
            "are",
            "is",
            "question",
            "q1",
            "q2",
            "q",
            "1",
            "2",
            "first",
            "second",
            "option",
            "options",
            "and",
            "my",
            "final",
            "both",
            "emotion",
            "cause",
            "choice",
            "then",
            "for",
        ];
        let lower = plain.to_lowercase();
        let words = lower
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty() && !BESIDE.contains(word));
        let mut letters =
            words.map(|word| if word.len() == 1 { word.chars().next() } else { None });
        let (first, second) = (letters.next()??, letters.next()??);
        let one_named = lower.contains("emotion") != lower.contains("cause");
        if letters.next().is_some() || one_named {
            return None;
        }
        let cause_first = lower
            .find("cause")
            .zip(lower.find("emotion"))
            .is_some_and(|(cause, emotion)| cause < emotion);
        let (emotion, cause) = if cause_first { (second, first) } else { (first, second) };
        let letter = |letter: char, options: &Options| {
            decision::read_plain(&letter.to_ascii_uppercase().to_string(), options)
        };
        Some((letter(emotion, &self.emotions), letter(cause, &self.causes)))
    }

    /// One emotion and one cause in the words of their options, in a short text without any other.
    fn texts(&self, plain: &str) -> Option<(Reading, Reading)> {
        if plain.chars().count() > 600 {
            return None;
        }
        let emotion = decision::sole_text(plain, &self.emotions)?;
        let cause = decision::sole_text(plain, &self.causes)?;
        Some((Reading::Decided(emotion), Reading::Decided(cause)))
    }

    /// The reading, with what a correction after it puts in its place.
    fn corrected(&self, read: (Reading, Reading), after: &str) -> (Reading, Reading) {
        let of = |question: Question, options: &Options| {
            if decision::turns_back(after, options) {
                decision::read_plain(&pieces(after, question), options)
            } else {
                Reading::Nothing
            }
        };
        let instead = |old: Reading, new: Reading| if new.option().is_some() { new } else { old };
        (
            instead(read.0, of(Question::Emotion, &self.emotions)),
            instead(read.1, of(Question::Cause, &self.causes)),
        )
    }
}

/// The pieces of the text that speak of one of the questions, a line each, with "answer" in place of its name.
fn pieces(plain: &str, question: Question) -> String {
    static NAMES: Pattern = LazyLock::new(|| {
        sound(Regex::new(concat!(
            r"(?i)(?P<emotion>\bemotion(?:al state)?s?\b|\bfeelings?\b|\bmood\b|情绪|情感|感受|心情)|(?P<felt>\b(?:feels?|felt|feeling)\b)",
            r"|(?P<cause>\bcauses?\b|\btriggers?\b|原因|起因|缘由|理由)|(?P<why>\breasons?\s*(?:is\b|:|=|-)|\b(?:why|reason for)\b[^.:\n]{0,40}:)"
        )))
    });
    let mut said = String::new();
    for line in plain.lines() {
        let found: Vec<_> = NAMES.captures_iter(line).collect();
        let unnamed =
            found.first().and_then(|found| found.get(0)).map_or(line.len(), |m| m.start());
        let unnamed = line.get(..unnamed).unwrap_or_default();
        // Who turns back does so in both questions.
        if decision::opens_turn(unnamed) {
            said.push('\n');
            said.push_str(unnamed);
            said.push('\n');
        }
        let mut current = None;
        let mut done = 0;
        for captures in &found {
            let Some(whole) = captures.get(0) else { continue };
            let (asked, word) = match () {
                () if captures.name("emotion").is_some() => (Question::Emotion, "answer"),
                () if captures.name("felt").is_some() => (Question::Emotion, "answer is"),
                () if captures.name("cause").is_some() => (Question::Cause, "answer"),
                () => (Question::Cause, "answer:"),
            };
            let word = if whole.as_str().is_ascii() { word } else { "答案" };
            if current == Some(question) {
                said.push_str(line.get(done..whole.start()).unwrap_or_default());
            }
            if current != Some(asked) && asked == question {
                said.push('\n');
                said.push_str(lead(line.get(done..whole.start()).unwrap_or_default()));
            }
            if asked == question {
                said.push_str(word);
            }
            (current, done) = (Some(asked), whole.end());
        }
        if current == Some(question) {
            said.push_str(line.get(done..).unwrap_or_default());
        }
        said.push('\n');
    }
    said.trim().to_owned()
}

/// What the sentence says before its cue: whose opinion it is, for what case, or that it corrects.
fn lead(before: &str) -> &str {
    let end = before.rfind(['.', '!', '?', ';', '。']).map_or(0, |at| at + 1);
    before.get(end..).or_else(|| before.split(['。']).next_back()).unwrap_or_default()
}

/// The cause in the same object, else the last in an object of its own.
fn cause_beside(objects: &[Found], place: &std::ops::Range<usize>) -> Option<serde_json::Value> {
    let within: Vec<Found> = objects
        .iter()
        .filter(|one| one.place.start >= place.start && one.place.end <= place.end)
        .cloned()
        .collect();
    [&CAUSES[..], &["reason", "why"]].iter().find_map(|names| {
        let field = field_among(&within, names).or_else(|| field_among(objects, names));
        field.map(|field| field.value)
    })
}

#[cfg(test)]
mod examples;
