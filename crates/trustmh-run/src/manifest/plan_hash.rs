//! The hash over everything that decides which calls are made.

use serde::Serialize;
use std::collections::BTreeMap;

use trustmh_core::digest::Digest;
use trustmh_core::id::{RunId, TaskId};
use trustmh_core::protocol::Protocol;
use trustmh_core::repeats::Repeats;
use trustmh_engine::walk::{JudgeQuestions, UnreadVerdict};

use crate::manifest::{Caps, JudgeRecord, Manifest, ModelRecord, PlannedTask};

#[derive(Serialize)]
struct Hashed<'a> {
    subject: &'a ModelRecord,
    judge: &'a JudgeRecord,
    toxicity_url: &'a Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<&'a ModelRecord>,
    #[serde(skip_serializing_if = "JudgeQuestions::are_together")]
    judge_questions: JudgeQuestions,
    protocol: Protocol,
    #[serde(skip_serializing_if = "UnreadVerdict::stays_missing")]
    unread_verdict: UnreadVerdict,
    seed: u64,
    caps: &'a Caps,
    #[serde(skip_serializing_if = "Repeats::is_once")]
    repeats: Repeats,
    tasks: &'a BTreeMap<TaskId, PlannedTask>,
    offline_rules: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompts_from: Option<&'a RunId>,
}

pub(crate) fn plan_hash(manifest: &Manifest) -> Digest {
    let hashed = Hashed {
        subject: &manifest.subject,
        judge: &manifest.judge,
        toxicity_url: &manifest.toxicity_url,
        client: manifest.client.as_ref(),
        judge_questions: manifest.judge_questions,
        protocol: manifest.protocol,
        unread_verdict: manifest.unread_verdict,
        seed: manifest.seed,
        caps: &manifest.caps,
        repeats: manifest.repeats,
        tasks: &manifest.tasks,
        offline_rules: manifest.offline_rules,
        prompts_from: manifest.prompts_from.as_ref().map(|source| &source.run),
    };
    // Serialising plain data into memory has no way to fail; an empty hash would still be compared.
    #[expect(clippy::expect_used, reason = "two plans must not share the hash of nothing")]
    let bytes = serde_json::to_vec(&hashed).expect("a plan has only what JSON can hold");
    Digest::of(&bytes)
}
