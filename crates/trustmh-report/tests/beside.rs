//! Snapshots of runs beside each other, with hostile names.
#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub)]

use std::collections::BTreeMap;

use trustmh_core::comparison::{
    ComparedRun, Comparison, Difference, LeftOut, RankRange, RankedBy, Standing, StandingRow,
    Standings, TaskComparison, TestName, Verdict,
};
use trustmh_core::id::{DatasetId, MetricName, ModelId, RubricId, SuiteId, TaskId};
use trustmh_core::metric::{Anchors, Direction, IntervalMethod};
use trustmh_core::outcome::OutcomeCounts;
use trustmh_core::pillar::Pillar;
use trustmh_core::protocol::Protocol;
use trustmh_core::repeats::Repeats;
use trustmh_core::scorecard::{
    Coverage, ItemOrigin, ItemSource, JudgeName, MetricEstimate, PillarScore, RecordState,
    Scorecard, Standing as Record, TaskResult,
};
use trustmh_core::unlike::{Aspect, Unlike};
use trustmh_core::validity::Validity;
use trustmh_report::comparison::Shown;
use trustmh_report::figure::{figures, figures_beside};
use trustmh_report::matrix::{
    Brief, Cell, Given, Matrix, Published, PublishedCell, UnlikeValues, matrix,
};
use trustmh_report::matrix::{csv::csv, html::html, latex::latex};
use trustmh_report::several;

const HOSTILE: &str = "openai/<img src=x onerror=alert(1)>\u{202e}gpt_1";
const LEAKS: &str = "privacy/leakage";
const ETHICS: &str = "ethics/reasoning";

fn metric(value: f64, ends: Option<(f64, f64)>, direction: Direction) -> MetricEstimate {
    let worst = if direction == Direction::Higher { 0.25 } else { 1.0 };
    let best = if direction == Direction::Higher { 1.0 } else { 0.0 };
    MetricEstimate {
        value,
        low: ends.map(|(low, _)| low),
        high: ends.map(|(_, high)| high),
        n: 40,
        clusters: 10,
        method: ends.map(|_| IntervalMethod::Wilson),
        direction,
        primary: true,
        half_width: None,
        coverage: None,
        title: "Share of <b>all</b> | replies".to_owned(),
        range: (0.0, 1.0),
        anchors: Some(Anchors { best, worst }),
        classes: Vec::new(),
        validity: (direction == Direction::Lower)
            .then(|| Validity::unknown(RubricId::new("leaks"), "a judge".to_owned())),
        curve: None,
        groups: BTreeMap::new(),
        sentence: None,
    }
}

fn result(name: &str, metric: MetricEstimate, pending: u64) -> TaskResult {
    TaskResult {
        title: format!("About {name}"),
        suite: SuiteId::trustmh_bench(),
        n: 40,
        pending,
        outcomes: OutcomeCounts { scored: 40, ..OutcomeCounts::default() },
        metrics: BTreeMap::from([(MetricName::new(name), metric)]),
        not_scored: BTreeMap::new(),
        flags: BTreeMap::new(),
        confusions: BTreeMap::new(),
        fairness: None,
        client: None,
        source: ItemSource {
            dataset: DatasetId::new("invented"),
            origin: ItemOrigin::Starter,
            records: 10,
            warnings: Vec::new(),
            files: BTreeMap::new(),
            labelled_by: Vec::new(),
        },
        caveats: Vec::new(),
        plain: None,
        crossed: None,
        labels: BTreeMap::new(),
    }
}

fn card(run: &str, subject: &str, leaks: f64, accuracy: f64) -> Scorecard {
    let around = |value: f64| Some(((value - 0.1).max(0.0), (value + 0.1).min(1.0)));
    let ethics = metric(accuracy, around(accuracy), Direction::Higher);
    Scorecard {
        run: run.to_owned(),
        record: Record::default(),
        protocol: Protocol::Corrected,
        subject: ModelId::new(subject),
        name: None,
        benchmark: None,
        repeats: Repeats::ONCE,
        judge: JudgeName::Offline,
        client: None,
        tasks: BTreeMap::from([
            (id(LEAKS), result("leak_rate", metric(leaks, around(leaks), Direction::Lower), 0)),
            (id(ETHICS), result("accuracy", ethics, 0)),
        ]),
        pillars: BTreeMap::new(),
        pillars_without_score: BTreeMap::new(),
        own_tasks: Vec::new(),
        caveats: Vec::new(),
    }
}

fn id(task: &str) -> TaskId {
    task.parse().unwrap()
}

fn named(card: &Scorecard) -> ComparedRun {
    ComparedRun {
        run: card.run.clone(),
        subject: card.subject.clone(),
        name: None,
        judge: card.judge.title().to_owned(),
        protocol: card.protocol,
        seed: 7,
    }
}

fn difference(first: f64, second: f64, direction: Direction, verdict: Verdict) -> Difference {
    let validity = metric(0.0, None, direction).validity;
    Difference {
        title: "Share of <b>all</b> | replies".to_owned(),
        first,
        second,
        difference: second - first,
        missing: 0,
        measured: 40,
        at_worst: None,
        low: Some(second - first - 0.1),
        high: Some(second - first + 0.1),
        method: Some(IntervalMethod::Tango),
        n: 40,
        clusters: 10,
        direction,
        primary: true,
        test: TestName::McNemarMidP,
        p: Some(0.0001),
        p_corrected: Some(0.0002),
        other_tests: BTreeMap::new(),
        effect: None,
        untested: None,
        validity,
        verdict,
    }
}

fn task(name: &str, found: Option<Difference>, differs: Vec<Unlike>) -> TaskComparison {
    TaskComparison {
        title: format!("About {name}"),
        suite: SuiteId::trustmh_bench(),
        shared: 40,
        only_first: 0,
        only_second: 0,
        metrics: found.into_iter().map(|found| (MetricName::new(name), found)).collect(),
        not_compared: BTreeMap::new(),
        changed: Vec::new(),
        differs,
        side_by_side: BTreeMap::new(),
    }
}

fn pair(one: &Scorecard, two: &Scorecard, leaks: Verdict, differs: &[Unlike]) -> Comparison {
    let value =
        |card: &Scorecard, task: &str| card.tasks[&id(task)].metrics.values().next().unwrap().value;
    let found = |task: &str, direction: Direction, verdict: Verdict| {
        let values = (value(one, task), value(two, task));
        differs.is_empty().then(|| difference(values.0, values.1, direction, verdict))
    };
    let tasks = BTreeMap::from([
        (id(LEAKS), task("leak_rate", found(LEAKS, Direction::Lower, leaks), differs.to_vec())),
        (
            id(ETHICS),
            task("accuracy", found(ETHICS, Direction::Higher, Verdict::NotSeparated), Vec::new()),
        ),
    ]);
    Comparison { first: named(one), second: named(two), alpha: 0.05, differs: Vec::new(), tasks }
}

fn given<'r>(
    cards: Vec<&'r Scorecard>,
    comparisons: &'r [Comparison],
    standings: &'r Standings,
    alike: &'r BTreeMap<TaskId, Vec<Vec<usize>>>,
) -> Given<'r> {
    Given {
        caveats: vec![vec!["Starter items.".to_owned()]; cards.len()],
        cards,
        comparisons,
        standings,
        alike,
        pillars: BTreeMap::new(),
        metrics: Shown::Primary,
        unlike: UnlikeValues::Withheld,
        published: None,
        notes: Vec::new(),
    }
}

/// A run that leaks little, and one of a hostile name that leaks much.
fn two() -> Matrix {
    let (one, two) =
        (card("runs/before", "a/safe", 0.05, 0.6), card("runs/after", HOSTILE, 0.9, 0.65));
    let pairs = [pair(&one, &two, Verdict::Worse, &[])];
    let alike = BTreeMap::from([(id(LEAKS), vec![vec![0, 1]]), (id(ETHICS), vec![vec![0, 1]])]);
    matrix(given(vec![&one, &two], &pairs, &Standings::default(), &alike))
}

/// Three runs; the third was judged by another, is not whole, and has too little data.
fn compared() -> ([Scorecard; 3], [Comparison; 3], Standings) {
    let (one, two) = (card("runs/a", "a/safe", 0.05, 0.6), card("runs/b", HOSTILE, 0.9, 0.65));
    let mut third = card("runs/c", "c/third", 0.5, 0.5);
    third.record = Record {
        state: RecordState::Incomplete,
        planned: 80,
        pending: 5,
        dropped_lines: 0,
        note: Some("INCOMPLETE: 5 of 80 trials have not ended.".to_owned()),
        capped: None,
    };
    // Of the seven that are missing five have not ended.
    let coverage = Coverage { judged: 33, missing: 7, lowest: 0.4, highest: 0.6 };
    let few = MetricEstimate { coverage: Some(coverage), ..metric(0.5, None, Direction::Higher) };
    third.tasks.insert(id(ETHICS), result("accuracy", few, 5));
    let judged = [Unlike::new(Aspect::Judge, "offline rules 1", "judge:<2>\u{1b}[31m")];
    let pairs = [
        pair(&one, &two, Verdict::Worse, &[]),
        pair(&one, &third, Verdict::Untested, &judged),
        pair(&two, &third, Verdict::Untested, &judged),
    ];
    let range = |rank: u64, worst: u64| RankRange { rank, best: rank, worst };
    let row = |card: &Scorecard, value: f64, rank: RankRange| StandingRow {
        run: named(card),
        value,
        rank,
        told_apart_from: Vec::new(),
    };
    let standing = Standing {
        suite: SuiteId::trustmh_bench(),
        metric: MetricName::new("leak_rate"),
        by: RankedBy::SharedItems,
        shared: Some(40),
        pairs: 1,
        separated: 1,
        rows: vec![row(&one, 0.05, range(1, 1)), row(&two, 0.9, range(2, 3))],
        validity: None,
        left_out: vec![LeftOut { run: named(&third), differs: judged.to_vec() }],
    };
    let tasks = BTreeMap::from([(id(LEAKS), standing)]);
    ([one, two, third], pairs, Standings { tasks, ..Standings::default() })
}

/// The same beside published models.
fn three() -> Matrix {
    let ([one, two, third], pairs, standings) = compared();
    let alike =
        BTreeMap::from([(id(LEAKS), vec![vec![0, 1], vec![2]]), (id(ETHICS), vec![vec![0, 1, 2]])]);
    let score = PillarScore {
        value: 95.0,
        low: Some(85.0),
        high: Some(100.0),
        method: Some(IntervalMethod::Mover),
        tasks: 1,
        missing: Vec::new(),
    };
    let published = Published {
        models: vec!["One".to_owned(), "<i>Two</i>".to_owned()],
        tasks: BTreeMap::from([(
            id(LEAKS),
            vec![
                Some(PublishedCell { rank: 2, value: Some(0.25) }),
                Some(PublishedCell { rank: 1, value: None }),
            ],
        )]),
        pillars: BTreeMap::from([(Pillar::Privacy, vec![Some(2), Some(1)])]),
        places: BTreeMap::from([(id(LEAKS), vec![Some((1, 2)), None, None])]),
    };
    matrix(Given {
        pillars: BTreeMap::from([(Pillar::Privacy, vec![Some(score), None, None])]),
        published: Some(published),
        notes: vec!["A note of the board.".to_owned()],
        unlike: UnlikeValues::Marked,
        ..given(vec![&one, &two, &third], &pairs, &standings, &alike)
    })
}

/// The cell of a task, by column.
fn cell<'m>(matrix: &'m Matrix, task: &str, column: usize) -> &'m Cell {
    let mut rows = matrix.groups.iter().flat_map(|group| &group.rows);
    &rows.find(|row| row.task == id(task)).unwrap().cells[column]
}

#[test]
fn two_runs_as_page_table_and_rows() {
    let matrix = two();
    insta::assert_snapshot!("two_html", html(&matrix));
    insta::assert_snapshot!("two_latex", latex(&matrix, Some(&"tab:two".parse().unwrap())));
    insta::assert_snapshot!("two_csv", csv(&matrix));
}

/// In a terminal several runs are one table, and of their pairs only what is told apart.
#[test]
fn several_runs_in_a_terminal() {
    let (cards, pairs, mut standings) = compared();
    let rows = &mut standings.tasks.get_mut(&id(LEAKS)).unwrap().rows;
    (rows[0].told_apart_from, rows[1].told_apart_from) = (vec![2], vec![1]);
    let runs = cards.each_ref().map(named);
    let text = several::terminal(&standings, &runs, &pairs, 100);
    insta::assert_snapshot!("several_terminal_100", text);
    // Where the table has no room each run has a line of its own, and says the same.
    let narrow = several::terminal(&standings, &runs, &pairs, 90);
    for cell in ["0.050 (1)", "0.900 (2-3)", "not ranked", "A-B"] {
        assert!(text.contains(cell) && narrow.contains(cell), "{cell}: {text}\n{narrow}");
    }
    let fits = |line: &str| line.chars().count() <= 90;
    assert!(narrow.lines().all(fits), "{narrow}");
}

#[test]
fn three_runs_beside_published_models() {
    let matrix = three();
    insta::assert_snapshot!("three_html", html(&matrix));
    insta::assert_snapshot!("three_latex", latex(&matrix, None));
    insta::assert_snapshot!("three_csv", csv(&matrix));
}

#[test]
fn what_is_pending_is_not_counted_as_missing_too() {
    let matrix = three();
    let Cell::Number(number) = cell(&matrix, ETHICS, 2) else { panic!("no number") };
    assert_eq!((number.pending, number.missing), (5, 2));
    let csv = csv(&matrix);
    let head: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    let at = |name: &str| head.iter().position(|one| *one == name).unwrap();
    let of_third = |line: &&str| line.starts_with("value,ethics") && line.contains(",c/third,");
    let cells: Vec<&str> = csv.lines().find(of_third).unwrap().split(',').collect();
    assert_eq!([cells[at("pending")], cells[at("missing")]], ["5", "2"], "{cells:?}");
    let missing = vec!["Three by offline: was not begun".to_owned()];
    let of_study = Matrix { missing, ..matrix };
    assert!(latex(&of_study, None).contains("\\caption{\\textbf{Missing: Three by offline"));
    let first = first_row(&of_study);
    assert!(first.starts_with("missing,"), "{first}");
}

/// The first row below the heading.
fn first_row(matrix: &Matrix) -> String {
    csv(matrix).lines().nth(1).unwrap().to_owned()
}

/// Who compares two runs looks for what changed; who sets them beside published models, for ranks.
#[test]
fn a_page_opens_with_what_is_looked_for() {
    let compared = two();
    let places = |matrix: &Matrix| {
        ["id=\"changes\"", "id=\"matrix\""].map(|id| html(matrix).find(id).unwrap())
    };
    let [changes, numbers] = places(&compared);
    assert!(changes < numbers);
    let published = three().published;
    let [changes, numbers] = places(&Matrix { published, ..compared });
    assert!(numbers < changes);
}

#[test]
fn nothing_hostile_acts_in_any_of_them() {
    for matrix in [two(), three()] {
        let drawn: String = figures_beside(&matrix).into_iter().map(|figure| figure.svg).collect();
        let brief = Brief::of(&matrix).unwrap().terminal(100);
        for text in
            [html(&matrix), latex(&matrix, None), csv(&matrix).replace("\r\n", "\n"), drawn, brief]
        {
            assert!(!text.contains('\u{202e}') && !text.contains('\u{1b}'), "{text}");
        }
        let page = html(&matrix);
        assert!(!page.contains("<img") && !page.contains("<i>Two") && !page.contains("<b>all"));
    }
}

#[test]
fn who_is_ahead_is_told_apart_from_all_that_may_be_compared() {
    let matrix = three();
    let Cell::Number(safe) = cell(&matrix, LEAKS, 0) else { panic!("{matrix:?}") };
    assert_eq!((safe.better_than.as_slice(), safe.rank.unwrap().rank), (&[1][..], 1));
    assert_eq!(safe.place, trustmh_report::matrix::Place::AheadOfAll, "the third is no rival here");
    let Cell::Number(third) = cell(&matrix, LEAKS, 2) else { panic!("{matrix:?}") };
    assert_eq!(third.unlike, ["judge"]);
    assert_eq!(third.place, trustmh_report::matrix::Place::Among);
    let Cell::Number(few) = cell(&matrix, ETHICS, 2) else { panic!("{matrix:?}") };
    assert!(few.unlike.is_empty() && few.estimate.interval.is_none() && few.pending == 5);
}

#[test]
fn changes_are_worth_what_their_scale_says_and_regressions_come_first() {
    let changes = two().changes.unwrap();
    let worse: Vec<f64> = changes.worse.iter().filter_map(|change| change.points).collect();
    assert!(worse.len() == 1 && (worse[0] + 85.0).abs() < 1e-9, "{worse:?}");
    // From 0.25, which knows nothing, to 1: a step of 0.05 is worth a fifteenth.
    let open: Vec<f64> = changes.open.iter().filter_map(|change| change.points).collect();
    assert!(open.len() == 1 && (open[0] - 100.0 / 15.0).abs() < 1e-9, "{open:?}");
    assert!(three().changes.is_none(), "of more than two nothing has changed");
}

#[test]
fn in_brief_a_run_stands_by_what_it_is_told_apart_in() {
    let found = Brief::of(&two()).unwrap();
    assert_eq!((found.compared, found.apart, found.unvalidated, found.not_compared), (2, 1, 1, 0));
    let stands: Vec<(u64, u64)> = found.runs.iter().map(|run| (run.better, run.worse)).collect();
    assert_eq!(stands, [(1, 0), (0, 1)]);
    assert_eq!(found.runs[0].furthest, None);
    let behind = found.runs[1].furthest.as_ref().unwrap();
    assert_eq!((behind.than.as_str(), behind.own, behind.other), ("a/safe", 0.9, 0.05));
    assert!(behind.unvalidated);
    assert!((behind.difference.value - 0.85).abs() < 1e-9, "{:?}", behind.difference);
    insta::assert_snapshot!("two_in_brief", found.terminal(80));

    // The third was judged by another, and on the task that all share nothing tells them apart.
    let found = Brief::of(&three()).unwrap();
    let stands: Vec<(u64, u64)> = found.runs.iter().map(|run| (run.better, run.worse)).collect();
    assert_eq!(stands, [(1, 0), (0, 1), (0, 0)]);
    let alone = card("runs/a", "a/safe", 0.05, 0.6);
    let (standings, alike) = (Standings::default(), BTreeMap::new());
    assert_eq!(Brief::of(&matrix(given(vec![&alone], &[], &standings, &alike))), None);
}

#[test]
fn in_brief_too_little_is_said_and_a_run_that_is_behind_is_so_in_either_order() {
    let (one, two) = (card("runs/a", "a/safe", 0.05, 0.6), card("runs/b", "b/loose", 0.9, 0.65));
    let alike = BTreeMap::from([(id(LEAKS), vec![vec![0, 1]]), (id(ETHICS), vec![vec![0, 1]])]);
    let standings = Standings::default();
    let open = [pair(&one, &two, Verdict::NotSeparated, &[])];
    let said = Brief::of(&matrix(given(vec![&one, &two], &open, &standings, &alike))).unwrap();
    assert_eq!(
        (said.apart, said.runs[0].furthest.as_ref(), said.runs[1].furthest.as_ref()),
        (0, None, None)
    );
    assert!(said.terminal(200).contains("told apart in none of 2 tasks"), "{}", said.terminal(200));

    let turned = [pair(&two, &one, Verdict::Better, &[])];
    let found = Brief::of(&matrix(given(vec![&two, &one], &turned, &standings, &alike))).unwrap();
    let behind = found.runs[0].furthest.as_ref().unwrap();
    assert_eq!((behind.than.as_str(), behind.own, behind.other), ("a/safe", 0.9, 0.05));
    let ends = behind.difference.interval.unwrap();
    assert!((ends.low - 0.75).abs() < 1e-9 && (ends.high - 0.95).abs() < 1e-9, "{ends:?}");
    assert_eq!(found.runs[1].furthest, None);
}

#[test]
fn a_task_of_which_nothing_is_known_keeps_its_row() {
    let mut one = card("runs/a", "a/safe", 0.05, 0.6);
    let result = one.tasks.get_mut(&id(ETHICS)).unwrap();
    result.metrics.clear();
    result.not_scored.insert(MetricName::new("accuracy"), "no judge was asked".to_owned());
    let (standings, alike) = (Standings::default(), BTreeMap::new());
    let matrix = matrix(given(vec![&one], &[], &standings, &alike));
    assert_eq!(*cell(&matrix, ETHICS, 0), Cell::NotScored("no judge was asked".to_owned()));
    for text in [html(&matrix), csv(&matrix)] {
        assert!(text.contains("not scored: no judge was asked"), "{text}");
    }
}

#[test]
fn charts_of_a_scorecard_are_named_by_its_tasks() {
    let card = card("runs/a", HOSTILE, 0.05, 0.6);
    let names: Vec<String> = figures(&card).into_iter().map(|figure| figure.name).collect();
    assert_eq!(names, ["tasks", "metrics-privacy-leakage", "metrics-ethics-reasoning"]);
    for figure in figures(&card) {
        let read = roxmltree::Document::parse(&figure.svg).unwrap();
        assert!(
            read.descendants()
                .any(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "style")))
        );
    }
}
