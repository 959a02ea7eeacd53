//! What is told of a run besides its results: when, how much, at what cost.

use trustmh_core::facts::RunFacts;
use trustmh_core::scorecard::JudgeName;

use crate::journal::{Mark, Trials};
use crate::manifest::Manifest;
use crate::prices::Prices;

/// What is told of the run of `manifest` and `trials` besides its results.
pub fn facts(manifest: &Manifest, trials: &Trials) -> RunFacts {
    let totals = trials.totals;
    let sessions = &trials.sessions;
    let began = sessions.iter().find(|session| session.mark == Mark::Began);
    let ended = sessions.iter().rev().find(|session| session.mark != Mark::Began);
    RunFacts {
        id: manifest.id.to_string(),
        program: manifest.program.clone(),
        began: began.map(|session| session.at.to_string()),
        ended: ended.map(|session| session.at.to_string()),
        asked_by: manifest.protocol,
        seed: manifest.seed,
        caps: manifest.caps.in_words(),
        subject_calls: totals.subject_calls,
        judge_calls: totals.judge_calls,
        retries: totals.retries,
        broken: totals.broken,
        prompt_tokens: totals.subject_tokens.prompt_tokens + totals.judge_tokens.prompt_tokens,
        reply_tokens: totals.subject_tokens.reply_tokens + totals.judge_tokens.reply_tokens,
        dollars: dollars(manifest, trials),
        plan_hash: manifest.plan_hash.to_string(),
    }
}

/// What the recorded calls cost by the table of prices that comes with the program.
fn dollars(manifest: &Manifest, trials: &Trials) -> Option<f64> {
    let prices = Prices::embedded().ok()?;
    let totals = trials.totals;
    let subject = match totals.subject_calls {
        0 => 0.0,
        _ => prices.of(&manifest.subject.id)?.of(totals.subject_tokens),
    };
    let judge = match &manifest.judge.name {
        JudgeName::Model(judge) if totals.judge_calls > 0 => {
            prices.of(judge)?.of(totals.judge_tokens)
        }
        _ => 0.0,
    };
    Some(subject + judge)
}
