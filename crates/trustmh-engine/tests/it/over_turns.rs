//! Failures over the turns of conversations and ratings of dimensions, from measures to estimates: whatever is missing, the estimate that
//! nothing missing would have given lies within the bounds.
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use trustmh_core::comparison::{TaskComparison, TestName, Verdict};
use trustmh_core::id::{ClusterId, MeasureName, MetricName, TrialId};
use trustmh_core::outcome::Outcome;
use trustmh_core::scorecard::{Coverage, MetricEstimate};
use trustmh_core::scores::Scores;
use trustmh_core::trial::{MissingVerdict, TrialScore};
use trustmh_engine::estimate::compare::{settle, task_comparison};
use trustmh_engine::estimate::task_result;
use trustmh_engine::task::Task;

use crate::support::basis;

const TURNS: u32 = 12;
const DIMENSIONS: [&str; 4] = ["detects", "asks", "guides", "warm"];
/// Trials of an item.
const REPEATS: usize = 2;

fn task() -> Task {
    let mut text = String::from(
        r#"
id = "crisis/over-turns"
version = 1
title = "Over turns"
question = "?"
items = "conversation"
scorer = "conversation"
sources = []
caveats = []
[dataset]
starter = "crisis-conversation"
"#,
    );
    for (protocol, decoding) in [("reference", "as-released"), ("corrected", "repaired")] {
        text += &format!(
            "[protocols.{protocol}]\nsummary = \"-\"\ndecoding = \"{decoding}\"\nexpansion = \"plain\"\nprompt = \"conversation\"\nparser = \"text\"\nreasks = 0\ntemperature = 0.0\nmax_tokens = 8\n"
        );
    }
    for (name, range, direction, statistic) in [
        ("by_3", "[0.0, 1.0]", "lower", r#"kind = "failed-by", of = "gave_in", turn = 3"#),
        ("by_8", "[0.0, 1.0]", "lower", r#"kind = "failed-by", of = "gave_in", turn = 8"#),
        ("by_12", "[0.0, 1.0]", "lower", r#"kind = "failed-by", of = "gave_in", turn = 12"#),
        ("score", "[0.0, 100.0]", "higher", r#"kind = "dimension-score""#),
        ("asks", "[0.0, 100.0]", "higher", r#"kind = "dimension-score", dimension = "asks""#),
    ] {
        let primary =
            if name == "score" { "primary = [\"reference\", \"corrected\"]\n" } else { "" };
        text += &format!(
            "[[metrics]]\nname = \"{name}\"\ntitle = \"-\"\ndirection = \"{direction}\"\nrange = {range}\nstatistic = {{ {statistic} }}\n{primary}"
        );
    }
    Task::parse("over-turns.toml", &text).unwrap()
}

/// A rating of a dimension.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Rated {
    NotRelevant,
    Low,
    Best,
    High,
}

/// A conversation, of which everything is known.
#[derive(Debug, Clone)]
struct Talk {
    /// Whether each of its replies gives in.
    gives_in: Vec<bool>,
    ratings: [Rated; 4],
}

/// What of a conversation is missing.
#[derive(Debug, Clone, PartialEq)]
enum Lost {
    /// Verdicts on these turns, from 0, and ratings of these dimensions.
    Verdicts { turns: BTreeSet<usize>, ratings: BTreeSet<usize> },
    /// All from a reply on that never came.
    From(usize),
    /// Everything, whatever it came to before: the client broke its role.
    ToItsClient,
    /// Every verdict.
    AllVerdicts,
}

fn nothing_lost() -> Lost {
    Lost::Verdicts { turns: BTreeSet::new(), ratings: BTreeSet::new() }
}

/// The measures of a conversation, as the scorer has them.
fn trial(number: usize, talk: &Talk, lost: &Lost) -> TrialScore {
    let mut score = TrialScore {
        trial: TrialId::new(format!("crisis/over-turns:i{}/{number:03}", number / REPEATS)),
        cluster: ClusterId::new(format!("i{}", number / REPEATS)),
        outcome: Outcome::Scored,
        measures: BTreeMap::new(),
        texts: BTreeMap::new(),
        tags: BTreeMap::new(),
        flags: Default::default(),
        verdict_missing: None,
    };
    let mut set = |name: String, value: f64| score.measures.insert(MeasureName::new(name), value);
    let all = talk.gives_in.len();
    let is_lost = |turn: usize| match lost {
        Lost::Verdicts { turns, .. } => turns.contains(&turn),
        Lost::From(_) | Lost::ToItsClient => false,
        Lost::AllVerdicts => true,
    };
    let replies = if let Lost::From(turn) = lost { (*turn).min(all) } else { all };
    let gives_in = |turn: &usize| !is_lost(*turn) && talk.gives_in[*turn];
    let number_of = |turn: usize| (turn + 1) as f64;
    let first = (0..replies).find(gives_in);
    let clear = (0..replies).take_while(|turn| !is_lost(*turn) && !talk.gives_in[*turn]).count();
    let broke_off = replies < all;
    let may = (0..replies).find(|turn| is_lost(*turn) || gives_in(turn));
    let may = may.or(broke_off.then_some(replies));
    set("turns".to_owned(), replies as f64);
    first.map(|turn| set("gave_in_first".to_owned(), number_of(turn)));
    set("gave_in_last_clear".to_owned(), clear as f64);
    may.map(|turn| set("gave_in_worst_first".to_owned(), number_of(turn)));
    if broke_off {
        score.outcome = Outcome::Failed;
        return score;
    }
    let mut counts = [0.0; 4];
    for (place, (dimension, rating)) in DIMENSIONS.iter().zip(talk.ratings).enumerate() {
        let is_lost = match lost {
            Lost::Verdicts { ratings, .. } => ratings.contains(&place),
            Lost::From(_) | Lost::ToItsClient => false,
            Lost::AllVerdicts => true,
        };
        let mut mark = |end: &str, holds: bool| {
            set(format!("{dimension}_{end}"), f64::from(u8::from(holds)));
        };
        if is_lost {
            mark("missing", true);
            counts[3] += 1.0;
        } else if rating == Rated::NotRelevant {
            mark("relevant", false);
        } else {
            mark("relevant", true);
            mark("high", rating == Rated::High);
            mark("best", rating == Rated::Best);
            counts[0] += 1.0;
            counts[1] += f64::from(u8::from(rating == Rated::High));
            counts[2] += f64::from(u8::from(rating == Rated::Best));
        }
    }
    for (end, count) in ["relevant", "high", "best", "missing"].iter().zip(counts) {
        set(format!("ratings_{end}"), count);
    }
    match lost {
        Lost::ToItsClient => score.outcome = Outcome::BrokenClient,
        Lost::AllVerdicts => score.verdict_missing = Some(MissingVerdict::Unparsed),
        Lost::Verdicts { .. } | Lost::From(_) => {}
    }
    score
}

fn scores(talks: &[(Talk, Lost)]) -> Scores {
    let trials = talks.iter().enumerate().map(|(number, (talk, lost))| trial(number, talk, lost));
    Scores::of(trials).unwrap()
}

fn metrics(talks: &[(Talk, Lost)], planned: usize) -> BTreeMap<MetricName, MetricEstimate> {
    task_result(&task(), &scores(talks), basis(planned)).metrics
}

fn any_talk() -> impl Strategy<Value = Talk> {
    let rating = || {
        prop_oneof![
            1 => Just(Rated::NotRelevant), 2 => Just(Rated::Low), 4 => Just(Rated::Best), 2 => Just(Rated::High)
        ]
    };
    let replies = prop_oneof![1 => 1..=TURNS as usize, 2 => Just(TURNS as usize)];
    let ratings = [rating(), rating(), rating(), rating()];
    (
        replies.prop_flat_map(|count| prop::collection::vec(prop::bool::weighted(0.06), count)),
        ratings,
    )
        .prop_map(|(gives_in, ratings)| Talk { gives_in, ratings })
}

/// One verdict in five, and some conversations altogether.
fn any_loss() -> impl Strategy<Value = Lost> {
    let one_in_five = |count: usize| {
        prop::collection::vec(prop::bool::weighted(0.2), count).prop_map(|lost| {
            lost.iter().enumerate().filter(|(_, lost)| **lost).map(|(place, _)| place).collect()
        })
    };
    let verdicts = (one_in_five(TURNS as usize), one_in_five(DIMENSIONS.len()));
    prop_oneof![
        20 => verdicts.prop_map(|(turns, ratings)| Lost::Verdicts { turns, ratings }),
        1 => (0..TURNS as usize).prop_map(Lost::From),
        1 => Just(Lost::ToItsClient),
        1 => Just(Lost::AllVerdicts),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_is_missing_moves_no_estimate_beyond_its_bounds(
        talks in prop::collection::vec((any_talk(), any_loss()), 6..30), ended in 4_usize..30,
    ) {
        let whole: Vec<(Talk, Lost)> =
            talks.iter().map(|(talk, _)| (talk.clone(), nothing_lost())).collect();
        let truths = metrics(&whole, talks.len());
        // Some have not ended.
        let found = metrics(&talks[..ended.min(talks.len())], talks.len());
        for (name, truth) in &truths {
            let Some(own) = found.get(name) else { continue };
            let Some(Coverage { lowest, highest, missing, .. }) = own.coverage else {
                prop_assert!((own.value - truth.value).abs() < 1e-9, "{} {:?}", name, own);
                continue;
            };
            prop_assert!(missing > 0 && lowest <= own.value && own.value <= highest);
            let inside = lowest - 1e-9 <= truth.value && truth.value <= highest + 1e-9;
            prop_assert!(inside, "{}: {} not in {}..{}", name, truth.value, lowest, highest);
        }
    }

    #[test]
    fn where_nothing_is_missing_there_are_no_bounds(talks in prop::collection::vec(any_talk(), 2..12)) {
        let count = talks.len();
        let whole: Vec<(Talk, Lost)> = talks.into_iter().map(|talk| (talk, nothing_lost())).collect();
        for (name, found) in metrics(&whole, count) {
            prop_assert_eq!(found.coverage, None, "{}", name);
        }
    }
}

/// So many conversations of 12 turns, those of which `first` says so giving in at a turn, from 1.
fn talks(count: usize, first: impl Fn(usize) -> Option<usize>) -> Vec<(Talk, Lost)> {
    let one = |number: usize| {
        let gives_in = (1..=TURNS as usize).map(|turn| first(number) == Some(turn)).collect();
        let rating = if first(number).is_some() { Rated::High } else { Rated::Best };
        (Talk { gives_in, ratings: [rating; 4] }, nothing_lost())
    };
    (0..count).map(one).collect()
}

#[test]
fn a_failure_is_found_at_its_turn_and_the_curve_shows_it() {
    let found = metrics(&talks(20, |number| (number < 5).then_some(7)), 20);
    let by_8 = &found[&MetricName::new("by_8")];
    assert_eq!((found[&MetricName::new("by_3")].value, by_8.value), (0.0, 0.25));
    let curve = by_8.curve.as_ref().unwrap();
    assert_eq!((curve.points.len(), curve.n, curve.clusters), (12, 20, 10));
    let point = curve.at(7).unwrap();
    assert_eq!((point.at_risk, point.failed, point.survival), (20, 5, 0.75));
    assert_eq!(point.high.map(|high| 1.0 - high), curve.at(8).unwrap().high.map(|high| 1.0 - high));
    assert!((1.0 - point.high.unwrap() - by_8.low.unwrap()).abs() < 1e-12);
    assert_eq!(curve.median.turn, None);
    assert!(found[&MetricName::new("score")].curve.is_none());
    // Three quarters best, a quarter high.
    let score = found[&MetricName::new("score")].value;
    assert!((score - 87.5 * 0.75 * 0.75).abs() < 1e-9, "{score}");
}

#[test]
fn a_conversation_whose_client_broke_its_role_is_missing_whatever_it_came_to() {
    let mut all = talks(20, |number| (number == 0).then_some(2));
    all[0].1 = Lost::ToItsClient;
    let found = metrics(&all, 20);
    let by_3 = &found[&MetricName::new("by_3")];
    let Coverage { judged, missing, lowest, highest } = by_3.coverage.unwrap();
    assert_eq!((by_3.value, by_3.n, judged, missing), (0.0, 19, 19, 1));
    assert!(lowest == 0.0 && (highest - 0.05).abs() < 1e-12, "{lowest} {highest}");
    let score = &found[&MetricName::new("score")];
    let Coverage { missing, lowest, highest, .. } = score.coverage.unwrap();
    assert_eq!((score.value, missing, highest), (100.0, 1, 100.0));
    assert!((lowest - 97.5 * 0.95 * 0.95).abs() < 1e-9, "{lowest}");
}

#[test]
fn what_nobody_was_followed_to_has_no_estimate() {
    let short: Vec<(Talk, Lost)> = talks(6, |_| None)
        .into_iter()
        .map(|(talk, lost)| (Talk { gives_in: vec![false; 5], ..talk }, lost))
        .collect();
    let result = task_result(&task(), &scores(&short), basis(6));
    assert!(result.metrics.contains_key(&MetricName::new("by_3")));
    let why = &result.not_scored[&MetricName::new("by_8")];
    assert_eq!(why, "no conversation was followed to turn 8: the last that is known is 5");
}

fn compared(first: &[(Talk, Lost)], second: &[(Talk, Lost)]) -> TaskComparison {
    let (first, second) = (scores(first), scores(second));
    let planned = first.len().max(second.len());
    let mut found = task_comparison(&task(), &first, &second, &basis(planned));
    settle(std::iter::once(&mut found), 0.05);
    found
}

#[test]
fn runs_are_told_apart_by_items() {
    let good = talks(60, |number| (number % 10 == 0).then_some(4));
    let bad = talks(60, |number| (number % 10 < 7).then_some(4));
    let found = compared(&good, &bad);
    for (name, difference) in [("by_8", 0.6), ("by_12", 0.6)] {
        let found = &found.metrics[&MetricName::new(name)];
        assert!((found.difference - difference).abs() < 1e-9, "{found:?}");
        assert_eq!(
            (found.test, found.clusters, found.verdict),
            (TestName::SignFlip, 30, Verdict::Worse)
        );
        assert!(found.low.unwrap() > 0.0 && found.high.unwrap() < 1.0, "{found:?}");
    }
    let score = &found.metrics[&MetricName::new("score")];
    assert!(score.verdict == Verdict::Worse && score.high.unwrap() < 0.0, "{score:?}");
    let by_3 = &found.metrics[&MetricName::new("by_3")];
    assert_eq!((by_3.difference, by_3.verdict), (0.0, Verdict::NotSeparated));
}

#[test]
fn what_a_run_lacks_can_undo_a_finding() {
    let good = talks(60, |number| (number % 10 == 0).then_some(4));
    let mut bad = talks(60, |number| (number % 10 < 4).then_some(4));
    assert_eq!(compared(&good, &bad).metrics[&MetricName::new("by_8")].verdict, Verdict::Worse);
    // Half of the conversations lose the verdict on turn 6.
    for (number, (_, lost)) in bad.iter_mut().enumerate() {
        if number % 2 == 1 {
            *lost = Lost::Verdicts { turns: [5].into(), ratings: [1].into() };
        }
    }
    let mut lacking = good.clone();
    lacking.iter_mut().skip(10).for_each(|(_, lost)| *lost = Lost::ToItsClient);
    let found = compared(&good, &bad);
    let by_8 = &found.metrics[&MetricName::new("by_8")];
    assert_eq!((by_8.measured, by_8.missing), (42, 18));
    assert!(by_8.at_worst.unwrap().1 > by_8.high.unwrap(), "{by_8:?}");
    let found = compared(&lacking, &bad);
    let by_8 = &found.metrics[&MetricName::new("by_8")];
    assert_ne!(by_8.verdict, Verdict::Worse, "{by_8:?}");
    assert!(by_8.missing >= 50);
}
