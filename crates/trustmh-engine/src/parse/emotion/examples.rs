//! Replies that name an emotion and its cause, and what a careful reader takes from each.

use super::read;
use proptest::prelude::*;
use trustmh_core::item::option_index;

const EMOTIONS: [&str; 6] =
    ["Joy", "Grief and anger", "Grief and gratitude", "Embarrassment", "Jealousy", "Worry"];
const CAUSES: [&str; 4] = [
    "Her dog came home",
    "Her sister forgot the visit",
    "She spilled soup on the guest",
    "The letter did not arrive",
];
const CHINESE_EMOTIONS: [&str; 4] = ["喜悦", "尴尬", "担心", "感激"];
const CHINESE_CAUSES: [&str; 4] =
    ["小狗回家了", "姐姐忘了来访", "她把汤洒在客人身上", "信没有寄到"];

fn check(emotions: &[&str], causes: &[&str], examples: &[(&str, &str)]) {
    let otherwise: Vec<String> = examples
        .iter()
        .filter_map(|(reply, wanted)| {
            let read = read(reply, emotions, causes);
            let read = read.map(|(emotion, cause)| format!("{emotion}{cause}")).unwrap_or_default();
            (read != *wanted).then(|| format!("{reply:?} reads {read:?}, not {wanted:?}"))
        })
        .collect();
    assert!(otherwise.is_empty(), "{}:\n{}", otherwise.len(), otherwise.join("\n"));
}

#[test]
fn objects_are_read() {
    check(
        &EMOTIONS,
        &CAUSES,
        &[
            (r#"{"emotion": "D", "cause": "C"}"#, "DC"),
            (
                "```json\n{\"emotion\": \"d\", \"cause\": \"C) She spilled soup on the guest\"}\n```",
                "DC",
            ),
            (r#"{'emotion': 'D', 'cause': 'C',}"#, "DC"),
            (r#"{emotion: D, cause: C}"#, "DC"),
            (r#"{"EMOTION": "(d)", "CAUSE": "(c)"}"#, "DC"),
            (r#"{"emotion": "Embarrassment", "cause": "She spilled soup on the guest"}"#, "DC"),
            (r#"{"emotion": "D. Embarrassment", "cause": "C"}"#, "DC"),
            (
                r#"{"emotion": {"letter": "D", "text": "Embarrassment"}, "cause": {"letter": "C"}}"#,
                "DC",
            ),
            (r#"{"emotion": ["D"], "cause": ["C"]}"#, "DC"),
            (r#"{"answer": {"emotion": "D", "cause": "C"}}"#, "DC"),
            (r#"[{"emotion": "D"}, {"cause": "C"}]"#, "DC"),
            (r#"{"emotion": "D"} {"cause": "C"}"#, "DC"),
            (r#"{"emotion_choice": "D", "cause_choice": "C"}"#, "DC"),
            (r#"{"feeling": "D", "reason": "C"}"#, "DC"),
            (
                r#"{"emotion": "A", "cause": "A"} No, she spilled it: {"emotion": "D", "cause": "C"}"#,
                "DC",
            ),
            (
                r#"{"emotion": "<one letter>", "cause": "<one letter>"} {"emotion": "D", "cause": "C"}"#,
                "DC",
            ),
            (r#"{"emotion": "D", "cause": "C", "note": "she is"#, "DC"),
            (
                "{\"emotion\": \"D\", \"cause\": \"C\"}\n\nEmotion A would need the dog, and cause B the sister.",
                "DC",
            ),
            ("{\"emotion\": \"D\", \"cause\": \"B\"}\n\nWait, the cause is C.", "DC"),
            (r#"{"emotion": "D"}"#, ""),
            (r#"{"cause": "C"}"#, ""),
            (r#"{"emotion": "D or E", "cause": "C"}"#, ""),
            (r#"{"emotion": ["D", "E"], "cause": "C"}"#, ""),
            (r#"{"emotion": "G", "cause": "C"}"#, ""),
            (r#"{"emotion": "D", "cause": "E"}"#, ""),
            (r#"{"emotion": "D", "cause": null}"#, ""),
            (r#"{"emotion": "D", "cause": ""#, ""),
            (r#"{"emotion": "Boredom", "cause": "C"}"#, ""),
            (r#"{"emotion": "Grief", "cause": "C"}"#, ""),
            (r#"{"emotion": "D. Worry", "cause": "C"}"#, ""),
        ],
    );
}

#[test]
fn prose_is_read() {
    check(
        &EMOTIONS,
        &CAUSES,
        &[
            ("Emotion: D\nCause: C", "DC"),
            ("emotion: d\ncause: c", "DC"),
            ("**Emotion:** D) Embarrassment\n**Cause:** C) She spilled soup on the guest", "DC"),
            ("- Emotion: **D**\n- Cause: **C**", "DC"),
            ("Cause: C\nEmotion: D", "DC"),
            ("Emotion: D, Cause: C", "DC"),
            ("Emotion = D; Cause = C", "DC"),
            ("Emotion：Ｄ\nCause：Ｃ", "DC"),
            ("Emotion: $D$\nCause: $\\boxed{C}$", "DC"),
            ("### Emotion\nD\n\n### Cause\nC", "DC"),
            ("1. Emotion: D\n2. Cause: C", "DC"),
            ("| Emotion | Cause |\n|---|---|\n| D | C |", "DC"),
            ("The emotion is D and the cause is C.", "DC"),
            ("The emotion is (d), the cause (c).", "DC"),
            ("The correct emotion is D. The correct cause is C.", "DC"),
            ("The emotion she feels is D, and the cause of it is C.", "DC"),
            ("For the emotion I choose D; for the cause I choose C.", "DC"),
            ("The emotion that fits best is option D. The most likely cause is option C.", "DC"),
            ("She feels: D\nWhy: C", "DC"),
            ("What does she feel? D\nWhat is the cause? C", "DC"),
            ("Emotion: Embarrassment\nCause: She spilled soup on the guest", "DC"),
            ("She feels embarrassment because she spilled soup on the guest.", "DC"),
            ("Embarrassment. She spilled soup on the guest.", "DC"),
            ("Embarrassment\nShe spilled soup on the guest", "DC"),
            ("D, C", "DC"),
            ("d, c", "DC"),
            ("D C", "DC"),
            ("D/C", "DC"),
            ("(D, C)", "DC"),
            ("D and C", "DC"),
            ("D\nC", "DC"),
            ("1. D\n2. C", "DC"),
            ("1) D 2) C", "DC"),
            ("Answers: D, C", "DC"),
            ("The answers are D and C.", "DC"),
            ("Emotion and cause: D, C", "DC"),
            ("Emotion: A\nCause: A\n\nWait, no. Emotion: D\nCause: C", "DC"),
            ("The emotion is not A but D. The cause is C, not B.", "DC"),
            (
                "Emotion: D\nCause: C\n\nEmotion A is wrong, for no dog is named. Cause B is wrong too.",
                "DC",
            ),
            (
                "The emotion is D.\nThe cause is C.\n\nIf the sister had forgotten her, the emotion would be B.",
                "DC",
            ),
            ("Emotion: D\nCause: C\n\nQuestion: And then?\nEmotion: A\nCause: A", "DC"),
        ],
    );
    check(
        &CHINESE_EMOTIONS,
        &CHINESE_CAUSES,
        &[
            ("情绪：B\n原因：C", "BC"),
            ("情绪：B，原因：C", "BC"),
            ("情绪是B，原因是C。", "BC"),
            ("情绪选B，原因选C。", "BC"),
            ("情感：尴尬\n原因：她把汤洒在客人身上", "BC"),
            ("情绪：B。不选A，因为小狗不在。\n原因：C", "BC"),
            ("{“emotion”：“B”，“cause”：“C”}", "BC"),
            ("{“情绪”：“B”，“原因”：“C”}", "BC"),
            ("B，C", "BC"),
            ("情绪：A或B\n原因：C", ""),
            ("情绪：B", ""),
        ],
    );
}

#[test]
fn other_wordings_are_read() {
    let emotions = ["Joy", "Guilt", "Anger", "Fear"];
    let causes = ["The exam went well", "He lied to her", "The train was late", "A dog barked"];
    check(
        &emotions,
        &causes,
        &[
            ("Emotion: Guilt (B)\nCause: He lied to her (B)", "BB"),
            ("{\"emotion\":\"B\",\"cause\":\"B\",\"explanation\":\"Anger would need C\"}", "BB"),
            ("I think the emotion is B, and the cause is B.", "BB"),
            ("Emotion - B\nCause - B", "BB"),
            ("Emotion → B\nCause → B", "BB"),
            ("Emotion: [B]\nCause: [B]", "BB"),
            ("**B** and **B**", "BB"),
            ("Emotion B, Cause B", "BB"),
            ("Emotion B; cause C", "BC"),
            ("B (emotion), C (cause)", "BC"),
            ("C (cause), B (emotion)", "BC"),
            ("Q1: B\nQ2: C", "BC"),
            ("Question 1: B\nQuestion 2: C", "BC"),
            ("Answer 1: B\nAnswer 2: C", "BC"),
            ("First: B. Second: C.", "BC"),
            ("(1) B\n(2) C", "BC"),
            ("He feels B.\nThe cause is C.", "BC"),
            ("Feeling: Anger\nReason: The train was late", "CC"),
            ("Anger, because the train was late.", "CC"),
            ("He is angry since the train was late.", ""),
            (
                "Emotion: B. Other emotions such as A and C do not fit.\nCause: C. The other causes (A, B) are not mentioned.",
                "BC",
            ),
            ("A. Joy? No. B. Guilt fits.\nEmotion: B\nCause: B", "BB"),
            ("Emotion: Anger or fear\nCause: The train was late", ""),
            ("他的情绪是B，原因是C", "BC"),
            ("情绪：B（内疚）\n原因：C", "BC"),
            ("情绪为B，因为C。", ""),
            ("选B和C", ""),
            ("情绪答案：B\n原因答案：C", "BC"),
            ("第一题：B\n第二题：C", "BC"),
            ("1. B 2. C", "BC"),
            ("1.B\n2.C", "BC"),
            ("<answer>B, C</answer>", "BC"),
            ("\\boxed{B}, \\boxed{C}", "BC"),
            ("Answer: B, C", "BC"),
            ("Final answer: B and C", "BC"),
            ("{\"emotion\": \"B\"}\n{\"cause\": \"C\"}", "BC"),
            ("{\"Q1\": \"B\", \"Q2\": \"C\"}", "BC"),
            ("[\"B\", \"C\"]", "BC"),
            ("{\"predicted_emotion\": \"B\", \"predicted_cause\": \"C\"}", "BC"),
            ("{\"emotion_label\": \"B\", \"cause_label\": \"C\"}", "BC"),
            ("{\"Emotion\": \"B\", \"Reason\": \"C\"}", "BC"),
            (
                "{\"emotion\": {\"answer\": \"B\", \"reason\": \"he lied\"}, \"cause\": {\"answer\": \"C\", \"reason\": \"late\"}}",
                "BC",
            ),
            ("{\"emotion\": \"B\", \"cause\": \"C\", \"reason\": \"D would be odd\"}", "BC"),
        ],
    );
}

#[test]
fn what_names_no_two_answers_is_unread() {
    check(
        &EMOTIONS,
        &CAUSES,
        &[
            ("", ""),
            ("D", ""),
            ("A good guess is joy.", ""),
            ("Emotion: D", ""),
            ("Cause: C", ""),
            ("Emotion: D or E\nCause: C", ""),
            ("Emotion: D\nCause: B and C", ""),
            ("Emotion: a mix of feelings\nCause: B", ""),
            ("Emotion: G\nCause: C", ""),
            ("Emotion: D\nCause: E", ""),
            ("The emotion is not D. The cause is C.", ""),
            ("It is hard to say what she feels and why.", ""),
            ("D, C, B", ""),
            ("I think that she is well.", ""),
            ("Emotion: none\nCause: none", ""),
            ("She feels joy or worry because the letter did not arrive.", ""),
        ],
    );
}

proptest! {
    #[test]
    fn any_text_is_taken(reply in "(?s).{0,120}|[A-G ,:.()\\{}\"'emotincaus情绪原因\n]{0,80}") {
        for (emotions, causes) in [(&EMOTIONS[..], &CAUSES[..]), (&[], &[])] {
            if let Some((emotion, cause)) = read(&reply, emotions, causes) {
                prop_assert!(option_index(emotion).unwrap() < emotions.len());
                prop_assert!(option_index(cause).unwrap() < causes.len());
            }
        }
    }

    #[test]
    fn every_prefix_is_taken(cut in 0_usize..120) {
        let reply = "The emotion is D and the cause is C. {\"emotion\": \"D\", \"cause\": \"C\"} Emotion: D, 情绪：D";
        let prefix: String = reply.chars().take(cut).collect();
        prop_assert!([None, Some(('D', 'C'))].contains(&read(&prefix, &EMOTIONS, &CAUSES)));
    }
}

#[test]
fn long_replies_end() {
    for piece in ["emotion ", "Emotion: A. Cause: B. ", "{\"emotion\": \"A\", ", "A, ", "原因"] {
        let reply = piece.repeat(200_000 / piece.len());
        assert!(read(&reply, &EMOTIONS, &CAUSES).is_none_or(|pair| pair == ('A', 'B')), "{piece}");
    }
}
