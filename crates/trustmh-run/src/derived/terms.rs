//! How a task of a run was asked and scored: what must be alike for its numbers to stand beside those of another run.

use std::collections::BTreeMap;

use trustmh_core::digest::Digest;
use trustmh_core::id::TaskId;
use trustmh_core::item::ItemKind;
use trustmh_core::language::LanguageRange;
use trustmh_core::protocol::Protocol;
use trustmh_core::request::SystemPrompt;
use trustmh_core::scorecard::JudgeName;
use trustmh_core::unlike::{Aspect, Unlike};
use trustmh_data::record::ImportFormat;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::task::ScorerKind;
use trustmh_engine::walk::{JudgeQuestions, UnreadVerdict};
use trustmh_model::redact::without_secrets;

use crate::manifest::{Caps, Manifest, Origin, PlannedTask};
use crate::observed::{DATASET, Observed};

/// How a task of a run was asked and scored, aspect by aspect: two runs in which all that forbids a comparison is equal asked the
/// same prompts about the same data by the same rules, and had the replies judged alike.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms(BTreeMap<Aspect, String>);

/// What decides whether numbers of a task are comparable, by name.
pub type Key = BTreeMap<&'static str, String>;

impl Terms {
    /// Those of the task `id` in the run of `manifest`, scored by `benchmark` and `protocol` with the verdicts of `judge`; none if either
    /// does not have the task.
    pub fn of(
        benchmark: &Benchmark,
        manifest: &Manifest,
        id: &TaskId,
        protocol: Protocol,
        judge: &JudgeName,
    ) -> Option<Self> {
        let task = benchmark.task(id).ok()?;
        let planned = manifest.tasks.get(id)?;
        let asked = &manifest.subject.asked;
        let mut terms = BTreeMap::from([
            (Aspect::Protocol, protocol.to_string()),
            (Aspect::AskedBy, manifest.protocol.to_string()),
            (Aspect::TaskVersion, planned.version.to_string()),
            (Aspect::TaskFile, short(&task.digest)),
            (Aspect::Prompts, wording(manifest, planned)),
            (Aspect::Rubrics, rubrics(planned)),
            (Aspect::Data, data(manifest, planned)),
            (Aspect::Languages, languages(manifest, planned)),
            (Aspect::Caps, caps(&manifest.caps)),
            (Aspect::Context, context(&manifest.caps)),
            (Aspect::SubjectOptions, in_words(asked.request_in_words())),
            (Aspect::SystemPrompt, or(asked.system.as_ref().map(SystemPrompt::in_words), "none")),
            (Aspect::Temperature, or(asked.temperature.map(|t| t.to_string()), "each task's own")),
            (Aspect::Repeats, manifest.repeats.to_string()),
        ]);
        // Who judges has no say in tasks that nobody judges.
        if task.rule(protocol).all_rubrics().next().is_some() {
            terms.extend(judged(benchmark, manifest, judge));
        }
        // Nothing was played in a record.
        if task.file.items == ItemKind::Conversation && recorded(manifest).is_none() {
            match manifest.origin.observed() {
                Some(observed) => terms.extend(of_transcripts(observed)),
                None => terms.extend(played(benchmark, manifest)),
            }
            if let JudgeName::Model(_) = judge {
                let asked = questions(manifest.judge_questions).to_owned();
                terms.insert(Aspect::JudgeQuestions, asked);
            }
        }
        if task.file.scorer == ScorerKind::Toxicity {
            let endpoint = manifest.toxicity_url.as_deref().map(without_secrets);
            let endpoint = endpoint.unwrap_or_else(|| "the judge".to_owned());
            terms.insert(Aspect::ToxicityScorer, endpoint);
        }
        // A record has no seed: nothing in it was drawn by this program.
        if recorded(manifest).is_none() && manifest.origin.observed().is_none() {
            terms.insert(Aspect::Seed, manifest.seed.to_string());
        }
        Some(Self(terms))
    }

    /// What is not alike, `self` first.
    pub fn differences(&self, other: &Self) -> Vec<Unlike> {
        let both = self.0.iter().filter_map(|(what, one)| Some((*what, one, other.0.get(what)?)));
        both.filter(|(_, one, two)| one != two)
            .map(|(what, one, two)| Unlike::new(what, one, two))
            .collect()
    }

    /// What forbids to compare the two, `self` first.
    pub fn forbidding(&self, other: &Self) -> Vec<Unlike> {
        let mut differences = self.differences(other);
        differences.retain(Unlike::forbids);
        differences
    }

    /// The part that decides whether numbers are comparable, by name.
    pub fn key(&self) -> Key {
        let deciding = self
            .0
            .iter()
            .filter(|(what, value)| Unlike::new(**what, value.as_str(), value.as_str()).forbids());
        deciding.map(|(what, value)| (what.title(), value.clone())).collect()
    }
}

/// Two runs are of different conversations, and may be compared all the same: as samples that share nothing.
fn of_transcripts(observed: &Observed) -> [(Aspect, String); 4] {
    let files: Vec<String> = observed
        .files
        .iter()
        .map(|(name, file)| format!("{name} {}", short(&file.digest)))
        .collect();
    let redaction = observed.redaction.as_ref();
    let rules = redaction.map(|redaction| format!("rules version {}", redaction.rules));
    [
        (Aspect::Prompts, "as they took place".to_owned()),
        (Aspect::Data, DATASET.to_owned()),
        (Aspect::Transcripts, files.join(", ")),
        (Aspect::Redaction, or(rules, "none")),
    ]
}

fn short(digest: &Digest) -> String {
    digest.as_str().chars().take(8).collect()
}

fn in_words(asked: Option<String>) -> String {
    or(asked, "as usual")
}

fn or(said: Option<String>, unsaid: &str) -> String {
    said.unwrap_or_else(|| unsaid.to_owned())
}

fn judged(
    benchmark: &Benchmark,
    manifest: &Manifest,
    judge: &JudgeName,
) -> BTreeMap<Aspect, String> {
    let name = judge.title();
    match judge {
        JudgeName::Offline => {
            let own = benchmark.own_file("offline-judge.toml");
            let own = own.map(|text| format!(" (own, {})", short(&Digest::of(text.as_bytes()))));
            let version = manifest.offline_rules;
            let rules = format!("{name} version {version}{}", own.unwrap_or_default());
            BTreeMap::from([(Aspect::Judge, rules)])
        }
        // Where it has no head the rules judge, of a version that comes with it.
        JudgeName::Embedded(model) => {
            let heads = model.as_str().rsplit('-').next().unwrap_or_default();
            let version = manifest.offline_rules;
            let judge = format!("{name} {heads}, rules version {version}");
            BTreeMap::from([(Aspect::Judge, judge)])
        }
        JudgeName::None => BTreeMap::from([(Aspect::Judge, name.to_owned())]),
        // Records name a model without the service it came from.
        JudgeName::Model(_) => BTreeMap::from([
            (Aspect::Judge, name.rsplit('/').next().unwrap_or(name).to_owned()),
            (Aspect::JudgeOptions, in_words(manifest.judge.asked.in_words())),
            (Aspect::UnreadVerdicts, unread(manifest.unread_verdict).to_owned()),
        ]),
    }
}

/// Who played clients, and how; all tasks of conversations may have some that are played.
fn played(benchmark: &Benchmark, manifest: &Manifest) -> BTreeMap<Aspect, String> {
    let name = manifest.client_name();
    match &manifest.client {
        None => {
            let version = benchmark.client_tables().version;
            let own = benchmark.own_file("client.toml");
            let own = own.map(|text| format!(" (own, {})", short(&Digest::of(text.as_bytes()))));
            let client = format!("{} version {version}{}", name.title(), own.unwrap_or_default());
            BTreeMap::from([(Aspect::Client, client)])
        }
        Some(client) => BTreeMap::from([
            (Aspect::Client, name.title().to_owned()),
            (Aspect::ClientOptions, in_words(client.asked.in_words())),
        ]),
    }
}

const fn questions(asked: JudgeQuestions) -> &'static str {
    match asked {
        JudgeQuestions::Together => "together",
        JudgeQuestions::Apart => "apart",
    }
}

const fn unread(verdict: UnreadVerdict) -> &'static str {
    match verdict {
        UnreadVerdict::StaysMissing => "stay missing",
        UnreadVerdict::AskedAgain => "are asked for again",
    }
}

fn rubrics(planned: &PlannedTask) -> String {
    let all: Vec<String> = planned.rubrics.iter().map(short).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(" ") }
}

/// The format of the record that a run's prompts come from, if they are not this program's.
fn recorded(manifest: &Manifest) -> Option<&ImportFormat> {
    match (&manifest.origin, &manifest.prompts_from) {
        (Origin::Imported { format }, _) => Some(format),
        (Origin::Asked, Some(source)) => Some(&source.format),
        (Origin::Asked, None) | (Origin::Observed(_), _) => None,
    }
}

/// Some records leave their prompts out, so those of one format count as one wording.
fn wording(manifest: &Manifest, planned: &PlannedTask) -> String {
    match recorded(manifest) {
        Some(format) => format!("as recorded, {format}"),
        None => planned.prompts.as_str().chars().take(12).collect(),
    }
}

/// The set, and the beginning of the hash of each of its files. The files of imported runs are the records
/// themselves, which differ by subject.
fn data(manifest: &Manifest, planned: &PlannedTask) -> String {
    if let Some(format) = recorded(manifest) {
        return format!("{} (as recorded, {format})", planned.source.dataset);
    }
    let files = planned.source.files.iter();
    let files: Vec<String> = files
        .map(|(name, hash)| format!("{name} {}", hash.chars().take(8).collect::<String>()))
        .collect();
    format!("{} ({})", planned.source.dataset, files.join(", "))
}

/// What bounds items and replies. The name of a profile bounds nothing.
fn caps(caps: &Caps) -> String {
    let bounds = Caps { profile: None, context: None, languages: Vec::new(), ..caps.clone() };
    bounds.in_words().unwrap_or_else(|| "none".to_owned())
}

/// In which languages a task was asked: all, where the languages asked for leave none of its items out.
fn languages(manifest: &Manifest, planned: &PlannedTask) -> String {
    if planned.other_languages == 0 {
        return "all of the items".to_owned();
    }
    let names: Vec<&str> = manifest.caps.languages.iter().map(LanguageRange::as_str).collect();
    format!("only {}", names.join(" and "))
}

fn context(caps: &Caps) -> String {
    caps.context.map_or_else(|| "not bounded".to_owned(), |tokens| format!("{tokens} tokens"))
}
