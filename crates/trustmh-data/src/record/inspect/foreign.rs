//! Samples of other evaluations, as questions of ours.

use std::collections::BTreeMap;

use trustmh_core::id::ItemId;
use trustmh_core::item::MultipleChoice;

use super::log::Log;
use super::sample::{LeftOut, Sample};
use super::scored::Reading;
use crate::error::DataError;
use crate::record::RecordedRun;
use crate::record::batch::{Batch, Source};

/// Foreign questions are recorded as questions of this task.
const KNOWLEDGE: &str = "reliability/knowledge";

/// So many samples are named where some are left out.
const NAMED: usize = 5;

/// The runs made of other evaluations' logs.
pub(super) struct Foreign {
    runs: Batch,
    /// The questions that had an identifier, for each model: evaluations count their samples from 1, each anew.
    asked: BTreeMap<(String, String), Vec<MultipleChoice>>,
}

impl Foreign {
    pub(super) fn new() -> Result<Self, DataError> {
        Ok(Self { runs: Batch::new(KNOWLEDGE, "inspect")?, asked: BTreeMap::new() })
    }

    /// Takes what means the same here, and notes what does not.
    pub(super) fn take(
        &mut self,
        log: &Log,
        source: &Source,
        samples: &[&Sample],
    ) -> Result<(), DataError> {
        let mut left_out: BTreeMap<LeftOut, Vec<String>> = BTreeMap::new();
        let mut questions = Vec::new();
        for sample in samples {
            match sample.question() {
                Ok(question) => questions.push((*sample, question)),
                Err(why) => left_out.entry(why).or_default().push(sample.name()),
            }
        }
        let reasons = left_out.iter().map(|(why, names)| told(*why, names));
        if questions.is_empty() {
            return Err(DataError::NoneUsable {
                file: source.file.clone(),
                reasons: reasons.collect::<Vec<_>>().join("; "),
            });
        }
        let mut notes: Vec<String> = log.unended().into_iter().collect();
        notes.extend(reasons.map(|reason| format!("left out: {reason}")));
        notes.extend(differing(&questions));
        let model = &log.eval.model;
        let run = self.runs.run(model);
        if !run.claim(source) {
            return Ok(());
        }
        let notes = notes.into_iter().map(|note| format!("{}: {note}", source.file));
        run.source.warnings.extend(notes);
        for (sample, question) in questions {
            let id = self.id(model, sample, &question);
            self.runs.run(model).push(sample.trial(id, question));
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Vec<RecordedRun> {
        let mut runs = self.runs.finish();
        for run in &mut runs {
            run.source.warnings.push(format!(
                "questions of another evaluation, read as those of {KNOWLEDGE}: options as they stood; the answers are those that \
                 Inspect's scorer recorded, and are read anew where it recorded none"
            ));
        }
        runs
    }

    /// The same identifier for the same question, whatever order its choices are in, and another one for another question.
    fn id(&mut self, model: &str, sample: &Sample, question: &MultipleChoice) -> ItemId {
        let name = sample.name();
        let asked = self.asked.entry((model.to_owned(), name.clone())).or_default();
        let place = asked.iter().position(|earlier| same(earlier, question)).unwrap_or_else(|| {
            asked.push(question.clone());
            asked.len() - 1
        });
        ItemId::new(match place {
            0 => format!("inspect-{name}"),
            _ => format!("inspect-{name}#{}", place + 1),
        })
    }
}

fn same(one: &MultipleChoice, other: &MultipleChoice) -> bool {
    let sorted = |question: &MultipleChoice| {
        let mut options = question.options.clone();
        options.sort();
        options
    };
    one.question == other.question && sorted(one) == sorted(other)
}

/// How many samples were left out, why, and the first of them.
fn told(why: LeftOut, names: &[String]) -> String {
    let first: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    let more = if names.len() > NAMED { ", ..." } else { "" };
    let count = samples(names.len());
    format!(
        "{count} {}: {count_of} {}{more}",
        why.why(),
        first.join(", "),
        count_of = word(names.len())
    )
}

fn samples(count: usize) -> String {
    format!("{count} {}", word(count))
}

const fn word(count: usize) -> &'static str {
    if count == 1 { "sample" } else { "samples" }
}

/// Where our figure and Inspect's may part.
fn differing(questions: &[(&Sample, MultipleChoice)]) -> Vec<String> {
    let count = |holds: &dyn Fn(&Sample, &MultipleChoice) -> bool| {
        questions.iter().filter(|(sample, question)| holds(sample, question)).count()
    };
    let unfit = count(&|sample, question| {
        sample.error.is_none()
            && sample.reading(question.key, question.options.len()) == Reading::Unfit
    });
    let withheld = count(&|sample, _| sample.withheld() && sample.is_right());
    let silent = count(&|sample, _| sample.is_silent() && sample.is_right());
    [
        (unfit, "with scores that do not tell which choice was read: the answers are read anew, and may count otherwise than in Inspect"),
        (withheld, "right by Inspect, though the model's service withheld the reply: refused here"),
        (silent, "right by Inspect, though the reply says nothing, or nothing outside a thought: unanswered here"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{} {what}", samples(count)))
    .collect()
}
