//! Reading an emotion and its cause as two letters.

use regex_lite::Regex;
use std::sync::LazyLock;

use trustmh_core::item::option_letter;

use super::decision::{self, Reading};
use super::dress::Pattern;
use super::json::{Found, field_among};
use super::mention::Options;
use super::structured::{option_of, own_objects, without_objects};
use super::{continuation, dress};

const EMOTIONS: [&str; 18] = [
    "emotion",
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
const CAUSES: [&str; 16] = [
    "cause",
    "causes",
    "cause choice",
    "cause answer",
    "cause letter",
    "cause option",
    "selected cause",
    "emotion cause",
    "reason",
    "why",
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
        let Some(emotion) = field_among(&objects, &EMOTIONS) else {
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
        if let Some(pair) = self.pair(plain) {
            return pair;
        }
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
        const BESIDE: [&str; 24] = [
            "answer", "answers", "the", "are", "is", "question", "q1", "q2", "q", "1", "2",
            "first", "second", "option", "options", "and", "my", "final", "both", "emotion",
            "cause", "choice", "then", "for",
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
        Regex::new(concat!(
            r"(?i)(?P<emotion>\bemotion(?:al state)?s?\b|\bfeelings?\b|\bmood\b|情绪|情感|感受|心情)|(?P<felt>\b(?:feels?|felt|feeling)\b)",
            r"|(?P<cause>\bcauses?\b|\btriggers?\b|原因|起因|缘由|理由)|(?P<why>\breasons?\s*(?:is\b|:|=|-)|\b(?:why|reason for)\b[^.:\n]{0,40}:)"
        ))
        .ok()
    });
    let Some(names) = NAMES.as_ref() else { return String::new() };
    let mut said = String::new();
    for line in plain.lines() {
        let found: Vec<_> = names.captures_iter(line).collect();
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
    field_among(&within, &CAUSES).or_else(|| field_among(objects, &CAUSES)).map(|field| field.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use trustmh_core::item::option_index;

    const EMOTIONS: [&str; 6] =
        ["Joy", "Grief and anger", "Grief and gratitude", "Embarrassment", "Jealousy", "Worry"];
    const CAUSES: [&str; 4] = [
        "Her dog came home",
        "Her sister forgot the visit",
        "She spilled soup on the guest",
        "The letter did not arrive",
    ];
    const CHINESE_EMOTIONS: [&str; 4] = ["喜悦", "尴尬", "担心", "感激"];
    const CHINESE_CAUSES: [&str; 4] =
        ["小狗回家了", "姐姐忘了来访", "她把汤洒在客人身上", "信没有寄到"];

    fn check(emotions: &[&str], causes: &[&str], examples: &[(&str, &str)]) {
        let otherwise: Vec<String> = examples
            .iter()
            .filter_map(|(reply, wanted)| {
                let read = read(reply, emotions, causes);
                let read =
                    read.map(|(emotion, cause)| format!("{emotion}{cause}")).unwrap_or_default();
                (read != *wanted).then(|| format!("{reply:?} reads {read:?}, not {wanted:?}"))
            })
            .collect();
        assert!(otherwise.is_empty(), "{}:\n{}", otherwise.len(), otherwise.join("\n"));
    }

    #[test]
    fn objects_are_read() {
        check(
            &EMOTIONS,
            &CAUSES,
            &[
                (r#"{"emotion": "D", "cause": "C"}"#, "DC"),
                (
                    "```json\n{\"emotion\": \"d\", \"cause\": \"C) She spilled soup on the guest\"}\n```",
                    "DC",
                ),
                (r#"{'emotion': 'D', 'cause': 'C',}"#, "DC"),
                (r#"{emotion: D, cause: C}"#, "DC"),
                (r#"{"EMOTION": "(d)", "CAUSE": "(c)"}"#, "DC"),
                (r#"{"emotion": "Embarrassment", "cause": "She spilled soup on the guest"}"#, "DC"),
                (r#"{"emotion": "D. Embarrassment", "cause": "C"}"#, "DC"),
                (
                    r#"{"emotion": {"letter": "D", "text": "Embarrassment"}, "cause": {"letter": "C"}}"#,
                    "DC",
                ),
                (r#"{"emotion": ["D"], "cause": ["C"]}"#, "DC"),
                (r#"{"answer": {"emotion": "D", "cause": "C"}}"#, "DC"),
                (r#"[{"emotion": "D"}, {"cause": "C"}]"#, "DC"),
                (r#"{"emotion": "D"} {"cause": "C"}"#, "DC"),
                (r#"{"emotion_choice": "D", "cause_choice": "C"}"#, "DC"),
                (r#"{"feeling": "D", "reason": "C"}"#, "DC"),
                (
                    r#"{"emotion": "A", "cause": "A"} No, she spilled it: {"emotion": "D", "cause": "C"}"#,
                    "DC",
                ),
                (
                    r#"{"emotion": "<one letter>", "cause": "<one letter>"} {"emotion": "D", "cause": "C"}"#,
                    "DC",
                ),
                (r#"{"emotion": "D", "cause": "C", "note": "she is"#, "DC"),
                (
                    "{\"emotion\": \"D\", \"cause\": \"C\"}\n\nEmotion A would need the dog, and cause B the sister.",
                    "DC",
                ),
                ("{\"emotion\": \"D\", \"cause\": \"B\"}\n\nWait, the cause is C.", "DC"),
                (r#"{"emotion": "D"}"#, ""),
                (r#"{"cause": "C"}"#, ""),
                (r#"{"emotion": "D or E", "cause": "C"}"#, ""),
                (r#"{"emotion": ["D", "E"], "cause": "C"}"#, ""),
                (r#"{"emotion": "G", "cause": "C"}"#, ""),
                (r#"{"emotion": "D", "cause": "E"}"#, ""),
                (r#"{"emotion": "D", "cause": null}"#, ""),
                (r#"{"emotion": "D", "cause": ""#, ""),
                (r#"{"emotion": "Boredom", "cause": "C"}"#, ""),
                (r#"{"emotion": "Grief", "cause": "C"}"#, ""),
                (r#"{"emotion": "D. Worry", "cause": "C"}"#, ""),
            ],
        );
    }

    #[test]
    fn prose_is_read() {
        check(
            &EMOTIONS,
            &CAUSES,
            &[
                ("Emotion: D\nCause: C", "DC"),
                ("emotion: d\ncause: c", "DC"),
                (
                    "**Emotion:** D) Embarrassment\n**Cause:** C) She spilled soup on the guest",
                    "DC",
                ),
                ("- Emotion: **D**\n- Cause: **C**", "DC"),
                ("Cause: C\nEmotion: D", "DC"),
                ("Emotion: D, Cause: C", "DC"),
                ("Emotion = D; Cause = C", "DC"),
                ("Emotion：Ｄ\nCause：Ｃ", "DC"),
                ("Emotion: $D$\nCause: $\\boxed{C}$", "DC"),
                ("### Emotion\nD\n\n### Cause\nC", "DC"),
                ("1. Emotion: D\n2. Cause: C", "DC"),
                ("| Emotion | Cause |\n|---|---|\n| D | C |", "DC"),
                ("The emotion is D and the cause is C.", "DC"),
                ("The emotion is (d), the cause (c).", "DC"),
                ("The correct emotion is D. The correct cause is C.", "DC"),
                ("The emotion she feels is D, and the cause of it is C.", "DC"),
                ("For the emotion I choose D; for the cause I choose C.", "DC"),
                (
                    "The emotion that fits best is option D. The most likely cause is option C.",
                    "DC",
                ),
                ("She feels: D\nWhy: C", "DC"),
                ("What does she feel? D\nWhat is the cause? C", "DC"),
                ("Emotion: Embarrassment\nCause: She spilled soup on the guest", "DC"),
                ("She feels embarrassment because she spilled soup on the guest.", "DC"),
                ("Embarrassment. She spilled soup on the guest.", "DC"),
                ("Embarrassment\nShe spilled soup on the guest", "DC"),
                ("D, C", "DC"),
                ("d, c", "DC"),
                ("D C", "DC"),
                ("D/C", "DC"),
                ("(D, C)", "DC"),
                ("D and C", "DC"),
                ("D\nC", "DC"),
                ("1. D\n2. C", "DC"),
                ("1) D 2) C", "DC"),
                ("Answers: D, C", "DC"),
                ("The answers are D and C.", "DC"),
                ("Emotion and cause: D, C", "DC"),
                ("Emotion: A\nCause: A\n\nWait, no. Emotion: D\nCause: C", "DC"),
                ("The emotion is not A but D. The cause is C, not B.", "DC"),
                (
                    "Emotion: D\nCause: C\n\nEmotion A is wrong, for no dog is named. Cause B is wrong too.",
                    "DC",
                ),
                (
                    "The emotion is D.\nThe cause is C.\n\nIf the sister had forgotten her, the emotion would be B.",
                    "DC",
                ),
                ("Emotion: D\nCause: C\n\nQuestion: And then?\nEmotion: A\nCause: A", "DC"),
            ],
        );
        check(
            &CHINESE_EMOTIONS,
            &CHINESE_CAUSES,
            &[
                ("情绪：B\n原因：C", "BC"),
                ("情绪：B，原因：C", "BC"),
                ("情绪是B，原因是C。", "BC"),
                ("情绪选B，原因选C。", "BC"),
                ("情感：尴尬\n原因：她把汤洒在客人身上", "BC"),
                ("情绪：B。不选A，因为小狗不在。\n原因：C", "BC"),
                ("{“emotion”：“B”，“cause”：“C”}", "BC"),
                ("{“情绪”：“B”，“原因”：“C”}", "BC"),
                ("B，C", "BC"),
                ("情绪：A或B\n原因：C", ""),
                ("情绪：B", ""),
            ],
        );
    }

    #[test]
    fn what_names_no_two_answers_is_unread() {
        check(
            &EMOTIONS,
            &CAUSES,
            &[
                ("", ""),
                ("D", ""),
                ("A good guess is joy.", ""),
                ("Emotion: D", ""),
                ("Cause: C", ""),
                ("Emotion: D or E\nCause: C", ""),
                ("Emotion: D\nCause: B and C", ""),
                ("Emotion: a mix of feelings\nCause: B", ""),
                ("Emotion: G\nCause: C", ""),
                ("Emotion: D\nCause: E", ""),
                ("The emotion is not D. The cause is C.", ""),
                ("It is hard to say what she feels and why.", ""),
                ("D, C, B", ""),
                ("I think that she is well.", ""),
                ("Emotion: none\nCause: none", ""),
                ("She feels joy or worry because the letter did not arrive.", ""),
            ],
        );
    }

    proptest! {
        #[test]
        fn any_text_is_taken(reply in "(?s).{0,120}|[A-G ,:.()\\{}\"'emotincaus情绪原因\n]{0,80}") {
            for (emotions, causes) in [(&EMOTIONS[..], &CAUSES[..]), (&[], &[])] {
                if let Some((emotion, cause)) = read(&reply, emotions, causes) {
                    prop_assert!(option_index(emotion).unwrap() < emotions.len());
                    prop_assert!(option_index(cause).unwrap() < causes.len());
                }
            }
        }

        #[test]
        fn every_prefix_is_taken(cut in 0_usize..120) {
            let reply = "The emotion is D and the cause is C. {\"emotion\": \"D\", \"cause\": \"C\"} Emotion: D, 情绪：D";
            let prefix: String = reply.chars().take(cut).collect();
            prop_assert!([None, Some(('D', 'C'))].contains(&read(&prefix, &EMOTIONS, &CAUSES)));
        }
    }

    #[test]
    fn long_replies_end() {
        for piece in ["emotion ", "Emotion: A. Cause: B. ", "{\"emotion\": \"A\", ", "A, ", "原因"]
        {
            let reply = piece.repeat(200_000 / piece.len());
            assert!(
                read(&reply, &EMOTIONS, &CAUSES).is_none_or(|pair| pair == ('A', 'B')),
                "{piece}"
            );
        }
    }
}
