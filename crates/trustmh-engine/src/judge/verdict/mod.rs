//! Reading a judge's verdict: every field inside its scale, or no verdict at all.
//!
//! Statements about the fields are gathered in the order of the text: objects, lines and cells with a field's
//! name, sentences. Those that are not the judge's own are left out. Of the rest, the last to which the judge
//! commits itself holds, field by field.

mod behind;
mod change;
mod chinese;
mod declined;
mod judged;
mod label;
mod lone;
mod named;
mod names;
mod objects;
mod quoted;
mod score;
mod statement;
mod table;
pub(crate) mod tree;
mod value;
mod voice;
mod words;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::parse::{json, within};
use crate::rubric::{Field, Rubric};
use statement::{Form, Statement, committed};
use value::Given;
use voice::Voice;

/// A verdict that fits its rubric.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Scale fields.
    pub scores: BTreeMap<String, i32>,
    /// Label fields.
    pub labels: BTreeMap<String, String>,
}

/// Reads the judge's own verdict from what it `said` about the `judged` reply, which is empty where it is not
/// known. A missing field, a value off its scale, a half, a range or an unknown label makes the whole
/// verdict unreadable: a judge that slips once is not trusted on the rest, and never counts as zero.
pub fn read(rubric: &Rubric, said: &str, judged: &str) -> Option<Verdict> {
    read_fields(&rubric.file.fields, said, judged)
}

/// The same as [`read`], sooner where the verdict is given as it was asked for: in a conversation there is one for each turn.
pub(crate) fn given(rubric: &Rubric, said: &str, judged: &str) -> Option<Verdict> {
    as_asked(&rubric.file.fields, said).or_else(|| read(rubric, said, judged))
}

/// The verdict where the whole text, in a code block or bare, is an object with one value that is allowed for each field, and besides
/// only a reason in plain words: nothing else could be read from it.
fn as_asked(fields: &[Field], said: &str) -> Option<Verdict> {
    let text = said.trim();
    let text = match text.strip_prefix("```json") {
        Some(inside) => inside.strip_suffix("```")?.trim(),
        None => text,
    };
    if text.contains(['<', '>', '`', '\\']) || text.matches('{').count() != 1 {
        return None;
    }
    let object: Map<String, Value> = serde_json::from_str(text).ok()?;
    let reason = object.get("reason").is_some_and(Value::is_string);
    if !reason || object.len() != fields.len() + 1 {
        return None;
    }
    let mut verdict = Verdict::default();
    for field in fields {
        // Of a field that stands twice the last would be kept without a word.
        if text.matches(&format!("\"{}\"", field.name)).count() != 1 {
            return None;
        }
        match object.get(&field.name)? {
            Value::Number(number) => {
                let score = i32::try_from(number.as_i64()?).ok()?;
                field.scores().contains(&score).then_some(())?;
                verdict.scores.insert(field.name.clone(), score);
            }
            Value::String(label) => {
                field.labels.contains(label).then_some(())?;
                verdict.labels.insert(field.name.clone(), label.clone());
            }
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
        }
    }
    Some(verdict)
}

fn read_fields(fields: &[Field], said: &str, judged: &str) -> Option<Verdict> {
    let text = plain(&within(said));
    let (mut stated, shown) = stated(fields, &text);
    keep_own(&text, &mut stated);
    if stated.is_empty() {
        stated = lone::statements(fields, &shown);
    }
    let end = stated.last().map_or(0, |last| last.place.end);
    stated.extend(change::statements(fields, &shown, end));
    let planted = Planted { text: &text, judged: bare(&plain(&within(judged))) };
    let mut verdict = Verdict::default();
    for (number, field) in fields.iter().enumerate() {
        let of_field: Vec<Statement> =
            stated.iter().filter(|one| one.field == number).cloned().collect();
        match committed(&text, &planted.left_out(of_field))? {
            Given::Score(score) if !field.scores().contains(&score) => return None,
            Given::Score(score) => drop(verdict.scores.insert(field.name.clone(), score)),
            Given::Label(label) => drop(verdict.labels.insert(field.name.clone(), label)),
            Given::Unfit => return None,
        }
    }
    Some(verdict)
}

/// All that is stated with the name of a field, and the text without what is somebody else's or an object.
fn stated(fields: &[Field], text: &str) -> (Vec<Statement>, String) {
    let blocks = quoted::blocks(text);
    let found = json::objects(&quoted::without(text, &blocks));
    let regions = objects::regions(&found);
    let mut stated: Vec<Statement> = regions
        .iter()
        .flat_map(|region| objects::statements(fields, text, region, &found))
        .collect();
    let names: Vec<String> = named::spoken(fields).into_iter().map(|(_, name)| name).collect();
    let shown = quoted::without(&quoted::without(text, &blocks), &regions);
    let shown = quoted::without(&shown, &quoted::sentences(&shown, &names));
    let (rows, heads) = table::statements(fields, &shown);
    let shown = quoted::without(&shown, &heads);
    stated.extend(rows);
    stated.extend(named::statements(fields, &shown));
    stated.sort_by_key(|one| (one.place.start, one.field));
    (stated, shown)
}

/// Leaves out what is not the judge's own. Lines right below one that is not are not either.
fn keep_own(text: &str, stated: &mut Vec<Statement>) {
    let (mut from, mut last) = (0, None::<(std::ops::Range<usize>, Form, Voice)>);
    stated.retain(|one| {
        let voice = match &last {
            Some((place, _, voice)) if *place == one.place => *voice,
            Some((place, Form::Line, Voice::Another))
                if one.form == Form::Line && adjoins(text, place.end, one.place.start) =>
            {
                Voice::Another
            }
            Some(_) | None => voice::voice(text, from, one),
        };
        from = from.max(one.place.end);
        last = Some((one.place.clone(), one.form, voice));
        voice != Voice::Another
    });
}

fn adjoins(text: &str, end: usize, start: usize) -> bool {
    text.get(end..start).is_some_and(|between| between.matches('\n').count() <= 1)
}

/// Statements that stand word for word in the reply.
struct Planted<'t> {
    text: &'t str,
    judged: String,
}

impl Planted<'_> {
    /// Whether what stands in this place is in the reply, too.
    fn holds(&self, place: &std::ops::Range<usize>) -> bool {
        let said = bare(self.text.get(place.clone()).unwrap_or_default());
        self.judged.contains(&said)
    }

    /// Leaves out what the judge repeats from the reply, if it also says something of its own.
    fn left_out(&self, mut stated: Vec<Statement>) -> Vec<Statement> {
        let differ =
            stated.windows(2).any(|pair| matches!(pair, [one, two] if one.given != two.given));
        if self.judged.is_empty() || !differ {
            return stated;
        }
        let mut from = 0;
        let repeated: Vec<bool> = stated
            .iter()
            .map(|one| {
                let own = voice::voice(self.text, from, one) == Voice::Own;
                from = one.place.end;
                !own && self.holds(&one.place)
            })
            .collect();
        if repeated.contains(&false) {
            let mut repeated = repeated.into_iter();
            stated.retain(|_| !repeated.next().unwrap_or_default());
        }
        stated
    }
}

/// The text in half width, without signs that cannot be seen.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| {
            !matches!(
                c,
                '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\u{1}' | '\r'
            )
        })
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            '\u{3000}' | '\u{a0}' | '\u{202f}' | '\u{2009}' => ' ',
            '‘' | '’' => '\'',
            _ => c,
        })
        .collect()
}

fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests;
