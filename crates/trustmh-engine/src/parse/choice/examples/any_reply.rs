//! What holds of any reply.

use super::super::explicit;
use super::{CHINESE, DEFENCES, STEPS};
use proptest::prelude::*;
use trustmh_core::item::option_index;

/// Answers of every kind, all of them B.
const ANSWERS: [&str; 14] = [
    "{\"choice\": \"B\"}",
    "```json\n{\"choice\": \"B\"}\n```",
    "Answer: B",
    "**Answer: B**",
    "The correct answer is B.",
    "I would choose option B.",
    "B",
    "**B. Call a colleague**",
    "\\boxed{B}",
    "<answer>B</answer>",
    "B is the best choice.",
    "Therefore, B.",
    "答案：B",
    "因此选B。",
];

/// What may be said of another option after the answer.
const EXPLANATIONS: [&str; 16] = [
    "Option X is too slow.",
    "X is incorrect.",
    "I did not choose X because it is too much.",
    "Choosing X would break her trust.",
    "X would be right if she had agreed.",
    "If she were in danger, the answer would be X.",
    "Some would choose X.",
    "Her mother would pick X.",
    "The answer X is popular but wrong.",
    "Why not X? It takes too long.",
    "X: careless.",
    "(X) neglects her.",
    "As for option X, it can wait.",
    "选项X不合适。",
    "不选X，因为太慢。",
    "如果她有危险，应选X。",
];

proptest! {
    #[test]
    fn any_text_is_taken(reply in "(?s).{0,120}|[A-J ().:*,/orand选答案是\"{}\\\\\n]{0,80}") {
        for options in [&STEPS[..], &DEFENCES[..], &CHINESE[..], &[]] {
            if let Some(letter) = explicit(&reply, options) {
                prop_assert!(option_index(letter).unwrap() < options.len());
            }
        }
    }

    #[test]
    fn every_prefix_is_taken(which in 0..ANSWERS.len(), then in 0..EXPLANATIONS.len(), cut in 0_usize..120) {
        let reply = format!("{}\n\n{}", ANSWERS[which], EXPLANATIONS[then].replace('X', "D"));
        let prefix: String = reply.chars().take(cut).collect();
        if let Some(letter) = explicit(&prefix, &STEPS) {
            prop_assert!(option_index(letter).unwrap() < STEPS.len());
        }
    }

    #[test]
    fn explanations_after_the_answer_change_nothing(
        which in 0..ANSWERS.len(),
        then in proptest::collection::vec((0..EXPLANATIONS.len(), 0..3_usize), 1..4),
        gap in prop_oneof![Just("\n\n"), Just("\n")],
    ) {
        let explained: Vec<String> =
            then.iter().map(|(at, option)| EXPLANATIONS[*at].replace('X', ["A", "C", "D"][*option])).collect();
        let reply = format!("{}{gap}{}", ANSWERS[which], explained.join(gap));
        prop_assert_eq!(explicit(&reply, &STEPS), Some('B'), "{}", reply);
    }

    #[test]
    fn prose_that_begins_with_the_article_is_no_choice(word in "[a-z]{4,12}", rest in "[a-z]{2,9}( [a-z]{2,9}){0,6}") {
        prop_assume!(!["because", "since", "would", "could", "should", "might", "must", "will", "seems", "looks", "appears", "fits", "does", "doesn", "over",
            "rather", "instead", "though", "although", "while", "then", "comes", "remains", "stands", "matches", "alone", "here", "both", "wouldn"].contains(&word.as_str()));
        let reply = format!("A {word} {rest}.");
        prop_assert_eq!(explicit(&reply, &STEPS), None);
    }
}

#[test]
fn long_replies_end() {
    for piece in [
        "A ",
        "{",
        "B, ",
        "A or ",
        "(A) ",
        "Answer: A. ",
        "{\"choice\": \"A\"} ",
        "\"A\" ",
        "not A but ",
        "| A ",
        "选A",
        "$",
        "\\boxed{",
        "if A ",
    ] {
        let reply = piece.repeat(200_000 / piece.len());
        let read = explicit(&reply, &STEPS);
        assert!(read.is_none_or(|letter| letter < 'C'), "{piece}");
    }
}
