//! Parting what a model wrote into its thought and its answer.
//!
//! Models that think before they answer leave the thought in the text where no server takes it out: between tags, in a
//! channel of its own, or before a closing tag whose opening one stood in the prompt. Only what follows is said to anybody.

use serde::{Deserialize, Serialize};

/// What a model thought before it answered. It is recorded and counted, never read as an answer and never judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thought {
    /// Its text, without tags; several thoughts stand one below the other. Empty where a provider only says that there was one.
    pub text: String,
    /// Whether it came to its end.
    pub end: ThoughtEnd,
}

/// Whether a thought came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThoughtEnd {
    /// The model went on to its answer, or could have.
    Closed,
    /// It broke off, so that whatever the model meant to say was never said.
    Open,
}

impl Thought {
    /// A thought that a provider gave apart from the answer; none if it is blank.
    pub fn apart(text: String) -> Option<Self> {
        (!text.trim().is_empty()).then_some(Self { text, end: ThoughtEnd::Closed })
    }

    /// `self` followed by `later`; open if the later one is.
    #[must_use]
    pub fn followed_by(mut self, later: Self) -> Self {
        if !self.text.is_empty() && !later.text.is_empty() {
            self.text.push_str("\n\n");
        }
        self.text.push_str(&later.text);
        self.end = later.end;
        self
    }
}

/// The marks of one way to set a thought apart.
struct Marks {
    open: &'static str,
    /// The first of these ends the thought.
    close: &'static [&'static str],
    /// Whether the closing mark alone parts a text whose opening mark stood in the prompt.
    alone: Alone,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Alone {
    Parts,
    Nothing,
}

/// Names of tags: `<think>` ... `</think>`, with attributes or without, in any case.
const TAGS: [&str; 16] = [
    "think",
    "thinking",
    "thought",
    "thoughts",
    "reasoning",
    "reason",
    "reflection",
    "analysis",
    "scratchpad",
    "inner_monologue",
    "internal_monologue",
    "seed:think",
    "longcat_think",
    "antthinking",
    "mm:think",
    "ant_thinking",
];

/// Marks that are no tags, in lower case: square brackets (Magistral), begin and end tokens (OpenThinker, Cohere), triangles
/// (Kimi), tokens of MedGemma and Gemma, and what is left of channels (gpt-oss) where a server dropped their tokens.
const MARKS: [Marks; 9] = [
    Marks { open: "[think]", close: &["[/think]"], alone: Alone::Parts },
    Marks { open: "[reasoning]", close: &["[/reasoning]"], alone: Alone::Parts },
    Marks {
        open: "<|begin_of_thought|>",
        close: &["<|end_of_thought|>", "<|begin_of_solution|>"],
        alone: Alone::Parts,
    },
    Marks {
        open: "<|start_thinking|>",
        close: &["<|end_thinking|>", "<|start_response|>"],
        alone: Alone::Parts,
    },
    Marks { open: "<|thinking|>", close: &["<|/thinking|>"], alone: Alone::Parts },
    Marks {
        open: "\u{25c1}think\u{25b7}",
        close: &["\u{25c1}/think\u{25b7}"],
        alone: Alone::Parts,
    },
    Marks { open: "<unused94>thought", close: &["<unused95>"], alone: Alone::Parts },
    Marks { open: "<|channel>thought", close: &["<channel|>"], alone: Alone::Parts },
    Marks { open: "analysis", close: &["assistantfinal"], alone: Alone::Nothing },
];

/// Tokens that belong to the format of a chat and are left at the edges of an answer.
const EDGES: [&str; 16] = [
    "<|begin_of_solution|>",
    "<|end_of_solution|>",
    "<|start_response|>",
    "<|end_response|>",
    "<|start_text|>",
    "<|end_text|>",
    "<|end|>",
    "<|return|>",
    "<|im_end|>",
    "<|eot_id|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<end_of_turn>",
    "<turn|>",
    "</s>",
    "<eos>",
];

/// Invisible characters that may stand before a mark, and that say nothing.
pub(crate) const INVISIBLE: [char; 5] =
    ['\u{feff}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}'];

/// Parts a text into the thought that leads it and the answer. A text without a thought comes back as it is, blanks and all.
///
/// Whatever is put before an answer as a thought changes nothing about the answer: several thoughts in a row are taken off one after
/// the other. A mark that is only mentioned further on opens no thought.
pub fn parted(text: &str) -> (Option<Thought>, String) {
    if let Some(parted) = channels(text) {
        return parted;
    }
    let (mut thought, mut rest): (Option<Thought>, &str) = (None, text);
    while let Some((part, after)) = leading(rest).or_else(|| closed_alone(rest)) {
        thought = Some(match thought {
            Some(earlier) => earlier.followed_by(part),
            None => part,
        });
        rest = after;
    }
    match thought {
        None => (None, text.to_owned()),
        Some(thought) => (Some(thought), without_edges(rest).to_owned()),
    }
}

/// The thought that `text` begins with, and what follows it.
fn leading(text: &str) -> Option<(Thought, &str)> {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || INVISIBLE.contains(&c));
    if let Some((name, inside)) = opening_tag(start) {
        let close = closing_tag(inside, name);
        return Some(ended(inside, close));
    }
    let marks = MARKS.iter().find(|marks| starts_with(start, marks.open))?;
    let inside = start.get(marks.open.len()..)?;
    let close = marks.close.iter().filter_map(|close| find(inside, close)).min();
    // A word is a mark only together with its end.
    (close.is_some() || marks.alone == Alone::Parts).then(|| ended(inside, close))
}

/// The thought before a closing mark whose opening one stood in the prompt.
fn closed_alone(text: &str) -> Option<(Thought, &str)> {
    // Nearly every text ends here, and is looked at once.
    if !text.contains(['<', '[', '\u{25c1}']) {
        return None;
    }
    let tags = TAGS.iter().filter_map(|name| closing_tag(text, name));
    let marks = MARKS.iter().filter(|marks| marks.alone == Alone::Parts);
    let marks = marks.filter_map(|marks| find(text, marks.close.first()?));
    let (start, end) = tags.chain(marks).min()?;
    let before = text.get(..start)?;
    let opened = TAGS.iter().any(|name| find(before, &format!("<{name}")).is_some());
    let mentioned =
        before.ends_with(['`', '"', '\'', '\u{201c}', '\u{2018}', '\u{ab}', '\u{300c}']);
    if opened || mentioned {
        return None;
    }
    Some((Thought { text: before.trim().to_owned(), end: ThoughtEnd::Closed }, text.get(end..)?))
}

fn ended(inside: &str, close: Option<(usize, usize)>) -> (Thought, &str) {
    let of = |text: &str, end| Thought { text: text.trim().to_owned(), end };
    match close.and_then(|(start, end)| Some((inside.get(..start)?, inside.get(end..)?))) {
        Some((thought, after)) => (of(thought, ThoughtEnd::Closed), after),
        None => (of(inside, ThoughtEnd::Open), ""),
    }
}

/// The name of the tag at the start of `text`, and what follows the tag.
fn opening_tag(text: &str) -> Option<(&'static str, &str)> {
    let inside = text.strip_prefix('<')?;
    let (tag, rest) = inside.split_once('>')?;
    let word = tag.split(char::is_whitespace).next()?;
    if word.eq_ignore_ascii_case("details") && find(tag, "type=\"reasoning\"").is_some() {
        return Some(("details", rest));
    }
    let name = TAGS.iter().find(|name| name.eq_ignore_ascii_case(word))?;
    // `<think a b>` is a tag with attributes, a sentence between angles is none.
    let attributes = tag.get(word.len()..)?.trim();
    (attributes.is_empty() || attributes.contains('=')).then_some((*name, rest))
}

/// Where the first `</name>` stands in `text`, blanks inside allowed.
fn closing_tag(text: &str, name: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some((start, end)) = text.get(from..)?.find("</").map(|at| (from + at, from + at + 2))
    {
        let inside = text.get(end..)?;
        let word = inside.trim_start();
        let blanks = inside.len() - word.len();
        if starts_with(word, name)
            && let Some(after) = word.get(name.len()..)
            && let Some(angle) = after.find(|c: char| !c.is_whitespace())
            && after.get(angle..)?.starts_with('>')
        {
            return Some((start, end + blanks + name.len() + angle + 1));
        }
        from = end;
    }
    None
}

/// The channels of gpt-oss: all but the final one are thought. None if the text has no channels.
fn channels(text: &str) -> Option<(Option<Thought>, String)> {
    const CHANNEL: &str = "<|channel|>";
    const MESSAGE: &str = "<|message|>";
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || INVISIBLE.contains(&c));
    let framed = start.starts_with(CHANNEL) || start.starts_with("<|start|>");
    let mut parts = start.split(CHANNEL).skip(usize::from(framed)).peekable();
    if !framed || parts.peek().is_none() {
        return None;
    }
    let (mut thoughts, mut answer) = (Vec::new(), None);
    for part in parts {
        let (name, message) = part.split_once(MESSAGE)?;
        let (message, end) = match ["<|end|>", "<|return|>", "<|call|>", "<|start|>"]
            .iter()
            .filter_map(|token| message.find(token))
            .min()
        {
            Some(end) => (message.get(..end)?, ThoughtEnd::Closed),
            None => (message, ThoughtEnd::Open),
        };
        if name.trim_start().to_lowercase().starts_with("final") {
            answer = Some(message.trim().to_owned());
        } else {
            thoughts.push(Thought { text: message.trim().to_owned(), end });
        }
    }
    let mut thought = thoughts.into_iter().reduce(Thought::followed_by);
    if let (Some(thought), true) = (&mut thought, answer.is_some()) {
        thought.end = ThoughtEnd::Closed;
    }
    Some((thought, answer.unwrap_or_default()))
}

fn without_edges(text: &str) -> &str {
    let mut rest = text.trim();
    loop {
        let before = rest.len();
        for edge in EDGES {
            if starts_with(rest, edge) {
                rest = rest.get(edge.len()..).unwrap_or_default().trim_start();
            }
            let tail = rest.len().checked_sub(edge.len());
            if let Some(head) =
                tail.filter(|at| rest.get(*at..).is_some_and(|t| starts_with(t, edge)))
            {
                rest = rest.get(..head).unwrap_or_default().trim_end();
            }
        }
        if rest.len() == before {
            return rest;
        }
    }
}

fn starts_with(text: &str, mark: &str) -> bool {
    text.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark))
}

/// Where `mark`, in lower case, first stands in `text` in any case of ASCII letters.
fn find(text: &str, mark: &str) -> Option<(usize, usize)> {
    let (bytes, mark) = (text.as_bytes(), mark.as_bytes());
    let start = bytes.windows(mark.len()).position(|window| window.eq_ignore_ascii_case(mark))?;
    Some((start, start + mark.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn answer(text: &str) -> String {
        parted(text).1
    }

    #[test]
    fn a_leading_thought_is_taken_off_whatever_its_marks() {
        for text in [
            "<think>Maybe C.</think>B",
            "<think>\nMaybe C.\n</think>\n\nB",
            " \n<THINK>Maybe C.</Think>B",
            "\u{feff}<thinking time=\"3\">Maybe C.</thinking >B",
            "<reasoning>Maybe C.</reasoning>\nB",
            "<scratchpad>C?</scratchpad> B",
            "<seed:think>C?</seed:think>B",
            "[THINK]C?[/THINK]B",
            "<|begin_of_thought|>C?<|end_of_thought|>\n<|begin_of_solution|>B<|end_of_solution|>",
            "<|START_THINKING|>C?<|END_THINKING|><|START_RESPONSE|>B<|END_RESPONSE|>",
            "\u{25c1}think\u{25b7}C?\u{25c1}/think\u{25b7}B",
            "<unused94>thought\nC?<unused95>B",
            "<|channel|>analysis<|message|>C?<|end|><|start|>assistant<|channel|>final<|message|>B<|return|>",
            "<|start|>assistant<|channel|>analysis<|message|>C?<|end|><|start|>assistant<|channel|>final<|message|>B",
            "analysisThe user asks. C?assistantfinalB",
            "<details type=\"reasoning\" done=\"true\"><summary>Thought</summary>C?</details>\nB",
            "<think>C?</think><think>No, D.</think>B",
            "<think>C? <think>deeper</think> still C</think>B",
            "So C, or no.\n</think>\n\nB",
            "<think></think>B",
        ] {
            let (thought, answer) = parted(text);
            assert_eq!(answer, "B", "{text}");
            assert_eq!(thought.map(|thought| thought.end), Some(ThoughtEnd::Closed), "{text}");
        }
    }

    #[test]
    fn a_thought_that_breaks_off_leaves_no_answer() {
        for text in [
            "<think>Maybe C, or {\"choice\": \"C\"}",
            "<think>Done.</think><think>Or else",
            "[THINK]Maybe",
            "<|channel|>analysis<|message|>Maybe C",
        ] {
            let (thought, answer) = parted(text);
            assert_eq!(answer, "", "{text}");
            assert_eq!(thought.map(|thought| thought.end), Some(ThoughtEnd::Open), "{text}");
        }
        let (thought, answer) = parted("<think>All of it.</think>\n");
        assert_eq!((thought.unwrap().end, answer.as_str()), (ThoughtEnd::Closed, ""));
    }

    #[test]
    fn what_only_mentions_a_mark_is_no_thought() {
        for text in [
            "B. (My notes had a <think> tag in them.)",
            "B, not `</think>`, is what I mean.",
            "The tags <think> and </think> stand around thoughts.",
            "<thinker>B</thinker>",
            "<think about it> B",
            "Analysis of the case: B",
            "analysis shows that it is B",
            "B\n<think>\nWait",
            " B \n",
            "",
        ] {
            assert_eq!(parted(text), (None, text.to_owned()), "{text}");
        }
    }

    #[test]
    fn thoughts_keep_their_words() {
        let (thought, _) = parted("<think>\nOne.\n</think><think>Two.</think>x");
        assert_eq!(thought.unwrap().text, "One.\n\nTwo.");
        assert_eq!(Thought::apart(" \n".to_owned()), None);
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "(?s)(<think>|</think>|\\[THINK\\]|<\\|channel\\|>)?.{0,80}(</think>|<\\|message\\|>|é)?.{0,20}") {
            let (thought, answer) = parted(&text);
            prop_assert!(thought.is_some() || answer == text);
        }

        #[test]
        fn a_thought_before_any_text_changes_no_answer(thought in "[^<\\[]{0,60}", text in "(?s)(<think>|</think>)?.{0,60}(</think>)?.{0,20}") {
            let alone = answer(&text);
            let with = answer(&format!("<think>\n{thought}\n</think>\n\n{text}"));
            prop_assert_eq!(with.trim(), without_edges(&alone));
        }
    }
}
