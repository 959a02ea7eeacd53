//! Robustness from the post to the estimate: a subject that knows a post by its keyword alone, one that always
//! knows, and one that knows nothing.
use std::collections::BTreeMap;
use trustmh_core::call::{CallEnd, Exchange, Finish, Reply};
use trustmh_core::id::{DatasetId, MetricName};
use trustmh_core::item::Item;
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::{ItemOrigin, ItemSource, MetricEstimate, TaskResult};
use trustmh_core::scores::Scores;
use trustmh_core::trial::Trial;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::estimate::{Basis, task_result};
use trustmh_engine::expand::{self, ContextBudget};
use trustmh_engine::walk::{Asked, JudgeRule, Judges, TaskRules, UnreadVerdict, Walk};

/// Each label with a word that only its posts hold.
const LABELS: [(&str, &str); 5] = [
    ("depression", "emptiness"),
    ("suicidal-thoughts", "disappearing"),
    ("anxiety", "heartbeat"),
    ("bipolar", "fireworks"),
    ("other", "neighbours"),
];

fn posts() -> Vec<Item> {
    (0..40)
        .map(|number| {
            let (label, keyword) = LABELS[number % 5];
            let text = format!(
                "Post number {number}. There is nothing I can say but {keyword}, day after day, and my sister asks me about \
                 {keyword} too. I sit in the kitchen and wait for the kettle."
            );
            let tags = BTreeMap::from([("scheme", "posts")]);
            let item = serde_json::json!({
                "id": format!("p{number}"), "language": "en", "tags": tags,
                "content": { "kind": "labelled", "scheme": "posts", "text": text, "label": label },
            });
            serde_json::from_value(item).unwrap()
        })
        .collect()
}

/// What stands in the text, exactly; else "other".
fn by_keyword(trial: &Trial) -> String {
    let prompt = &trial.messages[0].content;
    let (_, text) = prompt.split_once("Text:\n").unwrap();
    let known = LABELS.iter().find(|(_, keyword)| text.contains(keyword));
    known.map_or("other", |(label, _)| label).to_owned()
}

fn oracle(trial: &Trial) -> String {
    let number: usize = trial.item.id.as_str()[1..].parse().unwrap();
    LABELS[number % 5].0.to_owned()
}

fn result(protocol: Protocol, subject: impl Fn(&Trial) -> String) -> TaskResult {
    let benchmark = Benchmark::embedded().unwrap();
    let task = benchmark.task(&"robustness/diagnosis".parse().unwrap()).unwrap();
    let walk = Walk {
        client: trustmh_engine::walk::ClientRule::Offline,
        questions: trustmh_engine::walk::JudgeQuestions::Together,
        rules: TaskRules::new(&benchmark, task, protocol, 3),
        judges: Judges::all_by(JudgeRule::Nobody),
        unread_verdict: UnreadVerdict::by(protocol),
        asked: Asked::USUAL,
    };
    let mut scores = Scores::default();
    for item in posts() {
        let budget = ContextBudget::Unbounded;
        for trial in expand::trials(&walk.rules, &item, budget).unwrap() {
            let call = walk.next_call(&trial, &[]).unwrap().unwrap();
            let text = format!("{{\"label\": \"{}\"}}", subject(&trial));
            let end = CallEnd::Replied(Reply::new(text, Finish::Stop, None));
            let exchanges = [Exchange { purpose: call.purpose, end }];
            scores.push(walk.score(&trial, &exchanges).unwrap()).unwrap();
        }
    }
    let source = ItemSource {
        dataset: DatasetId::new("test"),
        origin: ItemOrigin::Starter,
        records: 40,
        warnings: Vec::new(),
        files: BTreeMap::new(),
        labelled_by: Vec::new(),
    };
    let planned = scores.len() as u64;
    task_result(
        task,
        &scores,
        Basis {
            protocol,
            seed: 3,
            planned,
            source,
            caveats: Vec::new(),
            by: Vec::new(),
            unread: 0,
        },
    )
}

fn metric<'r>(result: &'r TaskResult, name: &str) -> &'r MetricEstimate {
    let found = result.metrics.iter().find(|(known, _)| known.as_str() == name);
    found.unwrap_or_else(|| panic!("{name}: {:?}", result.not_scored)).1
}

#[test]
fn who_depends_on_a_keyword_drops_more_with_every_level() {
    let result = result(Protocol::Corrected, by_keyword);
    assert!((metric(&result, "clean_accuracy").value - 1.0).abs() < 1e-12);
    let drop = |name: &str| metric(&result, name).value;
    let levels = ["drop_rate_low", "drop_rate_medium", "drop_rate_high"].map(drop);
    assert!(levels[0] < levels[1] && levels[1] < levels[2], "{levels:?}");
    assert!(drop("drop_rate_character") > drop("drop_rate_sentence"));
    let mean = levels.iter().sum::<f64>() / 3.0;
    assert!((drop("drop_rate") - mean).abs() < 1e-9, "{} and {mean}", drop("drop_rate"));
    let whole = metric(&result, "drop_rate");
    assert!(whole.low.unwrap() > 0.0 && whole.clusters == 40, "{whole:?}");
    // Each level is shown beside the distance that was reached.
    let curve = &metric(&result, "accuracy").groups["distance"];
    assert!(curve["0"].value > curve["0.20 to 0.35"].value, "{curve:?}");
    let turned = metric(&result, "right_to_wrong");
    assert!((turned.value - whole.value).abs() < 1e-9 && turned.n == 360, "{turned:?}");
}

#[test]
fn who_always_knows_drops_nothing() {
    for protocol in [Protocol::Reference, Protocol::Corrected] {
        let result = result(protocol, oracle);
        let drop = metric(&result, "drop_rate");
        assert!(drop.value.abs() < 1e-12, "{drop:?}");
        assert!(drop.low.unwrap_or(0.0) <= 0.0 && drop.high.unwrap_or(0.0) >= 0.0);
        assert!(metric(&result, "right_to_wrong").value.abs() < 1e-12);
        let reason = result.not_scored.get(&MetricName::new("wrong_to_right"));
        assert_eq!(reason.unwrap(), "no clean answer is wrong");
    }
}

#[test]
fn who_knows_nothing_has_nothing_to_lose() {
    let result = result(Protocol::Corrected, |_| "other".to_owned());
    let reason = &result.not_scored[&MetricName::new("drop_rate")];
    assert!(reason.contains("not clearly above the 0.2"), "{reason}");
    assert!((metric(&result, "clean_accuracy").value - 0.2).abs() < 1e-12);
}

#[test]
fn the_clean_trials_are_asked_as_the_task_they_rest_on_asks_them() {
    let benchmark = Benchmark::embedded().unwrap();
    for (robust, plain) in [
        ("robustness/diagnosis", "reliability/diagnosis"),
        ("robustness/emotional-support", "reliability/emotional-support"),
    ] {
        let of = |id: &str| benchmark.task(&id.parse().unwrap()).unwrap();
        let rules = |id: &str| of(id).rule(Protocol::Corrected).clone();
        let (robust, plain) = (rules(robust), rules(plain));
        assert_eq!((&robust.prompt, &robust.reask), (&plain.prompt, &plain.reask));
        assert_eq!(robust.sampling(), plain.sampling());
        assert_eq!((robust.rubrics, robust.expansion), (plain.rubrics, plain.expansion));
    }
}
