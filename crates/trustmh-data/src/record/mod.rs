//! Recorded outputs of other harnesses, as trials with their exchanges.

mod batch;
mod crisis;
mod cssrs;
mod emobench;
mod esconv;
mod ethics;
mod gold;
mod inspect;
mod path;
mod reply;
mod tier1;
mod tier2;
mod tier3;

use std::collections::BTreeMap;
use std::path::PathBuf;

use trustmh_core::call::Exchange;
use trustmh_core::id::{ModelId, TaskId};
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::ItemSource;
use trustmh_core::trial::Trial;

use crate::error::DataError;

/// A format of recorded outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordFormat {
    /// Ethical reasoning of the TrustMH-Bench release: `<model>-ethics_reasoning-<time>-<n>.json`.
    TrustmhEthics,
    /// Its ConfAIde tier 1: `outputs_<model>_tier1.jsonl` beside `final_report_<model>_tier1.json`.
    TrustmhPrivacyTier1,
    /// Its ConfAIde tier 2: `final_report_<model>_data_tier_2a_nsamples_1.json` and the same of 2b.
    TrustmhPrivacyTier2,
    /// Its PsyLeak answers: `outputs_<model>_data_tier_3_*.jsonl`.
    TrustmhPrivacyTier3,
    /// First version of EmoBench: `<model>-<language><order>.csv`.
    EmobenchV1,
    /// Generated turns on ESConv: `gen.json`, beside `metric.json`.
    EsconvGenerations,
    /// Labels that models or people gave to messages: `<labeller>-labeled-<...>.json`.
    CrisisLabels,
    /// Replies to those messages: `<model>-answers-<...>.json`.
    CrisisAnswers,
    /// A judge's scores of such replies: `<judge>-evaluation_<model>-answers-<...>.json`.
    CrisisJudgements,
    /// Replies that give a level of the Columbia scale: `<model>_responses.jsonl`, with `labels.csv`.
    CssrsLlm,
    /// Logs of Inspect AI: `*.eval` and `*.json`.
    Inspect,
}

/// Files that a record refers to without holding them.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// The folder of published data.
    pub data: Option<PathBuf>,
    /// A file with the labels that people gave.
    pub labels: Option<PathBuf>,
}

impl RecordFormat {
    /// All formats.
    pub const ALL: [Self; 11] = [
        Self::TrustmhEthics,
        Self::TrustmhPrivacyTier1,
        Self::TrustmhPrivacyTier2,
        Self::TrustmhPrivacyTier3,
        Self::EmobenchV1,
        Self::EsconvGenerations,
        Self::CrisisLabels,
        Self::CrisisAnswers,
        Self::CrisisJudgements,
        Self::CssrsLlm,
        Self::Inspect,
    ];

    /// The word used on the command line.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::TrustmhEthics => "trustmh-ethics",
            Self::TrustmhPrivacyTier1 => "trustmh-privacy-tier1",
            Self::TrustmhPrivacyTier2 => "trustmh-privacy-tier2",
            Self::TrustmhPrivacyTier3 => "trustmh-privacy-tier3",
            Self::EmobenchV1 => "emobench-v1",
            Self::EsconvGenerations => "esconv-generations",
            Self::CrisisLabels => "crisis-labels",
            Self::CrisisAnswers => "crisis-answers",
            Self::CrisisJudgements => "crisis-judgements",
            Self::CssrsLlm => "cssrs-llm",
            Self::Inspect => "inspect",
        }
    }

    /// The format with this slug, if there is one.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.slug() == slug)
    }

    /// How files with outputs are named.
    pub const fn file_names(self) -> &'static str {
        match self {
            Self::TrustmhEthics => "*.json",
            Self::TrustmhPrivacyTier1 => "outputs_<model>_tier1.jsonl",
            Self::TrustmhPrivacyTier2 => "final_report_<model>_data_tier_{2a,2b}_nsamples_<n>.json",
            Self::TrustmhPrivacyTier3 => "outputs_<model>_data_tier_3_<...>.jsonl",
            Self::EmobenchV1 => "<model>-<language><order>.csv",
            Self::EsconvGenerations => "gen.json",
            Self::CrisisLabels => "<labeller>-labeled-<...>.json or <labeller>_labeled_<...>.json",
            Self::CrisisAnswers => "<model>-answers-<...>.json",
            Self::CrisisJudgements => "<judge>-evaluation_<model>-answers-<...>.json",
            Self::CssrsLlm => "<model>_responses.jsonl",
            Self::Inspect => "*.eval or *.json",
        }
    }

    /// Reads files of this format: one run per model, in the order in which models first appear.
    ///
    /// Summaries that the release keeps beside the outputs may be among the paths; they are passed
    /// over if their outputs are too.
    ///
    /// # Errors
    /// [`DataError`] for paths that do not fit the format, for files that cannot be read, and for
    /// records without what the format promises.
    pub fn read(self, paths: &[PathBuf], beside: &Beside) -> Result<Vec<RecordedRun>, DataError> {
        let outputs = path::outputs(self, paths)?;
        match self {
            Self::TrustmhEthics => ethics::read(&outputs),
            Self::TrustmhPrivacyTier1 => tier1::read(&outputs),
            Self::TrustmhPrivacyTier2 => tier2::read(&outputs),
            Self::TrustmhPrivacyTier3 => tier3::read(&outputs),
            Self::EmobenchV1 => emobench::read(&outputs),
            Self::EsconvGenerations => esconv::read(&outputs),
            Self::CrisisLabels => crisis::labels(&outputs, beside),
            Self::CrisisAnswers => crisis::answers(&outputs, beside),
            Self::CrisisJudgements => crisis::judgements(&outputs, beside),
            Self::CssrsLlm => cssrs::read(&outputs, beside),
            Self::Inspect => inspect::read(&outputs),
        }
    }
}

/// What one model was recorded to say in one task.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedRun {
    /// The model, by the name the record uses.
    pub model: ModelId,
    /// Who judged, by the name the record uses.
    pub judge: Option<ModelId>,
    /// Files with their hashes, and what reading came upon.
    pub source: ItemSource,
    /// The trials, in the order of the record.
    pub trials: Vec<RecordedTrial>,
    /// The task the record belongs to.
    pub task: TaskId,
    /// By which rules it was asked.
    pub protocol: Protocol,
    /// Figures that the source printed of itself, by the name of the metric they correspond to.
    pub recorded: BTreeMap<String, f64>,
}

/// One recorded trial.
///
/// Where a source does not say what was sent, the trial has no messages; where it does not say how
/// replies were drawn, the sampling has zeroes.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedTrial {
    /// What was asked.
    pub trial: Trial,
    /// The subject's reply and, if there was one, the judge's verdict.
    pub exchanges: Vec<Exchange>,
    /// What the judge was asked.
    pub judge_prompt: Option<String>,
}
