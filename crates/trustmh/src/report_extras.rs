//! What stands beside the results in a report: published ranks and the worst replies.

use std::collections::BTreeMap;
use std::path::Path;

use trustmh_core::id::TaskId;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::published::Published;
use trustmh_report::facts::{
    Companions, JudgeCalibration, PublishedRanks, WorstReplies, WorstReply,
};
use trustmh_run::derived::annotations;
use trustmh_run::derived::people::agreements;
use trustmh_run::derived::score::ScoredRun;
use trustmh_run::derived::worst::worst;
use trustmh_run::several::leaderboard::{Beside, Leaderboard, leaderboard};
use trustmh_stats::raters::Scale;

use crate::arguments::Replies;
use crate::failure::Failure;

/// Replies shown for each task.
const SHOWN: usize = 3;
/// Characters shown of each.
const CUT: usize = 700;

pub(crate) fn of(
    benchmark: &Benchmark,
    scored: &ScoredRun,
    replies: Replies,
) -> Result<Companions, Failure> {
    let published = Published::embedded()?;
    let board = leaderboard(&published, std::slice::from_ref(scored));
    let places = places(&board);
    let published = PublishedRanks {
        models: published.models,
        pillars: published.pillar_ranks,
        notes: published.notes,
        places,
    };
    let shown = match replies {
        Replies::AsUsual => 0,
        Replies::Asked => SHOWN,
    };
    let replies = worst(benchmark, scored, shown)?.into_iter().map(|(task, found)| {
        let replies = found.trials.into_iter().map(|one| WorstReply {
            trial: one.trial,
            value: one.value,
            asked: last_part(&one.asked),
            reply: first_part(&one.reply),
        });
        let replies = replies.collect();
        (task, WorstReplies { measure: found.measure, as_bad: found.as_bad, replies })
    });
    let (worst, calibration) = (replies.collect(), calibration(benchmark, scored)?);
    Ok(Companions { published: Some(published), worst, calibration, beside: None })
}

/// The run's judge beside each person who rated its replies.
fn calibration(
    benchmark: &Benchmark,
    scored: &ScoredRun,
) -> Result<Vec<JudgeCalibration>, Failure> {
    let given = annotations::read(Path::new(&scored.scorecard.run))?;
    let fields =
        agreements(scored.benchmark(benchmark), &scored.manifest, &scored.trials, &given, "")?;
    let mut found = Vec::new();
    for field in fields {
        let Some(judge) = &field.judge else { continue };
        let beside = field.agreement.pairs.iter().filter(|pair| pair.right == *judge);
        found.extend(beside.map(|pair| JudgeCalibration {
            field: format!("{}: {}", field.rubric, field.field),
            person: pair.left.clone(),
            agreement: pair.agreement,
            kappa: match field.agreement.scale {
                Scale::Nominal => pair.cohen_kappa,
                Scale::Numeric => pair.quadratic_kappa,
            },
            bias: pair.bias,
        }));
    }
    Ok(found)
}

fn places(board: &Leaderboard) -> BTreeMap<TaskId, String> {
    let of_tasks = board.tasks.iter().filter_map(|(id, task)| {
        let group = task.groups.first()?;
        let row = group.runs.first()?;
        let place = match (&group.beside_published, row.place) {
            (Beside::Not(why), _) => format!("none: {why}"),
            (Beside::Directly, None) => "none: no numbers are published".to_owned(),
            (Beside::Directly, Some((best, worst))) if best == worst => {
                format!("{best} by {}", row.metric)
            }
            (Beside::Directly, Some((best, worst))) => {
                format!("{best} to {worst} by {}, as its interval goes", row.metric)
            }
        };
        Some((id.clone(), place))
    });
    of_tasks.collect()
}

fn first_part(text: &str) -> String {
    match text.char_indices().nth(CUT) {
        Some((end, _)) => format!("{} …", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn last_part(text: &str) -> String {
    let Some(more) = text.chars().count().checked_sub(CUT).filter(|more| *more > 0) else {
        return text.to_owned();
    };
    format!("… {}", text.chars().skip(more).collect::<String>())
}
