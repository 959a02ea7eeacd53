//! Answers to the questions of a decision tree, read from a judge's text.
//!
//! Objects are read first, whatever is wrapped around them; lines that name a question only where there are none. An answer that is not
//! the judge's own is left out. Whoever gives two different answers to one question has given none.

use std::ops::Range;

use serde_json::{Map, Value};

use super::objects::{self, handed_over, is_not_own};
use super::statement::{Form, Statement};
use super::value::{self, Given, Stands};
use super::voice::{self, Voice};
use super::{Planted, bare, plain, quoted, read_fields};
use crate::parse::json::{self, folded_key, repeats_form, value_of};
use crate::parse::within;
use crate::rubric::{Field, Question};

/// What a judge says to one question.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Said {
    /// The place of the answer in the question's list; none where it is not among them, or two are given.
    pub(crate) answer: Option<usize>,
    /// The number of a turn, as the judge is shown it.
    pub(crate) turn: Option<u32>,
    /// What it quotes from there; empty where it quotes nothing.
    pub(crate) quote: String,
}

/// Keys that hold a question's name, its answer, a turn's number and a quotation.
const NAMES: &[&str] = &["question", "question_id", "id", "q", "item", "name", "问题", "题目"];
const ANSWERS: &[&str] =
    &["answer", "response", "choice", "value", "label", "verdict", "result", "答案", "回答"];
const TURNS: &[&str] = &["turn", "turn_number", "turns", "evidence_turn", "轮次", "轮"];
const QUOTES: &[&str] =
    &["quote", "quotation", "excerpt", "evidence_quote", "引文", "引用", "原文"];

/// The key of an object that holds turn and quotation.
const EVIDENCE: &[&str] = &["evidence", "依据", "证据"];

/// Words before a question's name.
const BEFORE: &[&str] = &["question", "q", "问题", "题"];

/// What is said to each of the questions in `said`, in their order; `judged` is all that the judge was shown of the conversation.
pub(crate) fn answers(questions: &[Question], said: &str, judged: &str) -> Vec<Option<Said>> {
    let text = plain(&within(said));
    let planted = Planted { text: &text, judged: bare(&plain(&within(judged))) };
    let mut stated = in_objects(questions, &text, Lone::Nameless);
    if stated.is_empty() {
        stated = in_lines(questions, &text);
    }
    let of =
        |question: usize| settled(&planted, stated.iter().filter(|one| one.question == question));
    (0..questions.len()).map(of).collect()
}

/// What is said to a question that was asked alone.
pub(crate) fn answer(question: &Question, said: &str, judged: &str) -> Option<Said> {
    let questions = std::slice::from_ref(question);
    let text = plain(&within(said));
    let planted = Planted { text: &text, judged: bare(&plain(&within(judged))) };
    let stated = in_objects(questions, &text, Lone::OfTheQuestion);
    if !stated.is_empty() {
        return settled(&planted, stated.iter());
    }
    let field = field("answer", question);
    let verdict = read_fields(std::slice::from_ref(&field), said, judged)?;
    let answer = verdict.labels.get("answer").and_then(|label| place(question, label))?;
    Some(Said { answer: Some(answer), ..Said::default() })
}

/// An answer where it stands.
struct Stated {
    question: usize,
    said: Said,
    place: Range<usize>,
}

/// What an answer is to that names no question.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lone {
    /// To nothing.
    Nameless,
    /// To the only question that was asked.
    OfTheQuestion,
}

fn settled<'s>(planted: &Planted<'_>, stated: impl Iterator<Item = &'s Stated>) -> Option<Said> {
    let mut stated: Vec<&Stated> = stated.collect();
    let differ = |stated: &[&Stated]| {
        stated
            .windows(2)
            .any(|pair| matches!(pair, [one, two] if one.said.answer != two.said.answer))
    };
    if differ(&stated) {
        let own: Vec<&Stated> =
            stated.iter().filter(|one| !planted.holds(&one.place)).copied().collect();
        stated = if own.is_empty() { stated } else { own };
    }
    let first = stated.first()?;
    if differ(&stated) {
        return Some(Said::default());
    }
    let shown = stated.iter().find(|one| !one.said.quote.is_empty()).unwrap_or(first);
    Some(shown.said.clone())
}

fn in_objects(questions: &[Question], text: &str, lone: Lone) -> Vec<Stated> {
    let blocks = quoted::blocks(text);
    let found = json::objects(&quoted::without(text, &blocks));
    let mut all = Vec::new();
    let mut from = 0;
    for region in objects::regions(&found) {
        let whole =
            Statement { field: 0, given: Given::Unfit, place: region.clone(), form: Form::Object };
        let voice = voice::voice(text, from, &whole);
        from = region.end;
        if voice == Voice::Another {
            continue;
        }
        let inside = found
            .iter()
            .filter(|one| region.start <= one.place.start && one.place.start < region.end);
        let top = inside.clone().map(|one| one.depth).min().unwrap_or_default();
        let mut gather = Gather { questions, lone, all: Vec::new() };
        inside.clone().filter(|one| one.depth == top).for_each(|one| gather.object(&one.object));
        if gather.all.is_empty() {
            // What stands around was cut off.
            inside.for_each(|one| gather.object(&one.object));
        }
        let stated = gather.all.into_iter().map(|(question, said)| Stated {
            question,
            said,
            place: region.clone(),
        });
        all.extend(stated);
    }
    all
}

struct Gather<'q> {
    questions: &'q [Question],
    lone: Lone,
    all: Vec<(usize, Said)>,
}

impl Gather<'_> {
    fn object(&mut self, object: &Map<String, Value>) {
        let named = NAMES.iter().find_map(|name| {
            own_value(object, name).and_then(text_of).and_then(|name| self.question(&name))
        });
        let lone = match self.lone {
            Lone::Nameless => None,
            Lone::OfTheQuestion => Some(0),
        };
        if let Some(question) = named.or(lone)
            && let Some(answer) = value_of(object, ANSWERS)
            && !answer.is_object()
            && !answer.is_array()
        {
            self.push(question, answer, Some(object));
            return;
        }
        for (key, value) in object {
            if let Some(question) = self.question(key) {
                match value {
                    Value::Object(inner) => {
                        if let Some(answer) = value_of(inner, ANSWERS) {
                            self.push(question, answer, Some(inner));
                        }
                    }
                    _ => self.push(question, value, None),
                }
                continue;
            }
            if is_not_own(key) {
                continue;
            }
            if let Some(inner) = handed_over(key, value) {
                self.object(&inner);
            }
            match value {
                Value::Object(inner) => self.object(inner),
                Value::Array(values) => {
                    values.iter().filter_map(Value::as_object).for_each(|inner| self.object(inner));
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            }
        }
    }

    /// Which question a name means: its id, with or without a word before it, in any case; or its own words.
    fn question(&self, name: &str) -> Option<usize> {
        named(self.questions, name)
    }

    fn push(&mut self, question: usize, answer: &Value, around: Option<&Map<String, Value>>) {
        let Some(asked) = self.questions.get(question) else { return };
        let answer = match answer {
            Value::Array(values) => match values.as_slice() {
                [one] => one,
                _ => answer,
            },
            _ => answer,
        };
        // A question that was not reached may be listed with nothing.
        if answer.is_null()
            || repeats_form(answer)
            || answer.as_str().is_some_and(|a| a.trim().is_empty())
        {
            return;
        }
        let evidence = around.map(evidence).unwrap_or_default();
        let place = text_of(answer).and_then(|text| place(asked, &text));
        self.all.push((question, Said { answer: place, ..evidence }));
    }
}

/// The value of a key, without a look inside it.
fn own_value<'v>(object: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    object.iter().find(|(key, _)| folded_key(key) == folded_key(name)).map(|(_, value)| value)
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn evidence(object: &Map<String, Value>) -> Said {
    let inner = EVIDENCE.iter().find_map(|name| own_value(object, name));
    let inner = match inner {
        Some(Value::Array(values)) => values.first(),
        other => other,
    };
    let within = inner.and_then(Value::as_object).unwrap_or(object);
    let of = |names: &[&str]| names.iter().find_map(|name| own_value(within, name));
    let quote = of(QUOTES).or(inner).and_then(|value| match value {
        Value::Array(values) => values.first().and_then(text_of),
        other => text_of(other),
    });
    let turn = of(TURNS).and_then(|value| match value {
        Value::Array(values) => values.first().and_then(text_of),
        other => text_of(other),
    });
    let quote = quote.filter(|quote| !repeats_form(&Value::from(quote.as_str())));
    Said { answer: None, turn: turn.as_deref().and_then(number), quote: quote.unwrap_or_default() }
}

/// The first whole number in a text: of "3", "[3]", "turn 3".
fn number(text: &str) -> Option<u32> {
    let digits = text.split(|c: char| !c.is_ascii_digit()).find(|part| !part.is_empty())?;
    digits.parse().ok()
}

fn named(questions: &[Question], name: &str) -> Option<usize> {
    let is = |name: &str| {
        let mut ids = questions.iter().map(|question| folded_key(question.id.as_str()));
        ids.position(|id| id == name || without_word(&id) == name)
    };
    let key = folded_key(name);
    let head = folded_key(name.split([':', '：', '.', '(', '（']).next().unwrap_or_default());
    let whole = || {
        questions.iter().position(|question| !key.is_empty() && folded_key(&question.asks) == key)
    };
    is(&key).or_else(|| is(without_word(&key))).or_else(whole).or_else(|| {
        (head != key && !head.is_empty()).then(|| is(&head).or_else(|| is(without_word(&head))))?
    })
}

fn without_word(name: &str) -> &str {
    let rest = BEFORE.iter().find_map(|word| name.strip_prefix(word));
    rest.filter(|rest| !rest.is_empty()).unwrap_or(name)
}

/// Lines such as "Q1: Yes", "- **risk-shown** - No, it never asks".
fn in_lines(questions: &[Question], text: &str) -> Vec<Stated> {
    let blocks = quoted::blocks(text);
    let shown = quoted::without(text, &blocks);
    let mut all = Vec::new();
    let mut at = 0;
    for line in shown.split_inclusive('\n') {
        if let Some((question, answer)) = in_line(questions, line) {
            let said = Said { answer: Some(answer), ..Said::default() };
            all.push(Stated { question, said, place: at..at + line.len() });
        }
        at += line.len();
    }
    all
}

/// So far into a line its question may be named.
const REACH: usize = 60;

fn in_line(questions: &[Question], line: &str) -> Option<(usize, usize)> {
    let signs = [':', '：', '=', '|', '-', '–', '—', '.', ')', '→'];
    let line = line.trim_start_matches(|c: char| !c.is_alphanumeric());
    let parts = line.char_indices().take(REACH).filter(|(_, c)| signs.contains(c));
    parts.into_iter().find_map(|(at, sign)| {
        let question = named(questions, line.get(..at)?)?;
        let rest =
            line.get(at + sign.len_utf8()..)?.trim_matches(|c: char| " *_`\"|\n>".contains(c));
        Some((question, place(questions.get(question)?, rest)?))
    })
}

/// Words of a program for an answer.
const TRUTHS: &[(&str, &[&str])] = &[("true", &["yes", "是"]), ("false", &["no", "否"])];

/// Which answer a text gives: the one that it is, in any case and with any signs, or the one that its first sentence gives.
fn place(question: &Question, text: &str) -> Option<usize> {
    let is = |word: &str| question.answers.iter().position(|rule| folded_key(&rule.answer) == word);
    let key = folded_key(text);
    let of_truth = || {
        let (_, words) = TRUTHS.iter().find(|(truth, _)| *truth == key)?;
        words.iter().find_map(|word| is(word))
    };
    is(&key).or_else(of_truth).or_else(|| {
        match value::of_text(&field("", question), text, Stands::Alone)? {
            Given::Label(label) => is(&folded_key(&label)),
            Given::Score(_) | Given::Unfit => None,
        }
    })
}

fn field(name: &str, question: &Question) -> Field {
    Field {
        name: name.to_owned(),
        scale: None,
        step: None,
        labels: question.answers.iter().map(|rule| rule.answer.clone()).collect(),
        reads: trustmh_core::item::Side::Subject,
        meaning: String::new(),
    }
}
