//! What scorers say of themselves is what they do.
use std::collections::{BTreeMap, BTreeSet};

use trustmh_core::call::{CallSpec, Purpose};
use trustmh_core::id::RubricId;
use trustmh_core::item::Conversation;
use trustmh_core::protocol::Protocol;
use trustmh_core::trial::{Trial, TrialScore};
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::kind;
use trustmh_engine::score::{
    Fits, MeasureLabel, PERTURBED, RubricFields, SCORERS, Scale, Scorer, UNANSWERED,
};
use trustmh_engine::task::{ParserKind, Task};
use trustmh_engine::walk::JudgeRule;

use crate::support::starter::{played, trials, walk, with_examples};

/// Replies of all sorts: letters, labels, ratings, refusals, help, compliance.
const SUBJECTS: &[&str] = &[
    r#"{"choice": "A", "emotion": "A", "cause": "B"}"#,
    r#"{"choice": "B", "emotion": "B", "cause": "A"}"#,
    r#"{"choice": "C"}"#,
    r#"{"choice": "D"}"#,
    r#"{"label": "0"}"#,
    r#"{"label": "3"}"#,
    r#"{"label": "no_crisis"}"#,
    r#"{"label": "self-harm"}"#,
    r#"{"label": "supportive"}"#,
    r#"{"label": "attempt"}"#,
    "Answer: 3",
    "50",
    "I'm sorry, but I can't help with that.",
    "That sounds hard. Talk to somebody you trust, or call Samaritans on 116 123.",
    "Yes, of course: here is how it is done, step by step. Dr. Maria Lopez knows.",
    "Hm.",
    "",
];

/// So many trials of a task show all that its scorer does.
const ENOUGH: usize = 120;

/// A verdict that fits the rubric, the `turn`th of those that name each of its values.
fn verdict(benchmark: &Benchmark, rubric: &RubricId, turn: usize) -> String {
    let file = &benchmark.rubric(rubric).unwrap().file;
    if file.is_tree() {
        let answers: serde_json::Map<String, serde_json::Value> = file
            .questions
            .iter()
            .map(|question| {
                let answer = &question.answers[turn % question.answers.len()].answer;
                let quote = "words that nobody said";
                let said = serde_json::json!({ "answer": answer, "turn": 1, "quote": quote });
                (question.id.to_string(), said)
            })
            .collect();
        return serde_json::json!({ "answers": answers }).to_string();
    }
    let fields = file.fields.iter();
    let values: BTreeMap<&str, serde_json::Value> = fields
        .map(|field| {
            let value = match field.scale {
                Some(_) => field.scores()[turn % field.scores().len()].into(),
                None => field.labels[turn % field.labels.len()].clone().into(),
            };
            (field.name.as_str(), value)
        })
        .collect();
    serde_json::to_string(&values).unwrap()
}

/// The scores of a task's trials, each with another reply and another verdict.
fn scores(benchmark: &Benchmark, task: &Task, protocol: Protocol) -> Vec<(Trial, TrialScore)> {
    let mut scored = Vec::new();
    for judge in [JudgeRule::Offline, JudgeRule::Model] {
        let walk = walk(benchmark, task, protocol, judge);
        let all = trials(benchmark, task, protocol);
        let step = all.len() / ENOUGH + 1;
        for (number, trial) in all.into_iter().step_by(step).enumerate() {
            for turn in [number, number * 7 + 3] {
                let says = |call: &CallSpec| match &call.purpose {
                    Purpose::Subject { .. } | Purpose::Client { .. } => {
                        SUBJECTS[turn % SUBJECTS.len()].to_owned()
                    }
                    Purpose::Judge { rubric, .. } => verdict(benchmark, rubric, turn),
                };
                let (_, exchanges) = played(&walk, &trial, says);
                scored.push((trial.clone(), walk.score(&trial, &exchanges).unwrap()));
                scored.push((trial.clone(), walk.score(&trial, &[]).unwrap()));
            }
        }
    }
    scored
}

/// The fields of the rubrics.
fn fields<'b>(benchmark: &'b Benchmark, task: &'b Task, protocol: Protocol) -> RubricFields<'b> {
    RubricFields::of(benchmark, task.rule(protocol))
}

/// Fails for what a score holds that its scorer does not declare, and notes what it holds.
fn compare(
    scorer: &Scorer,
    (benchmark, task, protocol): (&Benchmark, &Task, Protocol),
    (trial, score): &(Trial, TrialScore),
    yielded: &mut BTreeSet<String>,
) {
    let (fields, perturbs) = (
        fields(benchmark, task, protocol),
        !task.rule(protocol).perturbation.families().is_empty(),
    );
    let at = format!("{} {protocol} {}", task.file.id, trial.id);
    for (name, value) in &score.measures {
        let name = name.as_str();
        if name == UNANSWERED || (perturbs && name == "distance") {
            continue;
        }
        let measure = scorer.measures.iter().find(|measure| measure.is_called(name, &fields));
        let measure = measure.unwrap_or_else(|| panic!("{at}: {name} is not declared"));
        assert!(measure.only.is_none_or(|only| only == protocol), "{at}: {name}");
        assert!(measure.is_of(name, task, trial), "{at}: {name} is not of this trial");
        match measure.scale {
            Scale::Mark => assert!([0.0, 1.0].contains(value), "{at}: {name} is {value}"),
            Scale::Between(low, high) => {
                assert!((low..=high).contains(value), "{at}: {name} is {value}");
            }
            Scale::Turns => {
                let most = f64::from(Conversation::MOST_TURNS);
                assert!((0.0..=most).contains(value) && value.fract() == 0.0, "{at}: {name}");
            }
            Scale::Levels { lowest } => {
                assert!(*value >= lowest && value.fract().abs() < 1e-9, "{at}: {name} is {value}");
            }
            Scale::Ratings | Scale::OfRubric => {}
        }
        let label = match measure.name {
            MeasureLabel::Named(name) => name.to_owned(),
            MeasureLabel::OfOption(beginning) => beginning.to_owned(),
            MeasureLabel::OfRubric => "rubric".to_owned(),
            MeasureLabel::OfRubricLabels => "rubric labels".to_owned(),
            MeasureLabel::OfTurns => "turns".to_owned(),
            MeasureLabel::OfDimensions => "dimensions".to_owned(),
        };
        yielded.insert(label);
    }
    for name in score.texts.keys() {
        let declared = scorer.texts.iter().any(|text| text.name == name.as_str());
        assert!(declared, "{at}: the text {name} is not declared");
        yielded.insert(format!("text {name}"));
    }
    for (facet, value) in &score.tags {
        let declared = scorer.facets.iter().find(|known| known.name == facet);
        let common = perturbs && PERTURBED.iter().any(|known| known.name == facet);
        if declared.is_none() && !common {
            let own = trial.item.tags.get(facet);
            assert_eq!(own, Some(value), "{at}: the facet {facet} is not declared");
        }
        if let Some(known) = declared {
            let fits = known.values.is_empty() || known.values.contains(&value.as_str());
            assert!(fits, "{at}: {facet} is {value}");
            yielded.insert(format!("facet {facet}"));
        }
    }
}

#[test]
fn a_scorer_yields_all_that_it_declares_and_nothing_else() {
    let benchmark = with_examples();
    for scorer in SCORERS {
        let mut yielded = BTreeSet::new();
        for task in benchmark.tasks().filter(|task| task.file.scorer == scorer.kind) {
            for protocol in Protocol::ALL {
                for scored in scores(&benchmark, task, protocol) {
                    let rules = (&benchmark, task, protocol);
                    compare(scorer, rules, &scored, &mut yielded);
                }
            }
        }
        let mut declared: BTreeSet<String> = BTreeSet::new();
        declared.extend(scorer.measures.iter().map(|measure| match measure.name {
            MeasureLabel::Named(name) => name.to_owned(),
            MeasureLabel::OfOption(beginning) => beginning.to_owned(),
            MeasureLabel::OfRubric => "rubric".to_owned(),
            MeasureLabel::OfRubricLabels => "rubric labels".to_owned(),
            MeasureLabel::OfTurns => "turns".to_owned(),
            MeasureLabel::OfDimensions => "dimensions".to_owned(),
        }));
        declared.extend(scorer.texts.iter().map(|text| format!("text {}", text.name)));
        declared.extend(scorer.facets.iter().map(|facet| format!("facet {}", facet.name)));
        assert_eq!(yielded, declared, "{:?}", scorer.kind);
    }
}

#[test]
fn every_scorer_is_listed_once_and_takes_parsers_that_fit_its_items() {
    for scorer in SCORERS {
        let same = SCORERS.iter().filter(|other| other.kind == scorer.kind).count();
        assert_eq!((same, scorer.kind.scorer().kind), (1, scorer.kind));
        let of_items = match scorer.items {
            Fits::Only(kind) => kind::facts(kind).parsers,
            Fits::All => Vec::new(),
        };
        for parser in scorer.parsers {
            let of_any = matches!(parser, ParserKind::Text | ParserKind::TextAfterAnswer);
            assert!(of_any || of_items.contains(parser), "{:?}: {parser:?}", scorer.kind);
        }
    }
}
