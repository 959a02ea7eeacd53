//! How a run was set up, in words: what its manifest says, for people. No addresses' secrets, and no key was ever recorded.

use trustmh_core::release::BenchmarkRelease;
use trustmh_core::scorecard::{ItemOrigin, JudgeName};
use trustmh_model::redact::without_secrets;

use crate::manifest::{JudgeRecord, Manifest, ModelRecord, Origin, PlannedTask};

/// A thing that was set, and to what.
pub type Row = (&'static str, String);

/// Facts of a run that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What they are about.
    pub title: &'static str,
    /// Them.
    pub rows: Vec<Row>,
}

/// The setting of a run by subject.
pub fn setup(manifest: &Manifest) -> Vec<Section> {
    let mut sections = vec![
        Section { title: "Subject", rows: subject(manifest) },
        Section { title: "Judge", rows: judge(&manifest.judge, manifest) },
    ];
    if let Some(client) = &manifest.client {
        sections.push(Section { title: "Client", rows: model(client) });
    }
    sections.push(Section { title: "Rules and limits", rows: rules(manifest) });
    sections.push(Section { title: "Record", rows: record(manifest) });
    sections
}

/// The data of one task in words: whose it is, what was read, which files.
pub fn data_in_words(planned: &PlannedTask) -> String {
    let source = &planned.source;
    let origin = match source.origin {
        ItemOrigin::Published => "published files",
        ItemOrigin::Starter => "starter items",
        ItemOrigin::Own => "own items",
        ItemOrigin::Imported => "imported with the outputs",
        ItemOrigin::Observed => "conversations that took place",
    };
    format!("{}, {origin}, {} records", source.dataset, source.records)
}

fn subject(manifest: &Manifest) -> Vec<Row> {
    let mut rows = model(&manifest.subject);
    rows.push((
        "Asked by",
        match &manifest.origin {
            Origin::Asked => "this program".to_owned(),
            Origin::Imported { format } => {
                format!("another program; imported from {}", format.name())
            }
            Origin::Observed(observed) => {
                format!("nobody: {} conversations that took place", observed.conversations)
            }
        },
    ));
    rows.push(("Repeats", manifest.repeats.to_string()));
    rows
}

fn model(model: &ModelRecord) -> Vec<Row> {
    let name = model.name.as_ref().map(|name| ("Called", name.to_string()));
    let mut rows = vec![("Model", model.id.to_string())];
    rows.extend(name);
    rows.push(("Address", address(model.base_url.as_deref())));
    rows.push(("Options", or_usual(model.asked.in_words())));
    rows
}

fn judge(judge: &JudgeRecord, manifest: &Manifest) -> Vec<Row> {
    let mut rows = vec![("Judge", judge.name.title().to_owned())];
    match &judge.name {
        JudgeName::Offline | JudgeName::Embedded(_) => {
            rows.push(("Version of the offline rules", manifest.offline_rules.to_string()));
        }
        JudgeName::Model(_) => {
            rows.push(("Address", address(judge.base_url.as_deref())));
            rows.push(("Options", or_usual(judge.asked.in_words())));
        }
        JudgeName::None => {}
    }
    let toxicity = manifest.toxicity_url.as_deref().map(without_secrets);
    rows.extend(toxicity.map(|url| ("Toxicity scored by", url)));
    rows
}

fn rules(manifest: &Manifest) -> Vec<Row> {
    let trials: u64 = manifest.tasks.values().map(|task| task.trials).sum();
    vec![
        ("Protocol", manifest.protocol.to_string()),
        ("Tasks", manifest.tasks.len().to_string()),
        ("Trials planned", trials.to_string()),
        ("Limits", manifest.caps.in_words().unwrap_or_else(|| "none".to_owned())),
        ("Seed", manifest.seed.to_string()),
    ]
}

fn record(manifest: &Manifest) -> Vec<Row> {
    let mut rows = vec![
        ("Run", manifest.id.to_string()),
        ("Planned", manifest.created.to_string()),
        ("Program", format!("trustmh {}", manifest.program)),
        ("Benchmark", benchmark(manifest)),
        ("Format", manifest.format.to_string()),
        ("Hash of the plan", manifest.plan_hash.to_string()),
        ("Files kept", manifest.materials.len().to_string()),
    ];
    if let Some(prompts) = &manifest.prompts_from {
        rows.push(("Prompts taken from", prompts.run.to_string()));
    }
    if let Some(repaired) = &manifest.repaired {
        rows.push(("Repaired", repaired.in_words()));
    }
    rows
}

fn benchmark(manifest: &Manifest) -> String {
    let release = manifest.benchmark.as_ref().map(BenchmarkRelease::in_words);
    release.unwrap_or_else(|| "from before it had releases".to_owned())
}

fn address(base_url: Option<&str>) -> String {
    base_url.map_or_else(|| "the provider's own".to_owned(), without_secrets)
}

fn or_usual(options: Option<String>) -> String {
    options.unwrap_or_else(|| "as each task says".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_without_what_may_be_a_key() {
        assert_eq!(address(Some("https://a.example/v1?api-key=abc")), "https://a.example/v1");
        assert_eq!(address(None), "the provider's own");
    }
}
