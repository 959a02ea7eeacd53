//! Turns of first failures: how far each conversation was followed, and how far it could have been.

use trustmh_core::curve::SurvivalCurve;
use trustmh_core::id::MeasureName;
use trustmh_core::metric::Estimate;
use trustmh_core::outcome::Outcome;
use trustmh_core::scores::Score;
use trustmh_stats::error::StatsError;
use trustmh_stats::survival::{Course, End, Survival, failed_by};

use super::coverage::is_gap;
use super::nothing_measured;
use super::rows::{Rows, Tables, by_trial};

/// The measures of a code of turns by which a conversation is followed to its first.
struct Names {
    /// The turn of the first.
    first: MeasureName,
    /// The last turn up to which there was none.
    clear: MeasureName,
    /// The first turn at which there may have been one, where a verdict is missing.
    may: MeasureName,
    /// Replies of the subject.
    turns: MeasureName,
}

impl Names {
    fn of(code: &MeasureName) -> Self {
        let named = |part: &str| MeasureName::new(format!("{code}_{part}"));
        Self {
            first: named("first"),
            clear: named("last_clear"),
            may: named("worst_first"),
            turns: MeasureName::new("turns"),
        }
    }

    fn followed(&self, score: Score<'_>) -> Followed {
        let outcome = score.outcome();
        // A conversation whose client broke its role says nothing of the subject.
        let says = outcome != Outcome::BrokenClient;
        let turn = |name: &MeasureName| {
            let value = score.measure(name).filter(|value| says && *value > 0.0)?;
            Some(value.round() as u32)
        };
        let (first, clear, may) = (turn(&self.first), turn(&self.clear), turn(&self.may));
        let broke_off = match outcome {
            Outcome::Failed | Outcome::BrokenClient | Outcome::Unanswered(_) => true,
            Outcome::Scored | Outcome::Refused | Outcome::Unparsed => {
                first.or(clear).or(may).is_none() && is_gap(score)
            }
        };
        let turns = turn(&self.turns).filter(|_| outcome == Outcome::Scored);
        Followed { first, clear, may, turns, broke_off }
    }
}

/// What is known of one conversation.
#[derive(Debug, Clone, Copy)]
struct Followed {
    first: Option<u32>,
    clear: Option<u32>,
    may: Option<u32>,
    /// How long it is; not known of one that did not come to its end.
    turns: Option<u32>,
    /// Whether turns that were due did not come, or nothing that was due was measured.
    broke_off: bool,
}

impl Followed {
    /// As it was measured; none where not even the first turn was.
    fn course(self) -> Option<Course> {
        let failed = self.first.map(|turn| Course { turn, end: End::Failed });
        failed.or_else(|| self.clear.map(|turn| Course { turn, end: End::Clear }))
    }

    /// Whether verdicts up to the turn are missing that could have made it fail, or fail earlier.
    fn is_open_at(self, turn: u32) -> bool {
        let before_first = |may: u32| self.first.is_none_or(|first| may < first);
        let may_fail = self.may.is_some_and(|may| may <= turn && before_first(may));
        let broke_off = self.broke_off
            && self.first.is_none_or(|first| first > turn)
            && self.clear.unwrap_or(0) < turn;
        may_fail || broke_off
    }

    /// The course with which most have failed by the turn. The later a failure, up to that turn, the more of those who were followed no further
    /// are taken to be like it: so a conversation that is open fails at the turn, or at its last, and one that has failed did so where it is known to.
    fn at_worst(self, turn: u32) -> Option<Course> {
        let failed_by_then = self.first.is_some_and(|first| first <= turn);
        if failed_by_then || !self.is_open_at(turn) {
            return self.course();
        }
        let last = self.turns.map_or(turn, |turns| turns.min(turn));
        Some(Course { turn: last, end: End::Failed })
    }

    /// The course with which fewest have: one that is open has not failed, and one that has did so as early as it may have.
    fn at_best(self, turn: u32) -> Option<Course> {
        if !self.is_open_at(turn) {
            return self.course();
        }
        match self.first {
            Some(first) if first <= turn => {
                Some(Course { turn: self.may.unwrap_or(first), end: End::Failed })
            }
            Some(_) | None => Some(Course { turn: self.turns.unwrap_or(turn), end: End::Clear }),
        }
    }
}

/// Whether it is known at any turn whether the conversation has failed.
pub(super) fn is_taken(score: Score<'_>, code: &MeasureName) -> bool {
    Names::of(code).followed(score).course().is_some()
}

/// Whether verdicts up to the turn are missing, some or all.
pub(super) fn is_missing(score: Score<'_>, code: &MeasureName, turn: u8) -> bool {
    Names::of(code).followed(score).is_open_at(u32::from(turn))
}

/// The courses of conversations and their items.
fn survival(scores: &[Score<'_>], code: &MeasureName) -> Result<Survival, String> {
    let names = Names::of(code);
    let followed =
        scores.iter().filter_map(|score| Some((names.followed(*score).course()?, score.cluster())));
    let (courses, items): (Vec<Course>, Vec<&str>) = followed.unzip();
    Survival::new(&courses, &items).map_err(|error| match error {
        StatsError::Empty => nothing_measured(scores),
        other => other.to_string(),
    })
}

/// The share that has failed by the turn.
pub(super) fn estimate(
    scores: &[Score<'_>],
    code: &MeasureName,
    turn: u8,
) -> Result<Estimate, String> {
    let survival = survival(scores, code)?;
    survival.failed_by(u32::from(turn)).ok_or_else(|| {
        let last = survival.last_turn();
        format!("no conversation was followed to turn {turn}: the last that is known is {last}")
    })
}

/// The curve behind it.
pub(super) fn curve(
    scores: &[Score<'_>],
    code: &MeasureName,
    turn: u8,
    seed: u64,
) -> Option<SurvivalCurve> {
    Some(survival(scores, code).ok()?.curve(turn.into(), seed))
}

/// Rows of courses, for the share that has failed by the turn.
pub(super) fn rows<'s>(tables: Tables<'_, 's>, code: &MeasureName, turn: u8) -> Rows<'s> {
    let names = Names::of(code);
    let rows = by_trial(tables, |score| names.followed(score).course());
    Rows::new(rows, move |courses: &[&Course]| failed_by(courses.iter().copied(), turn.into()))
}

/// The least and the greatest share that could have failed by the turn, whatever is missing, with `pending` conversations that have not ended.
pub(super) fn bounds(
    scores: &[Score<'_>],
    code: &MeasureName,
    turn: u8,
    pending: u64,
) -> Option<(f64, f64)> {
    let turn = u32::from(turn);
    let names = Names::of(code);
    let nothing = Followed { first: None, clear: None, may: None, turns: None, broke_off: true };
    let share = |end: fn(Followed, u32) -> Option<Course>| {
        let known = scores.iter().map(|score| names.followed(*score));
        let pending = (0..pending).map(|_| nothing);
        let courses: Vec<Course> = known.chain(pending).filter_map(|one| end(one, turn)).collect();
        failed_by(courses.iter(), turn)
    };
    Some((share(Followed::at_best)?, share(Followed::at_worst)?))
}
