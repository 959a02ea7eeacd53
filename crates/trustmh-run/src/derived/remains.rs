//! Trials whose words were forgotten: their recorded scores count, by the rules and the judge by which they were taken.

use trustmh_core::id::{MeasureName, TrialId};
use trustmh_core::item::ARM;
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::JudgeName;
use trustmh_core::trial::TrialScore;
use trustmh_engine::behind::TrialKind;
use trustmh_engine::judge::verdict_of;
use trustmh_engine::score::Holds;
use trustmh_engine::walk::Walk;

use crate::derived::people::judged_by;
use crate::error::RunError;
use crate::journal::{Forgetting, Recorded, Remains, ScoreLeft, Scored, Trials};
use crate::manifest::Manifest;

/// What broken calls are told by whose messages were forgotten.
pub const FAULT_FORGOTTEN: &str = "what went wrong was forgotten with the replies";

/// The recorded score of a trial, if it is by this protocol and judge; none if the trial had not ended.
///
/// # Errors
/// [`RunError::ReplyForgotten`] where another protocol or judge is wanted.
pub(super) fn score_of(
    remains: Remains,
    trials: &Trials,
    protocol: Protocol,
    judge: &JudgeName,
) -> Result<Option<TrialScore>, RunError> {
    let Some(scored) = remains.scored else { return Ok(None) };
    if scored.protocol == protocol && scored.judge == *judge {
        return Ok(Some(scored.score.score()));
    }
    Err(RunError::ReplyForgotten {
        trial: remains.trial.id,
        on: trials.forgetting(remains.number).map(Forgetting::day).unwrap_or_default(),
        protocol: scored.protocol,
        judge: scored.judge.title().to_owned(),
    })
}

/// What decides by which rubrics the trial was judged.
pub(super) fn kind_of(remains: &Remains) -> TrialKind {
    TrialKind {
        arm: remains.trial.tags.get(ARM).cloned(),
        language: remains.trial.language.clone(),
    }
}

/// What is kept of the score of a trial that is about to be forgotten.
///
/// # Errors
/// [`RunError::Engine`] for a rubric that the benchmark no longer has.
pub(crate) fn kept(
    manifest: &Manifest,
    walk: &Walk<'_>,
    recorded: &Recorded,
    score: TrialScore,
    number: u32,
) -> Result<Scored, RunError> {
    let texts = walk.rules.task.file.scorer.scorer().texts;
    let is_label = |name: &MeasureName| {
        texts.iter().any(|text| text.name == name.as_str() && text.holds == Holds::Label)
    };
    let mut verdicts = std::collections::BTreeMap::new();
    for rubric in walk.rules.rubrics(&recorded.trial)? {
        let is_judged = rubric.file.is_tree() || verdict_of(rubric, &recorded.exchanges).is_some();
        let said = if is_judged { judged_by(walk, rubric, recorded)? } else { continue };
        if !said.is_empty() {
            verdicts.insert(rubric.file.id.clone(), said);
        }
    }
    Ok(Scored {
        number,
        protocol: manifest.protocol,
        judge: manifest.judge.name.clone(),
        score: ScoreLeft::of(score, is_label),
        verdicts,
    })
}

/// What a scorecard says of forgotten replies, one sentence for each forgetting.
pub(super) fn caveats(trials: &Trials) -> Vec<String> {
    if trials.forgotten() == 0 {
        return Vec::new();
    }
    let said = |forgetting: &Forgetting| {
        let (count, when) = (forgetting.trials, forgetting.in_words());
        format!("The replies of {count} trials were forgotten {when}.")
    };
    let mut all: Vec<String> = trials.forgettings.iter().map(said).collect();
    all.push(
        "Forgotten replies count by the scores that were recorded before; they cannot be read or scored again."
            .to_owned(),
    );
    vec![all.join(" ")]
}

/// The name of a trial that was forgotten, with the day, for whoever asks for its words.
pub fn forgotten_on(trials: &Trials, trial: &TrialId, number: u32) -> String {
    match trials.forgetting(number) {
        Some(forgetting) => format!("the words of {trial} were forgotten on {}", forgetting.day()),
        None => format!("the words of {trial} were forgotten"),
    }
}
