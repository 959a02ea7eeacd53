//! Rubrics in the form of VERA-MH's table: the published one as it is, and invented ones with faults.
use std::fs;

use trustmh_core::id::RubricId;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::rubric::{Finding, Given, Question, Rating, Rubric, Then, TreeWalk};
use trustmh_testing::shared;

const HEAD: &str =
    "Question ID\tDimension\tSeverity\tRisk Type\tQuestion\tExamples\tAnswer\tGOTO\t\r\n";

fn built_in() -> Rubric {
    let benchmark = Benchmark::embedded().unwrap();
    benchmark.rubric(&RubricId::new("vera-mh")).unwrap().clone()
}

fn read(rows: &str) -> Result<Rubric, String> {
    let table = format!("{HEAD}{rows}");
    built_in().with_questions("own.tsv", &table).map_err(|error| error.to_string())
}

fn rating(rubric: &Rubric, dimension: &str, answers: &[(&str, &str)]) -> Option<Rating> {
    let walk = TreeWalk::of(&rubric.file, |question: &Question| {
        let (_, given) = answers
            .iter()
            .find(|(id, _)| *id == question.id.as_str())
            .copied()
            .unwrap_or(("", "No"));
        let place = question.answers.iter().position(|rule| rule.answer == given);
        place.map_or(Given::Unread, Given::Answer)
    });
    let (_, rating) = walk.ratings().into_iter().find(|(id, _)| id.as_str() == dimension).unwrap();
    rating
}

#[test]
fn the_published_rubric_is_read_as_it_is() {
    let Some(folder) = shared("data/vera-mh") else { return };
    let table = fs::read_to_string(folder.join("rubric.tsv")).unwrap();
    let rubric = built_in().with_questions("rubric.tsv", &table).unwrap();
    let questions = &rubric.file.questions;
    assert_eq!(questions.len(), 35);
    let dimensions: Vec<&str> =
        rubric.file.dimensions.iter().map(|dimension| dimension.id.as_str()).collect();
    assert_eq!(dimensions, ["detects", "confirms", "guides", "supportive", "boundaries"]);
    let jumps = questions.iter().enumerate().flat_map(|(from, question)| {
        question.answers.iter().filter_map(move |answer| match &answer.then {
            Then::Question(to) => Some((from, to)),
            Then::Next | Then::End => None,
        })
    });
    let mut forward = 0;
    for (from, to) in jumps {
        assert!(questions.iter().position(|question| question.id == *to).unwrap() > from);
        forward += 1;
    }
    // 49 are written down; the yes of 15 of the 16 questions without answers leads to the next dimension, too, 7 of them to the end.
    assert!(forward >= 49, "{forward}");
    let finds = |what| {
        let answers = questions.iter().flat_map(|question| &question.answers);
        answers.filter(|answer| answer.finds == Some(what)).count()
    };
    // Every red question finds high by its yes, every yellow one low.
    assert_eq!((finds(Finding::High), finds(Finding::Low)), (18, 14));

    let all = |dimension, answers: &[(&str, &str)]| rating(&rubric, dimension, answers);
    // No danger, nothing flagged: nothing is relevant.
    for dimension in &dimensions {
        assert_eq!(all(dimension, &[("q1", "No")]), Some(Rating::NotRelevant), "{dimension}");
    }
    // A false alarm is found, and nothing else is rated.
    let alarm = [("q1", "No"), ("q3", "Yes")];
    assert_eq!(all("detects", &alarm), Some(Rating::Low));
    assert_eq!(all("guides", &alarm), Some(Rating::NotRelevant));
    // Missed: confirming it has no place, the rest is rated.
    let missed = [("q1", "Yes"), ("q2", "Yes"), ("q9", "Immediate risk"), ("q34", "Yes")];
    assert_eq!(all("detects", &missed), Some(Rating::High));
    assert_eq!(all("confirms", &missed), Some(Rating::NotRelevant));
    assert_eq!(all("guides", &missed), Some(Rating::Best));
    assert_eq!(all("boundaries", &missed), Some(Rating::Low));
    // Without thoughts of suicide guiding is not relevant.
    let calm = [("q1", "Yes"), ("q9", "No suicidal thoughts present")];
    assert_eq!(all("guides", &calm), Some(Rating::NotRelevant));
    assert_eq!(all("supportive", &calm), Some(Rating::Best));
    // Whoever plays the person declines: the walk ends and says so.
    let walk = TreeWalk::of(&rubric.file, |_| Given::Answer(2));
    assert!(walk.client_broke() && walk.steps.len() == 1);
}

const SOUND: &str = "1\tWarm\t\t\tIs it warm?\tSmile.\tYes\t2\t\r\n\t\t\t\t\t\tNo\tNOT_RELEVANT>>3\t\r\n\t\t\t\t\t\tRefuses the role-play\tEND\t\r\n\
                     2\tWarm\tRed\t\tIs it hot?\t\t\t\t\r\n3\tGuides to human care\tYellow\t\tAlone?\t\tYes\tASSIGN_END\t\r\n\t\t\t\t\t\tNo\tEND\t\r\n";

#[test]
fn dimensions_keep_their_names_and_new_ones_are_named_after_their_titles() {
    let rubric = read(SOUND).unwrap();
    let ids: Vec<&str> =
        rubric.file.dimensions.iter().map(|dimension| dimension.id.as_str()).collect();
    assert_eq!(ids, ["warm", "guides"]);
    assert_eq!(rubric.file.questions[0].guidance.as_deref(), Some("Smile."));
    assert_eq!(rating(&rubric, "warm", &[("q1", "No")]), Some(Rating::NotRelevant));
    assert_eq!(rating(&rubric, "warm", &[("q1", "Yes"), ("q2", "Yes")]), Some(Rating::High));
    assert_eq!(rating(&rubric, "guides", &[("q3", "Yes")]), Some(Rating::Low));
}

#[test]
fn faults_of_a_table_name_the_line_and_the_column() {
    for (from, to, why) in [
        ("NOT_RELEVANT>>3", "NOT_RELEVANT>>", "line 3, GOTO"),
        ("NOT_RELEVANT>>3", "somewhere", "`somewhere` leads nowhere"),
        ("NOT_RELEVANT>>3", "9", "leads to `q9`, and there is no such question"),
        ("ASSIGN_END", "1", "leads back to `q1`"),
        ("\tRed\t", "\tOrange\t", "line 5, Severity`: `Orange` is neither Red nor Yellow"),
        ("2\tWarm", "1\tWarm", "line 5, Question ID`: question 1 stands in line 2 already"),
        ("2\tWarm", "two\tWarm", "`two` is no number"),
        ("2\tWarm", "2\t", "line 5, Dimension"),
        ("Is it hot?", "", "line 5, Question`: question 2 has none"),
        ("1\tWarm", "\tWarm", "an answer stands before the first question"),
        ("\tNo\tNOT", "\t\tNOT", "belongs to no answer"),
        ("\tNo\tNOT", "\tYES\tNOT", "is there twice"),
    ] {
        assert!(SOUND.contains(from), "{from}");
        let fault = read(&SOUND.replacen(from, to, 1)).unwrap_err();
        assert!(fault.contains("own.tsv") && fault.contains(why), "{from} -> {to}: {fault}");
    }
    assert!(read("").unwrap_err().contains("has no questions"));
    let rubric = built_in();
    let fault = |table: &str| rubric.with_questions("own.tsv", table).unwrap_err().to_string();
    assert!(fault("").contains("the table is empty"));
    assert!(fault("Question ID\tDimension\n").contains("has no column `Severity`"));
}
