//! `trustmh export --format huggingface`: trials and items of a run as a dataset that `datasets` loads.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use trustmh_core::digest::Digest;
use trustmh_engine::benchmark::Benchmark;
use trustmh_report::dataset_card::DatasetCard;
use trustmh_report::standing::banner;
use trustmh_report::trials::{ParquetItems, ParquetTrials};
use trustmh_run::derived::rows::{Words, measures, rows};
use trustmh_run::derived::score::ScoredRun;
use trustmh_run::manifest::Manifest;

use crate::dataset_folder::{DatasetFolder, licences, named};
use crate::failure::{Exit, Failure};

pub(super) fn write(
    benchmark: &Benchmark,
    scored: &ScoredRun,
    words: Words,
    output: Option<&Path>,
) -> Result<Exit, Failure> {
    let folder = DatasetFolder::create(output)?;
    let mut languages = BTreeSet::new();
    let mut tables = vec![folder.table(
        "trials",
        "a question as it was asked once, with its reply and scores",
        |out| {
            let mut table = ParquetTrials::begin(out, measures(scored))?;
            let mut count = 0;
            for row in rows(benchmark, scored, words) {
                let row = row?;
                languages.insert(row.language.clone());
                table.add(row)?;
                count += 1;
            }
            table.finish()?;
            Ok(count)
        },
    )?];
    // Items of conversations that took place are what was said.
    if words == Words::Kept {
        tables.push(folder.table("items", "an item, once a task", |out| {
            let mut table = ParquetItems::begin(out)?;
            let mut met = HashSet::new();
            for recorded in scored.trials.iter() {
                let Some(recorded) = recorded?.whole() else { continue };
                let trial = recorded.trial;
                let is_as_it_is = trial.perturbation.is_none() && trial.cut.is_none();
                let name = Digest::half(&format!("{} {}", trial.task, trial.item.id));
                if is_as_it_is && met.insert(name) {
                    table.add(&trial.task, &trial.item)?;
                }
            }
            table.finish()?;
            Ok(met.len() as u64)
        })?);
    }
    let card = card(scored, words, languages);
    folder.finish(&DatasetCard { tables, ..card })
}

fn card(scored: &ScoredRun, words: Words, languages: BTreeSet<String>) -> DatasetCard {
    let (scorecard, manifest) = (&scored.scorecard, &scored.manifest);
    let mut first: Vec<String> = banner(scorecard).into_iter().collect();
    let forgotten = scored.trials.forgotten();
    if forgotten > 0 {
        first.push(format!("The words of {forgotten} trials were forgotten: their rows have scores alone, and their items are missing."));
    }
    if words == Words::LeftOut {
        first.push("What was said is left out: rows have no messages, replies or verdicts, and there is no table of items.".to_owned());
    }
    DatasetCard {
        title: format!("TrustMH run of {}", scorecard.subject_shown()),
        first,
        about: vec![made(manifest, scored)],
        tables: Vec::new(),
        languages: languages.into_iter().filter(|tag| !tag.is_empty()).collect(),
        licences: licences(manifest.tasks.values().map(|task| &task.source)),
        caveats: scorecard.caveats.clone(),
    }
}

fn made(manifest: &Manifest, scored: &ScoredRun) -> String {
    let release = manifest.benchmark.as_ref().map_or_else(
        || "a benchmark from before it had releases".to_owned(),
        |release| format!("release {} of its benchmark", release.in_words()),
    );
    format!(
        "Made by trustmh {} from the run {} of {}, planned by trustmh {} with {release}; protocol {}, judge: {}. Tasks: {}.",
        env!("CARGO_PKG_VERSION"),
        manifest.id,
        manifest.created,
        manifest.program,
        scored.scorecard.protocol,
        scored.scorecard.judge.title(),
        named(manifest.tasks.keys())
    )
}
