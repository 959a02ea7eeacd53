//! What is told of a run besides its results: when, how much, at what cost.

use trustmh_core::call::Usage;
use trustmh_core::facts::{RunFacts, SetAside};
use trustmh_core::id::ModelId;
use trustmh_core::scorecard::JudgeName;

use crate::derived::score::ScoredRun;
use crate::journal::{Lesson, Mark, Session, Totals, Trials, Uncounted};
use crate::manifest::Manifest;
use crate::plan::prices::{Prices, answers_in_process};

/// What is told of a scored run besides its results, the calls that were set aside among it.
pub fn facts_of(scored: &ScoredRun) -> RunFacts {
    let set_aside = scored.set_aside.iter().map(|(why, aside)| SetAside {
        why: why.clone(),
        calls: aside.calls,
        trials: aside.trials.clone(),
    });
    RunFacts { set_aside: set_aside.collect(), ..facts(&scored.manifest, &scored.trials) }
}

/// What a manifest and a journal tell without a look at each call.
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
        seconds: seconds(sessions),
        asked_by: manifest.protocol,
        seed: manifest.seed,
        caps: manifest.caps.in_words(),
        subject_asked: manifest.subject.asked.in_words(),
        judge_asked: manifest.judge.asked.in_words(),
        client_asked: manifest.client.as_ref().and_then(|client| client.asked.in_words()),
        learnt: trials.lessons.iter().map(Lesson::in_report).collect(),
        subject_calls: totals.subject_calls,
        judge_calls: totals.judge_calls,
        client_calls: totals.client_calls,
        retries: totals.retries,
        broken: totals.broken,
        handed_on: totals.handed_on,
        set_aside: Vec::new(),
        prompt_tokens: all_tokens(&totals, |tokens| tokens.prompt_tokens),
        reply_tokens: all_tokens(&totals, |tokens| tokens.reply_tokens),
        uncounted: uncounted(manifest, totals.uncounted),
        dollars: dollars(manifest, trials),
        plan_hash: manifest.plan_hash.to_string(),
    }
}

/// The time of all sessions that ended, in seconds; a session that was cut off left no end.
fn seconds(sessions: &[Session]) -> Option<u64> {
    let mut total = None;
    for pair in sessions.windows(2) {
        if let [begin, end] = pair
            && begin.mark == Mark::Began
            && end.mark != Mark::Began
        {
            let spent = end.at.duration_since(begin.at).as_secs().max(0).unsigned_abs();
            total = Some(total.unwrap_or(0) + spent);
        }
    }
    total
}

fn all_tokens(totals: &Totals, of: impl Fn(&Usage) -> u64) -> u64 {
    [&totals.subject_tokens, &totals.judge_tokens, &totals.client_tokens].into_iter().map(of).sum()
}

/// Replies whose tokens somebody else ought to have counted: what answers in this process costs nothing.
fn uncounted(manifest: &Manifest, replies: Uncounted) -> u64 {
    let judge = match &manifest.judge.name {
        JudgeName::Model(judge) => Some(judge),
        JudgeName::Offline | JudgeName::Embedded(_) | JudgeName::None => None,
    };
    let client = manifest.client.as_ref().map(|client| &client.id);
    let by_model = [
        (Some(&manifest.subject.id), replies.subject),
        (judge, replies.judge),
        (client, replies.client),
    ];
    let elsewhere = |model: Option<&ModelId>| model.is_some_and(|one| !answers_in_process(one));
    by_model.into_iter().filter(|(model, _)| elsewhere(*model)).map(|(_, replies)| replies).sum()
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
    // The offline client costs nothing.
    let client = match &manifest.client {
        Some(client) if totals.client_calls > 0 => prices.of(&client.id)?.of(totals.client_tokens),
        Some(_) | None => 0.0,
    };
    Some(subject + judge + client)
}
