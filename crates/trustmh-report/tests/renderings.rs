//! Snapshots of all renderings of one invented scorecard with hostile names.
#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub)]

use std::collections::BTreeMap;

use trustmh_core::curve::{CurvePoint, MedianTurn, RestrictedMean, SurvivalCurve};
use trustmh_core::facts::SetAside;
use trustmh_core::id::{DatasetId, MetricName, ModelId, RubricId, SuiteId, TaskId, TrialId};
use trustmh_core::metric::{Direction, Estimate, Interval, IntervalMethod};
use trustmh_core::outcome::OutcomeCounts;
use trustmh_core::pillar::Pillar;
use trustmh_core::protocol::Protocol;
use trustmh_core::repeats::Repeats;
use trustmh_core::scorecard::{
    About, ClientFidelity, ClientName, ItemOrigin, ItemSource, JudgeName, MetricEstimate, Picture,
    PillarScore, PlainTask, RecordState, Scorecard, Sentence, Standing, TaskResult,
};
use trustmh_core::trial::Flag;
use trustmh_core::validity::{Agreed, Level, Validity};
use trustmh_report::document;
use trustmh_report::ending::{Pointer, ending};
use trustmh_report::facts::{
    Companions, JudgeCalibration, PublishedRanks, RunFacts, WorstReplies, WorstReply,
};
use trustmh_report::terminal::Colour;

fn metric(title: &str, value: f64, ends: Option<(f64, f64)>, primary: bool) -> MetricEstimate {
    let method = IntervalMethod::Wilson;
    let interval = Interval { low: 0.4, high: 0.8, method };
    let group = Estimate { value: 0.62, interval: Some(interval), n: 12, clusters: 6 };
    MetricEstimate {
        coverage: None,
        value,
        low: ends.map(|(low, _)| low),
        high: ends.map(|(_, high)| high),
        n: 24,
        clusters: if primary { 24 } else { 6 },
        method: ends.map(|_| method),
        direction: if primary { Direction::Higher } else { Direction::Lower },
        primary,
        half_width: None,
        title: title.to_owned(),
        range: (0.0, 1.0),
        anchors: None,
        classes: Vec::new(),
        validity: primary.then(validity),
        curve: None,
        groups: BTreeMap::from([(
            "theme".to_owned(),
            BTreeMap::from([("trust".to_owned(), group)]),
        )]),
        sentence: primary.then(|| Sentence {
            text: "Chooses <b>well</b> \u{1b}[31min {count} dilemmas".to_owned(),
            about: About::Quality,
            reassuring: None,
            worrying: None,
        }),
    }
}

fn validity() -> Validity {
    let agreed = |value: f64| Agreed { value, low: Some(value - 0.03), high: Some(value + 0.03) };
    let set = Some("<b>set</b> | \u{1b}[31m".to_owned());
    let unknown = Validity::unknown(RubricId::new("ethics"), "offline rules".to_owned());
    let (kappa, people) = (Some(agreed(0.6)), Some(agreed(0.9)));
    Validity { level: Level::Directional, set, n: 250, kappa, people, ..unknown }
}

fn result(title: &str, origin: ItemOrigin) -> TaskResult {
    TaskResult {
        title: title.to_owned(),
        suite: SuiteId::trustmh_bench(),
        n: 24,
        pending: 2,
        outcomes: OutcomeCounts {
            scored: 20,
            refused: 2,
            unparsed: 1,
            unanswered: 0,
            cut: 0,
            failed: 1,
            broken_client: 0,
        },
        metrics: BTreeMap::from([
            (MetricName::new("accuracy"), metric("Accuracy", 0.6, Some((0.41, 0.77)), true)),
            (MetricName::new("d_pick_rate"), metric("Share of D", 0.1, None, false)),
        ]),
        not_scored: BTreeMap::from([(MetricName::new("sc1"), "no judge was asked".to_owned())]),
        flags: BTreeMap::from([(Flag::CutShort, 3)]),
        fairness: None,
        client: None,
        confusions: BTreeMap::from([(
            "posts".to_owned(),
            BTreeMap::from([
                (
                    "anxiety".to_owned(),
                    BTreeMap::from([("anxiety".to_owned(), 3), ("other".to_owned(), 1)]),
                ),
                (
                    "other".to_owned(),
                    BTreeMap::from([("(unread)".to_owned(), 2), ("other".to_owned(), 0)]),
                ),
            ]),
        )]),
        source: ItemSource {
            dataset: DatasetId::new("invented"),
            origin,
            records: 24,
            warnings: vec!["1 line was dropped: it was empty".to_owned()],
            files: BTreeMap::from([("items.jsonl".to_owned(), "00ff".repeat(16))]),
            labelled_by: Vec::new(),
        },
        caveats: vec![
            "Invented <script>alert(1)</script> caveat with \u{1b}[31mcolour\u{1b}[0m.".to_owned(),
        ],
        plain: Some(PlainTask {
            does: "weighs <i>principles</i>\u{202e} well".to_owned(),
            picture: Some(Picture::Confusion { scheme: "posts".to_owned() }),
        }),
        crossed: None,
        labels: BTreeMap::new(),
    }
}

fn card() -> Scorecard {
    Scorecard {
        client: None,
        record: Standing::default(),
        run: "runs/invented".to_owned(),
        protocol: Protocol::Corrected,
        subject: ModelId::new("openai/<img src=x onerror=alert(1)>\u{202e}gpt"),
        name: None,
        benchmark: None,
        repeats: Repeats::ONCE,
        judge: JudgeName::Offline,
        tasks: BTreeMap::from([
            ("ethics/reasoning".parse().unwrap(), result("Ethical reasoning", ItemOrigin::Starter)),
            (
                "safety/jailbreak".parse().unwrap(),
                result("Jailbreak resistance", ItemOrigin::Published),
            ),
        ]),
        pillars: BTreeMap::from([
            (
                Pillar::Safety,
                PillarScore {
                    value: 41.25,
                    low: Some(30.0),
                    high: Some(52.5),
                    method: Some(IntervalMethod::Mover),
                    tasks: 1,
                    missing: Vec::new(),
                },
            ),
            (
                Pillar::Ethics,
                PillarScore {
                    value: 60.0,
                    low: None,
                    high: None,
                    method: None,
                    tasks: 1,
                    missing: Vec::new(),
                },
            ),
        ]),
        pillars_without_score: BTreeMap::from([(
            Pillar::Privacy,
            vec!["privacy/leakage".parse().unwrap()],
        )]),
        own_tasks: Vec::new(),
        caveats: vec![
            "Judged by offline rules, not comparable with model-judged scores.".to_owned(),
        ],
    }
}

fn facts() -> RunFacts {
    RunFacts {
        id: "invented".to_owned(),
        program: "0.1.0".to_owned(),
        began: Some("2026-01-01T00:00:00Z".to_owned()),
        seconds: Some(158),
        ended: None,
        asked_by: Protocol::Corrected,
        seed: 7,
        caps: Some("at most 12 items a task".to_owned()),
        subject_asked: Some("4096 tokens to think; top_p=0.9".to_owned()),
        judge_asked: None,
        client_asked: None,
        learnt: vec![
            "the server of openai/small takes no `temperature`: it was left out".to_owned(),
        ],
        subject_calls: 48,
        judge_calls: 0,
        client_calls: 0,
        retries: 3,
        broken: 1,
        handed_on: 2,
        set_aside: vec![SetAside {
            why: "at worker w: dead letter: handed out 5 times, and no worker brought a result"
                .to_owned(),
            calls: 1,
            trials: vec![TrialId::new("invented-trial")],
        }],
        dollars: Some(1.5),
        prompt_tokens: 1000,
        reply_tokens: 200,
        uncounted: 0,
        plan_hash: "ab".repeat(32),
    }
}

#[test]
fn terminal_plain_at_two_widths() {
    let card = card();
    insta::assert_snapshot!(
        "terminal_100",
        trustmh_report::terminal::terminal(&card, &facts(), Colour::Off, 100)
    );
    insta::assert_snapshot!(
        "terminal_80",
        trustmh_report::terminal::terminal(&card, &facts(), Colour::Off, 80)
    );
}

/// The same with a task of conversations and one of the user's own.
fn card_with_suites() -> Scorecard {
    let mut card = card();
    let mut talks = result("A conversation", ItemOrigin::Starter);
    talks.suite = SuiteId::conversations();
    talks.outcomes.broken_client = 3;
    talks.client = Some(ClientFidelity {
        conversations: 24,
        broke: 3,
        repeats: Some(Estimate { value: 0.125, interval: None, n: 21, clusters: 21 }),
        disclosed: None,
        risk_shown: None,
    });
    let mut own = result("Questions of ours", ItemOrigin::Own);
    own.suite = SuiteId::own();
    card.tasks.insert("crisis/conversation".parse().unwrap(), talks);
    card.tasks.insert("safety/ours".parse().unwrap(), own);
    card.own_tasks = vec!["safety/ours".parse().unwrap()];
    card.client = Some(ClientName::Model(ModelId::new("openai/<b>player</b>")));
    card
}

/// An interrupted run, a capped one and a repaired one, each with what every rendering says first.
#[test]
fn how_the_record_stands_comes_first_in_every_rendering() {
    let interrupted = Standing {
        state: RecordState::Incomplete,
        planned: 529,
        pending: 475,
        ..Standing::default()
    };
    let capped = Standing {
        planned: 12,
        capped: Some("at most 6 items a task".to_owned()),
        ..Standing::default()
    };
    let repaired = Standing {
        state: RecordState::Repaired,
        planned: 12,
        dropped_lines: 3,
        note: Some("REPAIRED. What was wrong with it.".to_owned()),
        ..Standing::default()
    };
    for (record, banner) in [
        (interrupted, "INCOMPLETE: 54 of 529 trials have ended, 475 pending."),
        (capped, "CAPPED: at most 6 items a task; all trials of these have ended."),
        (repaired, "REPAIRED: 3 lines of a damaged record were left out."),
    ] {
        let mut card = card();
        card.caveats.splice(0..0, record.note.clone().into_iter().chain(record.capped_caveat()));
        card.record = record;
        let terminal = trustmh_report::terminal::terminal(&card, &facts(), Colour::Off, 80);
        assert!(terminal.starts_with(banner), "{terminal}");
        let markdown = document::markdown(&card, &facts());
        assert_eq!(markdown.lines().nth(2), Some(&*format!("> **{banner}**")), "{markdown}");
        let model_card = document::model_card(&card, &facts());
        assert_eq!(model_card.lines().nth(2), Some(&*format!("> **{banner}**")), "{model_card}");
        let latex = document::latex(&card, &facts(), None);
        assert!(latex.starts_with(&format!("% {banner}\n")), "{latex}");
        assert!(latex.contains(&format!("\\caption{{\\textbf{{{banner}}} ")), "{latex}");
        let html = trustmh_report::html::html(&card, &facts(), &companions());
        assert!(html.find(banner).unwrap() < html.find("<h1").unwrap(), "{html}");
        for text in [terminal, markdown, model_card, html] {
            assert_eq!(text.matches(banner).count(), 1, "{text}");
            assert_eq!(text.matches("at most 6 items").count() > 0, banner.starts_with("CAPPED"));
        }
    }
    assert_eq!(trustmh_report::standing::banner(&card()), None, "a whole run says nothing of it");
}

#[test]
fn suites_stand_apart_below_the_benchmark() {
    let (card, facts) = (card_with_suites(), facts());
    let terminal = trustmh_report::terminal::terminal(&card, &facts, Colour::Off, 100);
    let markdown = document::markdown(&card, &facts);
    let model_card = document::model_card(&card, &facts);
    let latex = document::latex(&card, &facts, None);
    let html = trustmh_report::html::html(&card, &facts, &companions());
    // Above it stand the contents.
    let body = html.split_once("<main>").unwrap().1.to_owned();
    for text in [&terminal, &markdown, &model_card, &latex, &body] {
        let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what}: {text}"));
        let (conversations, own) = (place("Suite conversations"), place("Your own tasks"));
        assert!(place("reasoning") < conversations, "{text}");
        assert!(conversations < own, "{text}");
        assert!(text.contains("pillar score"), "{text}");
    }
    // What is plain text shows names as they are.
    for text in [&markdown, &model_card, &html] {
        assert!(!text.contains("<b>player</b>"), "{text}");
    }
    for text in [&terminal, &markdown, &html] {
        assert!(text.contains("3 broke their role and are left out, with bounds"), "{text}");
        assert!(text.contains("0.125"), "{text}");
    }
    assert!(
        html.contains("3 left out, since the client broke its role")
            && html.contains("Messages of clients"),
        "{html}"
    );
    // Without conversations nothing is said of clients.
    let without = trustmh_report::html::html(&self::card(), &facts, &companions());
    for said in ["Clients of", "since the client broke", "Messages of clients", "played by"] {
        assert!(!without.contains(said), "{said}: {without}");
    }
}

#[test]
fn nothing_hostile_reaches_the_terminal() {
    let text = trustmh_report::terminal::terminal(&card(), &facts(), Colour::Off, 100);
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
    let coloured = trustmh_report::terminal::terminal(&card(), &facts(), Colour::On, 100);
    assert!(coloured.contains("\u{1b}[1m") && !coloured.contains("\u{1b}[31mcolour"));
}

#[test]
fn a_run_ends_on_one_screen_of_any_width() {
    let mut card = card_with_suites();
    card.record = Standing {
        state: RecordState::Incomplete,
        planned: 52,
        pending: 4,
        dropped_lines: 0,
        note: None,
        capped: Some("at most 12 items a task".to_owned()),
    };
    let pointers = [
        Pointer { word: "Report", to: "runs/invented/report.html".to_owned() },
        Pointer { word: "Next", to: "trustmh resume runs/\u{1b}[31minvented".to_owned() },
    ];
    for width in [60, 80, 100, 200] {
        let text = ending(&card, &facts(), &pointers, Colour::Off, width);
        assert!(text.lines().count() <= 24, "{text}");
        let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= usize::from(width), "{widest} of {width} columns: {text}");
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
        assert!(text.starts_with("INCOMPLETE: 48 of 52"), "{text}");
        insta::assert_snapshot!(format!("ending_{width}"), text);
    }
    let coloured = ending(&card, &facts(), &pointers, Colour::On, 100);
    assert!(coloured.contains("\u{1b}[1m") && !coloured.contains("\u{1b}[31min"), "{coloured:?}");
}

/// A bill that leaves replies out is not the whole bill.
#[test]
fn what_nobody_counted_is_told_beside_tokens_and_cost() {
    let ended = |facts: &RunFacts| ending(&card(), facts, &[], Colour::Off, 200);
    let some = ended(&RunFacts { uncounted: 5, ..facts() });
    for words in
        ["at least 1200 tokens (5 replies not counted), at least $1.50", "· at least $1.50 ·"]
    {
        assert!(some.contains(words), "{words}: {some}");
    }
    let nothing = RunFacts { prompt_tokens: 0, reply_tokens: 0, dollars: Some(0.0), ..facts() };
    assert!(ended(&nothing).contains("retries, $0.00"), "{}", ended(&nothing));
    let all = ended(&RunFacts { uncounted: 48, ..nothing });
    assert!(all.contains("tokens not counted, cost not known"), "{all}");
}

fn companions() -> Companions {
    let reply = WorstReply {
        trial: "ethics/reasoning:one:0".to_owned(),
        value: 0.0,
        asked: "A question with <b>tags</b>".to_owned(),
        reply: "<script>alert(1)</script><svg onload=alert(2)>\u{202e}turned\u{1b}[2J =1+1"
            .to_owned(),
    };
    let ethics: TaskId = "ethics/reasoning".parse().unwrap();
    Companions {
        published: Some(PublishedRanks {
            models: vec!["One".to_owned(), "<i>Two</i>".to_owned()],
            pillars: BTreeMap::from([(Pillar::Ethics, vec![1, 2]), (Pillar::Safety, vec![2, 1])]),
            notes: vec!["A note.".to_owned()],
            places: BTreeMap::from([(ethics.clone(), "none: other prompts".to_owned())]),
        }),
        worst: BTreeMap::from([(
            ethics,
            WorstReplies { measure: "Accuracy".to_owned(), as_bad: 9, replies: vec![reply] },
        )]),
        calibration: vec![JudgeCalibration {
            field: "ethics-principles: sc1".to_owned(),
            person: "<b>AB</b>".to_owned(),
            agreement: Some(Estimate { value: 0.5, interval: None, n: 40, clusters: 40 }),
            kappa: None,
            bias: None,
        }],
        beside: None,
    }
}

#[test]
fn html_is_whole_and_inert() {
    let html = trustmh_report::html::html(&card(), &facts(), &companions());
    assert!(!html.contains('\u{202e}') && !html.contains('\u{1b}'), "steering characters");
    insta::assert_snapshot!("html", html);
    assert!(
        !html.contains("<script") && !html.contains("<img") && !html.contains("onload=alert(2)>")
    );
    assert!(!html.contains("http://") && !html.contains("https://"), "the report names no address");
}

#[test]
fn documents_are_whole_and_inert() {
    let (card, facts) = (card(), facts());
    let markdown = document::markdown(&card, &facts);
    let model_card = document::model_card(&card, &facts);
    let latex = document::latex(&card, &facts, None);
    for text in [&markdown, &model_card, &latex] {
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
    }
    for text in [&markdown, &model_card] {
        assert!(!text.contains("<img") && !text.contains("<script"), "{text}");
    }
    insta::assert_snapshot!("markdown", markdown);
    insta::assert_snapshot!("model_card", model_card);
    insta::assert_snapshot!("latex", latex);
}

#[test]
fn json_keeps_its_promise() {
    let text = trustmh_report::json::json(&[card()]).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let run = &value[0];
    assert_eq!(run["run"], "runs/invented");
    assert_eq!(run["protocol"], "corrected");
    let task = &run["tasks"]["ethics/reasoning"];
    assert_eq!(task["n"], 24);
    assert_eq!(task["outcomes"]["unparsed"], 1);
    let accuracy = &task["metrics"]["accuracy"];
    assert_eq!(accuracy["value"], 0.6);
    assert_eq!(accuracy["low"], 0.41);
    assert_eq!(accuracy["high"], 0.77);
    assert_eq!(accuracy["n"], 24);
    assert_eq!(accuracy["method"], "wilson");
    assert_eq!(accuracy["direction"], "higher");
    assert_eq!(accuracy["primary"], true);
    assert!(task["metrics"]["d_pick_rate"]["low"].is_null());
}

/// Twelve conversations, of which three fail at the second turn.
fn survival() -> SurvivalCurve {
    let point = |turn: u32, failed: u64, survival: f64| CurvePoint {
        turn,
        at_risk: 12,
        failed,
        censored: 0,
        survival,
        low: Some(survival - 0.2),
        high: Some(1.0),
        band_low: Some(survival - 0.3),
        band_high: Some(1.0),
    };
    SurvivalCurve {
        turn: 2,
        n: 12,
        clusters: 12,
        median: MedianTurn::default(),
        restricted_mean: RestrictedMean { turns: 2.0, low: None, high: None, to: 2 },
        points: vec![point(1, 0, 1.0), point(2, 3, 0.75)],
    }
}

#[test]
fn a_curve_over_turns_is_shown_in_words_numbers_and_steps() {
    let mut card = card();
    let metrics = card.tasks.values_mut().flat_map(|result| result.metrics.values_mut());
    metrics.filter(|metric| metric.primary).for_each(|metric| metric.curve = Some(survival()));
    let (facts, said) =
        (facts(), "failed by turn 2: 0.600 [0.410, 0.770]; fewer than half failed by turn 2");
    let on_terminal =
        trustmh_report::terminal::terminal(&card, &facts, Colour::Off, 100).replace('\n', " ");
    assert!(on_terminal.contains(&format!("ethics/reasoning accuracy: {said}")), "{on_terminal}");
    let markdown = document::markdown(&card, &facts);
    assert!(markdown.contains("| 2 | 12 | 3 | 0 | 0.750 | [0.550, 1.000] | [0.450, 1.000] |"));
    let page = trustmh_report::html::html(&card, &facts, &Companions::default());
    assert!(page.contains("<polyline class=\"step\"") && page.contains(said), "{page}");
    card.tasks.values_mut().flat_map(|result| result.metrics.values_mut()).for_each(|metric| {
        if let Some(curve) = &mut metric.curve {
            curve.median = MedianTurn { turn: Some(2), low: Some(2), high: None };
        }
    });
    let latex = document::latex(&card, &facts, None);
    assert!(latex.contains("median turn & 2 & [2, after 2]"), "{latex}");
}
