//! Decision trees in the form in which VERA-MH gives its rubric out: a table parted by tabs, a row for each question and further rows for
//! its further answers.

use std::collections::BTreeMap;

use trustmh_core::digest::Digest;
use trustmh_core::id::{DimensionId, QuestionId};

use super::{
    AnswerRule, ClientWord, Dimension, EvidenceRule, Finding, Question, Rubric, RubricFile, Then,
};
use crate::error::EngineError;
use crate::parse::json::folded_key;

const COLUMNS: [&str; 7] =
    ["Question ID", "Dimension", "Severity", "Question", "Examples", "Answer", "GOTO"];

/// What is said where a question has no answers of its own: so the published table says of itself.
const YES: &str = "Yes";
const NO: &str = "No";

/// The words of the column GOTO besides the number of a question.
const END: &str = "END";
const ASSIGN_END: &str = "ASSIGN_END";
const NOT_RELEVANT: &str = "NOT_RELEVANT>>";

impl Rubric {
    /// The same rubric with the questions of a table in the form of VERA-MH in the place of its own fields or questions. Dimensions keep
    /// the names that this rubric has for those of the same title.
    ///
    /// Further answers stand in rows below, without a number. `GOTO` is the number of a later question, `END` (nothing in the conversation
    /// called for the dimension, and the walk ends), `ASSIGN_END` (the severity is found, and the walk ends), `NOT_RELEVANT>>` with a number
    /// (the dimension is not relevant, and the walk goes on there), or nothing: the next question. A question without answers has two: yes
    /// finds its severity and leads to the next dimension, no leads to the next question.
    ///
    /// # Errors
    /// [`EngineError::Malformed`] for a broken table, [`EngineError::Rule`] for a row that cannot be followed.
    pub fn with_questions(&self, path: &str, table: &str) -> Result<Self, EngineError> {
        let rows = rows(path, table)?;
        let mut dimensions: Vec<Dimension> = Vec::new();
        for row in &rows {
            let id = self.dimension(&row.dimension);
            if !dimensions.iter().any(|known| known.id == id) {
                dimensions.push(Dimension { id, title: row.dimension.clone() });
            }
        }
        let mut questions = Vec::with_capacity(rows.len());
        for (place, row) in rows.iter().enumerate() {
            questions.push(self.question(path, row, &rows[place..])?);
        }
        let file = RubricFile {
            fields: Vec::new(),
            dimensions,
            questions,
            from: None,
            anchors: BTreeMap::new(),
            ..self.file.clone()
        };
        let checked = Self::checked(path, file, Digest::of(table.as_bytes()))?;
        Ok(Self { path: self.path.clone(), ..checked })
    }

    fn dimension(&self, title: &str) -> DimensionId {
        let wanted = folded_key(title);
        let known = self.file.dimensions.iter().find(|known| folded_key(&known.title) == wanted);
        known.map_or_else(|| DimensionId::new(slug(title)), |known| known.id.clone())
    }

    /// `from` are the rows from this one on.
    fn question(&self, path: &str, row: &Row, from: &[Row]) -> Result<Question, EngineError> {
        let next_dimension = from.iter().find(|later| later.dimension != row.dimension);
        let next_dimension =
            next_dimension.map_or(Then::End, |later| Then::Question(later.id.clone()));
        let mut answers = Vec::new();
        for answer in &row.answers {
            answers.push(row.answer(path, answer)?);
        }
        if answers.is_empty() {
            answers = vec![
                AnswerRule {
                    answer: YES.to_owned(),
                    then: next_dimension,
                    finds: row.severity,
                    client: None,
                },
                AnswerRule { answer: NO.to_owned(), then: Then::Next, finds: None, client: None },
            ];
        }
        Ok(Question {
            id: row.id.clone(),
            dimension: self.dimension(&row.dimension),
            asks: row.asks.clone(),
            guidance: Some(row.guidance.clone()).filter(|text| !text.is_empty()),
            evidence: EvidenceRule::Wanted,
            offline: None,
            answers,
        })
    }
}

/// A question of the table.
struct Row {
    line: usize,
    number: String,
    id: QuestionId,
    dimension: String,
    severity: Option<Finding>,
    asks: String,
    guidance: String,
    answers: Vec<Answer>,
}

/// An answer, and what the table says of where it leads.
struct Answer {
    line: usize,
    text: String,
    goto: String,
}

impl Row {
    fn answer(&self, path: &str, given: &Answer) -> Result<AnswerRule, EngineError> {
        let says_yes = given.text.eq_ignore_ascii_case(YES);
        let finds = self.severity.filter(|_| says_yes);
        let (then, finds) = match given.goto.as_str() {
            "" => (Then::Next, finds),
            END => (Then::End, finds.or(Some(Finding::NotRelevant))),
            ASSIGN_END => (Then::End, self.severity),
            goto => match goto.strip_prefix(NOT_RELEVANT) {
                Some(number) => (jump(path, given, number)?, Some(Finding::NotRelevant)),
                None => (jump(path, given, goto)?, finds),
            },
        };
        // Whoever plays the person did not go on with it: that says nothing of the product.
        let declined = given.goto == END && is_about_role(&given.text);
        let (finds, client) =
            if declined { (None, Some(ClientWord::Broke)) } else { (finds, None) };
        Ok(AnswerRule { answer: given.text.clone(), then, finds, client })
    }
}

fn is_about_role(answer: &str) -> bool {
    let answer = answer.to_lowercase();
    answer.contains("role-play") || answer.contains("role play") || answer.contains("roleplay")
}

fn jump(path: &str, given: &Answer, number: &str) -> Result<Then, EngineError> {
    let number = number.trim();
    if number.is_empty() || !number.chars().all(|sign| sign.is_ascii_digit()) {
        let message = format!(
            "`{}` leads nowhere: give the number of a later question, {END}, {ASSIGN_END} or {NOT_RELEVANT}number",
            given.goto
        );
        return Err(at(path, given.line, "GOTO", message));
    }
    Ok(Then::Question(id_of(number)))
}

/// Questions are told apart by a letter and their number, so that a judge that counts cannot miss them.
fn id_of(number: &str) -> QuestionId {
    QuestionId::new(format!("q{}", number.trim_start_matches('0')))
}

fn at(path: &str, line: usize, column: &str, message: String) -> EngineError {
    EngineError::rule(path, format!("line {line}, {column}"), message)
}

fn rows(path: &str, table: &str) -> Result<Vec<Row>, EngineError> {
    let malformed = |message: String| EngineError::Malformed { file: path.to_owned(), message };
    let table = table.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b'\t')
        .flexible(true)
        .has_headers(false)
        .from_reader(table.as_bytes());
    let mut records = reader.records();
    let header = match records.next() {
        Some(header) => header.map_err(|error| malformed(error.to_string()))?,
        None => return Err(malformed("the table is empty".to_owned())),
    };
    let mut places = [0; COLUMNS.len()];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        let found = header.iter().position(|cell| cell.trim().eq_ignore_ascii_case(column));
        *place = found.ok_or_else(|| malformed(format!("has no column `{column}`")))?;
    }
    let mut rows: Vec<Row> = Vec::new();
    for record in records {
        let record = record.map_err(|error| malformed(error.to_string()))?;
        let line = record.position().map_or(0, |at| line_of(table, at.byte()));
        let cells = places.map(|at| record.get(at).unwrap_or_default().trim().to_owned());
        take(path, line, cells, &mut rows)?;
    }
    if rows.is_empty() {
        return Err(malformed("has no questions".to_owned()));
    }
    Ok(rows)
}

/// The line of the first byte from `byte` on that is no line break. The reader's own count is one short after a `\r\n`, whose second half
/// it leaves to the next record.
fn line_of(table: &str, byte: u64) -> usize {
    let byte = usize::try_from(byte).unwrap_or(usize::MAX).min(table.len());
    let (before, after) = table.as_bytes().split_at(byte);
    let breaks = after.iter().take_while(|sign| matches!(sign, b'\r' | b'\n'));
    1 + before.iter().chain(breaks).filter(|sign| **sign == b'\n').count()
}

fn take(
    path: &str,
    line: usize,
    cells: [String; COLUMNS.len()],
    rows: &mut Vec<Row>,
) -> Result<(), EngineError> {
    let [number, dimension, severity, asks, guidance, answer, goto] = cells;
    let given = Answer { line, text: answer, goto };
    if number.is_empty() {
        let Some(row) = rows.last_mut() else {
            let message = "an answer stands before the first question".to_owned();
            return Err(at(path, line, "Question ID", message));
        };
        return add(path, row, given);
    }
    if !number.chars().all(|sign| sign.is_ascii_digit()) {
        let message = format!("`{number}` is no number of a question");
        return Err(at(path, line, "Question ID", message));
    }
    if dimension.is_empty() || asks.is_empty() {
        let column = if asks.is_empty() { "Question" } else { "Dimension" };
        return Err(at(path, line, column, format!("question {number} has none")));
    }
    let severity = match severity.to_lowercase().as_str() {
        "" => None,
        "red" => Some(Finding::High),
        "yellow" => Some(Finding::Low),
        _ => {
            let message = format!("`{severity}` is neither Red nor Yellow, nor empty");
            return Err(at(path, line, "Severity", message));
        }
    };
    let id = id_of(&number);
    if let Some(known) = rows.iter().find(|known| known.id == id) {
        let message = format!("question {} stands in line {} already", known.number, known.line);
        return Err(at(path, line, "Question ID", message));
    }
    let mut row =
        Row { line, number, id, dimension, severity, asks, guidance, answers: Vec::new() };
    add(path, &mut row, given)?;
    rows.push(row);
    Ok(())
}

fn add(path: &str, row: &mut Row, given: Answer) -> Result<(), EngineError> {
    match (given.text.is_empty(), given.goto.is_empty()) {
        (true, true) => Ok(()),
        (true, false) => {
            let message = format!("`{}` belongs to no answer", given.goto);
            Err(at(path, given.line, "GOTO", message))
        }
        (false, _) => {
            row.answers.push(given);
            Ok(())
        }
    }
}

fn slug(title: &str) -> String {
    let words = title.split(|sign: char| !sign.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty()).map(str::to_lowercase);
    words.collect::<Vec<_>>().join("-")
}
