//! Which of the given paths hold outputs, and which only sum them up.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::RecordFormat;
use crate::error::DataError;

/// What parts judge and subject in the names of judgement files.
pub(super) const EVALUATION: &str = "-evaluation_";

/// A file with outputs.
pub(super) struct Output {
    pub(super) path: PathBuf,
    /// The file's name.
    pub(super) file: String,
    /// The model in the file's name, or what stands for it.
    pub(super) model: String,
}

enum Part {
    Outputs(String),
    Beside(String),
    /// Belongs to the record, and is not needed.
    Aside,
}

/// The files with outputs among `paths`.
pub(super) fn outputs(format: RecordFormat, paths: &[PathBuf]) -> Result<Vec<Output>, DataError> {
    let expected = format.file_names();
    let mut outputs = Vec::new();
    let mut beside = Vec::new();
    for path in paths {
        let file = file_name(path);
        match part(format, &file) {
            Some(Part::Outputs(model)) => outputs.push(Output { path: path.clone(), file, model }),
            Some(Part::Beside(model)) => beside.push((path, model)),
            Some(Part::Aside) => {}
            None => {
                let format = format.slug();
                return Err(DataError::FileName { path: path.clone(), format, expected });
            }
        }
    }
    let models: BTreeSet<&str> = outputs.iter().map(|output| output.model.as_str()).collect();
    if let Some((path, _)) = beside.iter().find(|(_, model)| !models.contains(model.as_str())) {
        return Err(DataError::OnlySummary { path: path.to_path_buf(), expected });
    }
    if outputs.is_empty() {
        return Err(DataError::NothingRecorded { format: format.slug(), expected });
    }
    Ok(outputs)
}

fn part(format: RecordFormat, file: &str) -> Option<Part> {
    let outputs = |model: &str| Some(Part::Outputs(model.to_owned()));
    let beside = |model: &str| Some(Part::Beside(model.to_owned()));
    match format {
        RecordFormat::TrustmhEthics => match file.rsplit_once('.')? {
            (stem, "json") => outputs(stem),
            (stem, "txt") => beside(stem),
            _ => None,
        },
        RecordFormat::TrustmhPrivacyTier1 => {
            if let Some(model) = inner(file, "outputs_", "_tier1.jsonl") {
                return outputs(model);
            }
            let summed = |start| inner(file, start, "_tier1.json");
            beside(summed("summary_").or_else(|| summed("final_report_"))?)
        }
        RecordFormat::TrustmhPrivacyTier2 => {
            let (model, rest) = inner(file, "final_report_", ".json")?.split_once(TIER_2)?;
            ["2a", "2b"].iter().any(|tier| rest.starts_with(tier)).then(|| outputs(model))?
        }
        RecordFormat::TrustmhPrivacyTier3 => {
            if let Some(named) = inner(file, "outputs_", ".jsonl") {
                return outputs(named.split_once(TIER_3)?.0);
            }
            beside(inner(file, "summary_", ".csv")?.split_once(TIER_3)?.0)
        }
        RecordFormat::EmobenchV1 if file == "data.json" => Some(Part::Aside),
        RecordFormat::EmobenchV1 => {
            let stem = file.strip_suffix(".csv")?.trim_end_matches(|c: char| c.is_ascii_digit());
            let (model, language) = stem.rsplit_once('-')?;
            ["en", "zh"].contains(&language).then(|| outputs(model))?
        }
        RecordFormat::EsconvGenerations => match file {
            "gen.json" => outputs("esconv-generations"),
            "metric.json" => beside("esconv-generations"),
            _ => None,
        },
        RecordFormat::CrisisLabels
        | RecordFormat::CrisisAnswers
        | RecordFormat::CrisisJudgements => outputs(of_crisis(format, file)?),
        RecordFormat::Inspect => {
            outputs(file.strip_suffix(".eval").or_else(|| file.strip_suffix(".json"))?)
        }
        RecordFormat::CssrsLlm => outputs(file.strip_suffix("_responses.jsonl")?),
    }
}

/// The labeller, model, or judge and model in the name of a crisis file.
fn of_crisis(format: RecordFormat, file: &str) -> Option<&str> {
    let stem = file.strip_suffix(".json")?;
    let before = |marks: &[&str]| {
        let found = marks.iter().find_map(|mark| stem.split_once(mark));
        found.map(|(name, _)| name).filter(|name| !name.is_empty())
    };
    match format {
        RecordFormat::CrisisLabels => {
            before(&["-labeled-", "_labeled_", "-labelled-", "_labelled_"])
        }
        RecordFormat::CrisisAnswers if stem.contains(EVALUATION) => None,
        RecordFormat::CrisisAnswers => before(&["-answers-"]),
        _ => before(&["-answers-"]).filter(|pair| pair.contains(EVALUATION)),
    }
}

/// What stands before the tier in file names of tier 2.
pub(super) const TIER_2: &str = "_data_tier_";
/// What ends the model in file names of tier 3.
pub(super) const TIER_3: &str = "_data_tier_3";

fn inner<'f>(file: &'f str, start: &str, end: &str) -> Option<&'f str> {
    file.strip_prefix(start)?.strip_suffix(end).filter(|inner| !inner.is_empty())
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
