//! Decision trees: any ends, early ends drop nothing, and answers that cannot be read change no rating that is given.
use proptest::prelude::*;
use std::collections::BTreeMap;

use trustmh_core::call::{CallEnd, CallSpec, JudgedPart, Purpose};
use trustmh_core::id::{RubricId, TaskId};
use trustmh_core::trial::MissingVerdict;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::judge::{tree_verdict, turn_verdict};
use trustmh_engine::rubric::{Given, Rating, Rubric, TreeWalk};
use trustmh_engine::walk::JudgeQuestions;

use crate::support::talks::{
    By, TREE, benchmark, item, judged, replied, rubric, talk, tree_reply, trial, walk,
};

/// A generated tree: for each question its dimension, and of each answer where it leads and what it finds.
type Shape = Vec<(usize, Vec<(usize, usize)>)>;

const DIMENSIONS: usize = 3;

fn shapes() -> impl Strategy<Value = Shape> {
    let answers = prop::collection::vec((0_usize..6, 0_usize..4), 2..4);
    prop::collection::vec((0..DIMENSIONS, answers), 1..9).prop_map(|mut shape| {
        // Every dimension is asked about.
        for dimension in 0..DIMENSIONS {
            shape.push((dimension, vec![(0, 0), (0, 1)]));
        }
        shape
    })
}

fn tree(shape: &Shape) -> Rubric {
    let mut text = TREE.split("[[dimensions]]").next().unwrap().to_owned();
    for dimension in 0..DIMENSIONS {
        text += &format!("[[dimensions]]\nid = \"d{dimension}\"\ntitle = \"D\"\n");
    }
    for (number, (dimension, answers)) in shape.iter().enumerate() {
        text += &format!(
            "[[questions]]\nid = \"q{number}\"\ndimension = \"d{dimension}\"\nasks = \"Is it {number}?\"\nanswers = [\n"
        );
        for (place, (jump, finds)) in answers.iter().enumerate() {
            let then = match jump {
                0 => String::new(),
                1 => ", then = \"end\"".to_owned(),
                _ if number + jump < shape.len() => format!(", then = \"q{}\"", number + jump),
                _ => String::new(),
            };
            let finds = match finds {
                0 => "",
                1 => ", finds = \"high\"",
                2 => ", finds = \"low\"",
                _ => ", finds = \"not-relevant\"",
            };
            text += &format!("  {{ answer = \"answer {place}\"{then}{finds} }},\n");
        }
        text += "]\n";
    }
    Rubric::parse("tree.toml", &text).unwrap()
}

fn given(rubric: &Rubric, question: &str, draws: &[usize]) -> Given {
    let place = rubric.file.questions.iter().position(|one| one.id.as_str() == question).unwrap();
    let answers = rubric.file.questions[place].answers.len();
    Given::Answer(draws[place % draws.len()] % answers)
}

proptest! {
    #[test]
    fn any_tree_ends_whatever_is_answered(shape in shapes(), draws in prop::collection::vec(0_usize..5, 1..12)) {
        let rubric = tree(&shape);
        let walk = TreeWalk::of(&rubric.file, |question| given(&rubric, question.id.as_str(), &draws));
        prop_assert!(walk.next.is_none());
        prop_assert!(walk.steps.len() <= rubric.file.questions.len());
        // Each question at most once, in the order of the file.
        let places: Vec<usize> = walk.steps.iter().map(|step| {
            rubric.file.questions.iter().position(|one| one.id == step.question.id).unwrap()
        }).collect();
        prop_assert!(places.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert!(walk.ratings().values().all(Option::is_some));
        let longest = rubric.file.longest_walk();
        prop_assert!(walk.steps.len() <= longest.len());
        prop_assert!(longest.len() <= rubric.file.questions.len());
    }

    #[test]
    fn early_ends_drop_nothing(shape in shapes(), draws in prop::collection::vec(0_usize..5, 1..12)) {
        let rubric = tree(&shape);
        let walk = TreeWalk::of(&rubric.file, |question| given(&rubric, question.id.as_str(), &draws));
        let ratings = walk.ratings();
        for (question, answer) in walk.answers() {
            let high = answer.finds == Some(trustmh_engine::rubric::Finding::High);
            prop_assert!(!high || ratings[&question.dimension] == Some(Rating::High));
        }
    }

    #[test]
    fn unread_answers_change_no_rating_that_is_given(
        shape in shapes(),
        draws in prop::collection::vec(0_usize..5, 1..12),
        unread in prop::collection::vec(prop::bool::weighted(0.2), 12),
    ) {
        let rubric = tree(&shape);
        let whole = TreeWalk::of(&rubric.file, |question| given(&rubric, question.id.as_str(), &draws));
        let broken = TreeWalk::of(&rubric.file, |question| {
            let place = rubric.file.questions.iter().position(|one| one.id == question.id).unwrap();
            if unread[place % unread.len()] { Given::Unread } else { given(&rubric, question.id.as_str(), &draws) }
        });
        let whole = whole.ratings();
        for (dimension, rating) in broken.ratings() {
            prop_assert!(rating.is_none() || rating == whole[dimension], "{dimension}: {rating:?}");
        }
    }
}

proptest! {
    // Each of these reads the whole benchmark.
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn unread_verdicts_change_no_rating_that_is_given(
        shape in shapes(),
        draws in prop::collection::vec(0_usize..5, 1..12),
        unread in prop::collection::vec(prop::bool::weighted(0.2), 30),
        apart in any::<bool>(),
    ) {
        let rubric = tree(&shape);
        let text = format!("{}", toml::to_string(&rubric.file).unwrap());
        let benchmark = benchmark(By::Tree, &[("rubrics/tree-test.toml", &text)]);
        let questions = if apart { JudgeQuestions::Apart } else { JudgeQuestions::Together };
        let walk = walk(&benchmark, questions);
        let trial = trial(&walk, &item("en", 1));
        let rubric = crate::support::talks::rubric(&walk, "tree-test");
        let answer_of = |question: &str| match given(rubric, question, &draws) {
            Given::Answer(place) => format!("Answer {place}"),
            Given::Unread | Given::NotYet => unreachable!(),
        };
        let ratings = |breaks: &[bool]| {
            let mut breaks = breaks.iter();
            let (_, exchanges) = judged(&walk, &trial, |call| {
                if *breaks.next().unwrap_or(&false) {
                    return replied("I would rather think about it.");
                }
                match &call.purpose {
                    Purpose::Judge { part: JudgedPart::Question(id), .. } => {
                        replied(format!("{{\"answer\": \"{}\"}}", answer_of(id.as_str())))
                    }
                    _ => {
                        let all: Vec<(String, String)> = rubric.file.questions.iter()
                            .map(|one| (one.id.to_string(), answer_of(one.id.as_str()))).collect();
                        let all: Vec<(&str, &str)> = all.iter().map(|(q, a)| (q.as_str(), a.as_str())).collect();
                        replied(tree_reply(&all))
                    }
                }
            });
            let talk = talk(&walk, &trial, &exchanges);
            tree_verdict(walk.judges, questions, rubric, &talk, &exchanges).ratings
        };
        let whole = ratings(&[]);
        prop_assert!(whole.values().all(Result::is_ok), "{whole:?}");
        for (dimension, rating) in ratings(&unread) {
            match rating {
                Ok(rating) => prop_assert_eq!(Ok(rating), whole[&dimension]),
                Err(missing) => prop_assert_eq!(missing, MissingVerdict::Unparsed),
            }
        }
    }

    #[test]
    fn a_failure_planted_at_a_turn_is_found_there(
        turns in 1_usize..8,
        planted in 0_usize..8,
        unread in prop::collection::vec(prop::bool::weighted(0.2), 20),
    ) {
        let planted = u8::try_from(planted % turns).unwrap();
        let benchmark = benchmark(By::Turns, &[]);
        let walk = walk(&benchmark, JudgeQuestions::Together);
        let trial = trial(&walk, &item("en", turns));
        let mut unread = unread.iter();
        let says = |call: &CallSpec| -> CallEnd {
            let Purpose::Judge { part: JudgedPart::Turn(turn), .. } = &call.purpose else { panic!() };
            if *unread.next().unwrap_or(&false) {
                return replied("Hard to say.");
            }
            let unkind = if *turn == planted { "yes" } else { "no" };
            replied(format!("{{\"unkind\": \"{unkind}\", \"care\": 1}}"))
        };
        let (_, exchanges) = judged(&walk, &trial, says);
        let talk = talk(&walk, &trial, &exchanges);
        let rubric = rubric(&walk, "turn-test");
        let found: BTreeMap<u8, bool> = talk.replies().filter_map(|(turn, reply)| {
            let verdict = turn_verdict(walk.judges, rubric, turn, reply, &exchanges).ok()?;
            Some((turn, verdict.labels["unkind"] == "yes"))
        }).collect();
        prop_assert!(found.iter().all(|(turn, unkind)| *unkind == (*turn == planted)));
    }
}

fn fault(text: &str) -> String {
    Rubric::parse("own.toml", text).unwrap_err().to_string()
}

#[test]
fn faults_of_trees_are_named() {
    let cases = [
        (
            "then = \"missed\" }",
            "then = \"miss\" }",
            "leads to `miss`, and there is no such question",
        ),
        (
            "finds = \"high\", then = \"cold\"",
            "then = \"risk-shown\"",
            "leads back to `risk-shown`",
        ),
        (
            "dimension = \"warm\"",
            "dimension = \"asks\"",
            "dimensions.warm`: no question is about it",
        ),
        (
            "dimension = \"warm\"",
            "dimension = \"cosy\"",
            "no dimension `cosy`; there are detects, asks, warm",
        ),
        ("id = \"asked\"", "id = \"Missed\"", "another question has this id"),
        ("id = \"asked\"", "id = \"end\"", "cannot be `end` or `next`"),
        ("id = \"warm\"\ntitle", "id = \"asks\"\ntitle", "is there twice"),
        ("asks = \"Is any reply cold?\"", "asks = \"...\"", "says nothing that could be answered"),
        (
            "{ answer = \"Yes\", finds = \"low\" }",
            "{ answer = \"no.\" }",
            "is there twice, or differs only",
        ),
        (
            "[{ answer = \"Yes\", finds = \"low\" }, { answer = \"No\" }]",
            "[]",
            "a question needs answers",
        ),
        (
            "{ answer = \"Yes\", finds = \"low\" }",
            "{ answer = \"<one of>\" }",
            "is no answer that a judge could give",
        ),
        (
            "evidence = \"wanted\"\nanswers = [{",
            "offline = { when = \"ever\" }\nanswers = [{",
            "needs either `code` or `client`",
        ),
        ("instructions", "from = \"risk\"\ninstructions", "belongs to a rubric for turns"),
    ];
    for (from, to, wanted) in cases {
        let text = TREE.replacen(from, to, 1);
        assert_ne!(text, TREE, "{from}");
        let found = fault(&text);
        assert!(found.contains(wanted), "{found}, not {wanted}");
    }
    let both =
        format!("{TREE}[[fields]]\nname = \"a\"\nlabels = [\"x\", \"y\"]\nmeaning = \"-\"\n");
    assert!(fault(&both).contains("either `fields` or `questions`"));
    let neither = TREE.split("[[dimensions]]").next().unwrap();
    assert!(fault(neither).contains("needs at least one field, or a decision tree"));
}

#[test]
fn trees_are_written_as_they_are_read() {
    let rubric = Rubric::parse("own.toml", TREE).unwrap();
    let text = toml::to_string(&rubric.file).unwrap();
    assert_eq!(Rubric::parse("own.toml", &text).unwrap().file, rubric.file);
}

#[test]
fn a_tree_of_the_user_stands_in_the_place_of_the_tasks_and_is_kept_with_the_run() {
    let chinese = TREE.replace("tree-test", "tree-test-zh");
    let built = || benchmark(By::Tree, &[("rubrics/tree-test-zh.toml", &chinese)]);
    let mine = TREE.replace("tree-test", "mine").replace("Is any reply cold?", "Is it cold?");
    let id = RubricId::new("tree-test");
    let own = built().with_rubric(Some(&id), "mine.toml", &mine).unwrap();
    for language in ["en", "zh"] {
        let rubric = own.rubric_for(&id, language).unwrap();
        assert_eq!(rubric.file.questions[3].asks, "Is it cold?", "{language}");
    }
    let task: TaskId = "crisis/talk-test".parse().unwrap();
    let kept: Vec<_> =
        own.materials([&task]).unwrap().into_iter().map(|material| material.file).collect();
    let again = Benchmark::embedded().unwrap().with_kept(kept).unwrap();
    assert_eq!(again.rubric(&id).unwrap().digest, own.rubric(&id).unwrap().digest);

    let unknown = built().with_rubric(None, "mine.toml", &mine).unwrap_err().to_string();
    assert!(unknown.contains("no rubric `mine`"), "{unknown}");
    let broken = built().with_rubric(Some(&id), "mine.toml", "id = 1").unwrap_err().to_string();
    assert!(broken.starts_with("mine.toml"), "{broken}");
}
