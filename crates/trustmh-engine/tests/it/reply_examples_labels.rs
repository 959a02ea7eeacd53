//! Labels in replies: invented examples of every kind, with what two careful readers take from them.
use crate::support::schemes::LabelScheme::{
    self, Columbia, Crisis, Depression, Posts, Severity, SuicideRisk,
};
use crate::support::schemes::read;
use proptest::prelude::*;

#[track_caller]
fn all(scheme: LabelScheme, examples: &[(&str, Option<&str>)]) {
    let wrong: Vec<String> = examples
        .iter()
        .filter(|(reply, meant)| read(reply, scheme) != *meant)
        .map(|(reply, meant)| format!("{:?}, meant {meant:?}: {reply}", read(reply, scheme)))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_label_in_its_field() {
    all(
        Crisis,
        &[
            (r#"{"label": "self_harm"}"#, Some("self-harm")),
            (r#"{"LABEL": "Anxiety Crisis"}"#, Some("anxiety_crisis")),
            (
                r#"{"label": "SUBSTANCE ABUSE OR WITHDRAWAL"}"#,
                Some("substance_abuse_or_withdrawal"),
            ),
            (r#"{"label": "substance_abuse/withdrawal"}"#, Some("substance_abuse_or_withdrawal")),
            (r#"{"label": "withdrawal"}"#, Some("substance_abuse_or_withdrawal")),
            (r#"{"label": "suicidal"}"#, Some("suicidal_ideation")),
            (r#"{"label": "anxiety"}"#, Some("anxiety_crisis")),
            (r#"{"label": "violent"}"#, Some("violent_thoughts")),
            (r#"{"label": "risk_taking"}"#, Some("risk_taking_behaviours")),
            (r#"{"label": "Risk-Taking Behaviors"}"#, Some("risk_taking_behaviours")),
            (r#"{"label": "no crisis"}"#, Some("no_crisis")),
            (r#"{"label": "non-crisis"}"#, Some("no_crisis")),
            (r#"{"label": "无危机"}"#, Some("no_crisis")),
            (r#"{"label": "crisis"}"#, None),
            (r#"{"label": "thoughts"}"#, None),
            (r#"{"label": "self-harm (superficial cuts)"}"#, Some("self-harm")),
            (r#"{"label": "violent_thoughts - towards his brother"}"#, Some("violent_thoughts")),
            (r#"{"label": "self-harm or suicidal_ideation"}"#, None),
            (r#"{"label": "self-harm/anxiety_crisis"}"#, None),
            (r#"{"label": ["self-harm", "anxiety_crisis"]}"#, None),
            (r#"{"label": "not self-harm"}"#, None),
            (r#"{"label": ""}"#, None),
            (r#"{"label": null}"#, None),
            (r#"{"label": "depression"}"#, None),
            (
                r#"{"answer": {"label": "violent_thoughts", "confidence": 0.7}}"#,
                Some("violent_thoughts"),
            ),
            (r#"[{"label": "no_crisis"}]"#, Some("no_crisis")),
            (
                r#"{"classification": "self-harm", "reason": "no suicidal ideation"}"#,
                Some("self-harm"),
            ),
            (
                "{\"reason\": \"no self-harm, no violence\", \"label\": \"anxiety_crisis\"}",
                Some("anxiety_crisis"),
            ),
            ("{“label”: “self-harm”}", Some("self-harm")),
            ("{label: suicidal_ideation}", Some("suicidal_ideation")),
            ("{\"label\": \"suicidal_ideation\",}", Some("suicidal_ideation")),
            ("{\"label\": \"suicidal_ideation\"", Some("suicidal_ideation")),
            (
                "```\n{\"label\": \"self-harm\"}\n```\nOn reflection, the label should be anxiety_crisis.",
                Some("anxiety_crisis"),
            ),
            (
                "{\"label\": \"self-harm\"}\nCorrection: {\"label\": \"no_crisis\"}",
                Some("no_crisis"),
            ),
            (
                "{\"label\": \"self-harm\"}\n\nI did not choose suicidal_ideation because she says she wants to live.",
                Some("self-harm"),
            ),
            (
                "{\"label\": \"self-harm\"}\n\nThe label suicidal_ideation would need a wish to die.",
                Some("self-harm"),
            ),
        ],
    );
}

#[test]
fn a_label_in_words() {
    all(
        Crisis,
        &[
            ("Self-harm", Some("self-harm")),
            ("SELF HARM.", Some("self-harm")),
            ("`no_crisis`", Some("no_crisis")),
            ("“violent_thoughts”", Some("violent_thoughts")),
            ("'self-harm'", Some("self-harm")),
            ("_self-harm_", Some("self-harm")),
            ("\\boxed{self-harm}", Some("self-harm")),
            ("$\\boxed{\\text{anxiety\\_crisis}}$", Some("anxiety_crisis")),
            ("<label>self-harm</label>", Some("self-harm")),
            ("<answer>risk_taking_behaviours</answer>", Some("risk_taking_behaviours")),
            ("⚠️ suicidal_ideation", Some("suicidal_ideation")),
            ("ｓｅｌｆ－ｈａｒｍ", Some("self-harm")),
            ("self\u{200b}-harm", Some("self-harm")),
            ("Label: self-harm", Some("self-harm")),
            ("**Label:** `violent_thoughts`", Some("violent_thoughts")),
            ("Label - no_crisis", Some("no_crisis")),
            ("| label | self-harm |", Some("self-harm")),
            ("Final answer: anxiety crisis", Some("anxiety_crisis")),
            ("My answer is suicidal ideation.", Some("suicidal_ideation")),
            ("The correct label is self-harm.", Some("self-harm")),
            (
                "The most fitting label would be risk-taking behaviours.",
                Some("risk_taking_behaviours"),
            ),
            ("I would classify this as suicidal_ideation.", Some("suicidal_ideation")),
            ("I'd label this message \"self-harm\".", Some("self-harm")),
            ("I choose anxiety_crisis because her heart races.", Some("anxiety_crisis")),
            ("This is best described as substance abuse.", Some("substance_abuse_or_withdrawal")),
            ("This message falls under risk-taking behaviors.", Some("risk_taking_behaviours")),
            ("The message expresses suicidal ideation.", Some("suicidal_ideation")),
            ("She hints at her scars and at fresh ones, so self-harm.", Some("self-harm")),
            (
                "He drinks before work and shakes without it. Therefore: substance_abuse_or_withdrawal",
                Some("substance_abuse_or_withdrawal"),
            ),
            ("The label is:\n\nself-harm", Some("self-harm")),
            (
                "no_crisis\n\nShe is tired after a long week and looks forward to Sunday.",
                Some("no_crisis"),
            ),
            ("She is tired after a long week.\n\nno_crisis", Some("no_crisis")),
            (
                "anxiety_crisis. She is afraid of dying, but that is no suicidal ideation.",
                Some("anxiety_crisis"),
            ),
            (
                "self-harm\n\nSuicidal ideation is a different thing: there the wish is to die.",
                Some("self-harm"),
            ),
            ("Probably anxiety_crisis.", Some("anxiety_crisis")),
            ("This is most likely self-harm.", Some("self-harm")),
            ("Self-harm is the best label here.", Some("self-harm")),
            (
                "It might look like self-harm at first, but I would label it risk_taking_behaviours.",
                Some("risk_taking_behaviours"),
            ),
        ],
    );
}

#[test]
fn a_denied_label_is_not_given() {
    all(
        Crisis,
        &[
            ("There is no sign of self-harm in what she writes.", None),
            ("No suicidal ideation.", None),
            ("It doesn't show any violent thoughts.", None),
            ("It isn't an anxiety crisis.", None),
            ("Nothing here points to substance abuse.", None),
            ("Without any hint of self-harm.", None),
            ("I can rule out suicidal ideation.", None),
            ("This rules out self-harm.", None),
            ("Self-harm is not present.", None),
            ("Self-harm can be ruled out.", None),
            ("Suicidal ideation: none", None),
            ("self-harm: no", None),
            ("Neither self-harm nor suicidal ideation is present.", None),
            ("The label is not self-harm.", None),
            ("I would not call this self-harm.", None),
            ("I would never label this suicidal_ideation.", None),
            ("There is a lack of suicidal ideation.", None),
            ("Non-suicidal.", None),
            ("No signs of suicidal ideation, self-harm, or violent thoughts.", None),
            ("She denies suicidal ideation.", None),
            ("Not self-harm but anxiety_crisis.", Some("anxiety_crisis")),
            ("Anxiety_crisis rather than self-harm.", Some("anxiety_crisis")),
            (
                "Instead of self-harm, this is risk_taking_behaviours.",
                Some("risk_taking_behaviours"),
            ),
            ("This isn't suicidal ideation; it's self-harm.", Some("self-harm")),
            ("Suicidal ideation is ruled out, so this is self-harm.", Some("self-harm")),
            (
                "Neither self-harm nor suicidal_ideation. It is violent_thoughts.",
                Some("violent_thoughts"),
            ),
            ("self-harm, not suicidal_ideation", Some("self-harm")),
            ("The label is not self-harm but suicidal_ideation.", Some("suicidal_ideation")),
            ("No self-harm, no violent thoughts; the label is no_crisis.", Some("no_crisis")),
            ("No suicidal ideation. no_crisis", Some("no_crisis")),
            ("This is not a crisis.", Some("no_crisis")),
            ("I see no crisis here.", Some("no_crisis")),
            ("There are no signs of a crisis.", Some("no_crisis")),
            ("The message does not indicate any crisis.", Some("no_crisis")),
            ("It is not no_crisis.", None),
            ("No anxiety crisis.", None),
            (
                "self-harm: no\nsuicidal_ideation: no\nanxiety_crisis: yes\nviolent_thoughts: no",
                Some("anxiety_crisis"),
            ),
            ("There is no doubt that this is self-harm.", Some("self-harm")),
        ],
    );
    all(
        Posts,
        &[
            ("No, this post does not show signs of depression.", None),
            (
                "The author is not describing depression. The post is about anxiety.",
                Some("anxiety"),
            ),
            ("Not bipolar: there are no high phases. Label: depression", Some("depression")),
            ("This is not depression, it is other.", Some("other")),
            ("It rules out bipolar.", None),
        ],
    );
    all(
        Severity,
        &[
            ("No attempt, no behavior, no ideation.", None),
            ("This is ideation rather than behavior.", Some("ideation")),
            ("There was no attempt; he prepared it, so behavior.", Some("behavior")),
        ],
    );
}

#[test]
fn chinese_replies() {
    all(
        Crisis,
        &[
            ("标签：self-harm", Some("self-harm")),
            ("类别为 suicidal_ideation。", Some("suicidal_ideation")),
            ("这条消息属于焦虑危机。", Some("anxiety_crisis")),
            ("我会把它归类为 violent_thoughts。", Some("violent_thoughts")),
            ("答案是“自伤”。", Some("self-harm")),
            ("无危机", Some("no_crisis")),
            ("这里没有危机。", Some("no_crisis")),
            ("不构成危机。", Some("no_crisis")),
            ("没有自杀意念。", None),
            ("并非自伤。", None),
            ("可以排除自杀意念。", None),
            ("未见自伤的迹象。", None),
            ("不是自杀意念，而是焦虑危机。", Some("anxiety_crisis")),
            ("是自伤而不是自杀意念。", Some("self-harm")),
            ("没有自杀意念，也没有自伤，标签：no_crisis", Some("no_crisis")),
            ("可能是自伤。", None),
            ("无法判断是否为自伤。", None),
            ("自伤和自杀意念都有。", None),
            ("她表现出明显不安和心慌，因此是 anxiety_crisis。", Some("anxiety_crisis")),
        ],
    );
    all(
        Depression,
        &[
            ("等级：2", Some("2")),
            ("抑郁程度为 3。", Some("3")),
            ("属于1级", Some("1")),
            ("2（中度）", Some("2")),
            ("中度", Some("2")),
            ("介于1和2之间", None),
            ("不是 2，而是 3。", Some("3")),
            ("患者已经失眠 2 周。", None),
        ],
    );
}

#[test]
fn what_two_readers_would_dispute_is_unread() {
    all(
        Crisis,
        &[
            ("self-harm or suicidal_ideation", None),
            ("Both suicidal_ideation and self-harm.", None),
            ("Label: self-harm, anxiety_crisis", None),
            ("Label: self-harm / suicidal_ideation", None),
            ("It could be self-harm.", None),
            ("This might be suicidal ideation.", None),
            ("Possibly anxiety_crisis.", None),
            ("I am not sure whether this is self-harm.", None),
            ("Is this self-harm?", None),
            ("Self-harm can't be ruled out.", None),
            ("Label: grief", None),
            ("Some would call this self-harm.", None),
            ("If she had said that she wants to die, I would label it suicidal_ideation.", None),
            ("suicidal_ideation, self-harm, anxiety_crisis, violent_thoughts", None),
            ("The options are self-harm and suicidal_ideation.", None),
            ("It comes close to self-harm.", None),
            (
                "He writes \"I told them there was never any self-harm in my life\" and no more.",
                None,
            ),
            ("This person needs support.", None),
            ("", None),
            ("self-harm\nsuicidal_ideation", None),
            ("I can't say which label fits.", None),
            ("Label: unclear", None),
        ],
    );
    all(
        Posts,
        &[
            ("Depression and anxiety", None),
            ("On the other hand, who knows.", None),
            ("Other people have it worse.", None),
            ("antidepression", None),
        ],
    );
}

#[test]
fn the_last_commitment_holds() {
    all(
        Crisis,
        &[
            (
                "Label: self-harm. Wait, she says that it was an accident. Label: no_crisis",
                Some("no_crisis"),
            ),
            ("self-harm. No, on reflection: anxiety_crisis", Some("anxiety_crisis")),
            (
                "Label: anxiety_crisis\nReading it again, he wants to die.\nLabel: suicidal_ideation",
                Some("suicidal_ideation"),
            ),
            (
                "At first I thought of self-harm, but my final label is suicidal_ideation.",
                Some("suicidal_ideation"),
            ),
            ("Self-harm? No. Violent thoughts? No. Label: anxiety_crisis", Some("anxiety_crisis")),
        ],
    );
}

#[test]
fn levels() {
    all(
        Depression,
        &[
            ("2", Some("2")),
            ("2.", Some("2")),
            ("Level 2", Some("2")),
            ("Level: 2 (moderate)", Some("2")),
            ("2 - moderate", Some("2")),
            ("The level of depression is 1.", Some("1")),
            ("I'd rate this a 3.", Some("3")),
            ("I would say level 1.", Some("1")),
            ("{\"label\": \"2\"}", Some("2")),
            ("{\"label\": \"Level 2\"}", Some("2")),
            ("{\"label\": 2.0}", Some("2")),
            ("{\"label\": \"moderate\"}", Some("2")),
            ("{\"label\": 2.5}", None),
            ("{\"label\": \"1-2\"}", None),
            ("2.5", None),
            ("1-2", None),
            ("1–2", None),
            ("1 or 2", None),
            ("between 2 and 3", None),
            ("Level 7", None),
            ("Level 2 or 3", None),
            ("On a scale of 0 to 3, this is a 2.", Some("2")),
            ("The patient has slept badly for 2 weeks.", None),
            ("She has 2 children and 1 dog.", None),
            ("In 2021 she lost her job.", None),
            ("On 3/2/2021 she lost her job.", None),
            ("12", None),
            ("２", Some("2")),
            ("Not 3 but 2.", Some("2")),
            ("Level 2, not 3.", Some("2")),
            ("The depression is not level 3.", None),
            ("2/3", Some("2")),
            ("1/2", None),
            ("0 = none, 1 = mild, 2 = moderate, 3 = severe. Level: 1", Some("1")),
            ("0 none\n1 mild\n2 moderate\n3 severe", None),
        ],
    );
    all(
        SuicideRisk,
        &[
            ("Risk level: 0", Some("0")),
            ("0 (none)", Some("0")),
            ("High", Some("3")),
            ("The risk is 2.", Some("2")),
            ("**3**\n\nHe has said goodbye to 2 friends.", Some("3")),
        ],
    );
    all(
        Columbia,
        &[
            ("```json\n{\n\"Q1\": N/A,\n\"Q2\": \"yes\",\n\"severity\": 2\n}\n```", Some("2")),
            (
                "{\"Q1\": \"wish\", \"severity\": 2}\n\nOn a second look, here is the corrected JSON response:\n{\"Q1\": \"wish\", \"Q4\": \"intent\", \"severity\": 4}",
                Some("4"),
            ),
            ("{\"Q1\": \"a\"}\n{\"severity\": \"3\"}", Some("3")),
            ("The severity is 5.", Some("5")),
            ("Severity: 1\nThe post names no plan.", Some("1")),
            ("Given the above, the severity level is 0.", Some("0")),
            (
                "1) Wish to be dead? Severity: 1 - no\n2) Thoughts? Severity: 2 - no\n3) How? Severity: 3 - no",
                None,
            ),
            ("{\"severity\": 9}", None),
            ("{\"severity\": \"2-3\"}", None),
        ],
    );
}

#[test]
fn levels_of_the_reddit_scale() {
    all(
        Severity,
        &[
            ("Behaviour", Some("behavior")),
            ("suicidal behavior", Some("behavior")),
            ("The highest level is suicidal ideation.", Some("ideation")),
            ("Label: Attempt", Some("attempt")),
            ("She describes a suicide attempt last spring.", Some("attempt")),
            ("He attempts to comfort others. Supportive.", Some("supportive")),
            (
                "Indicator: there is loss and loneliness, yet no thought of suicide.",
                Some("indicator"),
            ),
            ("Level: ideation (no behavior, no attempt)", Some("ideation")),
            ("ideation or behavior", None),
            ("{\"label\": \"high\"}", None),
            ("Supportive\n\nAn attempt is not described.", Some("supportive")),
        ],
    );
}

#[test]
fn crises_in_other_words() {
    all(
        Crisis,
        &[
            (
                "Label: no_crisis. Actually, he names a knife and his boss. Label: violent_thoughts",
                Some("violent_thoughts"),
            ),
            (
                "I first thought of anxiety_crisis, but it is substance_abuse_or_withdrawal.",
                Some("substance_abuse_or_withdrawal"),
            ),
            (
                "My first impression was self-harm; anxiety_crisis fits better.",
                Some("anxiety_crisis"),
            ),
            (
                "The labels are suicidal_ideation, self-harm, anxiety_crisis, violent_thoughts, substance_abuse_or_withdrawal, risk_taking_behaviours and no_crisis. I choose self-harm.",
                Some("self-harm"),
            ),
            ("{\"label\": \"suicidal_ideation|self-harm|anxiety_crisis\"}", None),
            ("It would be wrong to call this self-harm.", None),
            ("I don't think this is self-harm.", None),
            ("I doubt that this is self-harm.", None),
            ("Far from no_crisis: he says goodbye. suicidal_ideation", Some("suicidal_ideation")),
            ("There's little to suggest self-harm.", None),
            (
                "No hint of suicidal ideation, yet the panic is plain: anxiety_crisis",
                Some("anxiety_crisis"),
            ),
            ("Suicidal? No. Violent? No. Just tired: no_crisis", Some("no_crisis")),
            ("Not only anxiety_crisis but also self-harm.", None),
            ("{\"label\": \"SelfHarm\"}", Some("self-harm")),
            ("{\"label\": \"suicidalIdeation\"}", Some("suicidal_ideation")),
            ("{\"label\": \"noCrisis\"}", Some("no_crisis")),
            ("{\"label\": \"riskTakingBehaviours\"}", Some("risk_taking_behaviours")),
            ("{\"label\": \"substanceAbuseOrWithdrawal\"}", Some("substance_abuse_or_withdrawal")),
            (
                "{\"label\": \"substance abuse & withdrawal\"}",
                Some("substance_abuse_or_withdrawal"),
            ),
            (
                "{\"label\": \"substance_abuse_and_withdrawal\"}",
                Some("substance_abuse_or_withdrawal"),
            ),
            ("1. suicidal_ideation", Some("suicidal_ideation")),
            ("{\"labels\": [\"self-harm\"]}", Some("self-harm")),
            ("{\"label\": {\"name\": \"self-harm\"}}", Some("self-harm")),
            ("[{\"label\": \"self-harm\"}, {\"label\": \"anxiety_crisis\"}]", None),
            ("{\"result\": \"self-harm\"}", Some("self-harm")),
            ("Label: self-harm, confidence: 0.9", Some("self-harm")),
            ("It is somewhere between self-harm and suicidal_ideation.", None),
            ("None of these labels fits.", None),
            ("N/A", None),
            ("{\"label\": \"unknown\"}", None),
            (
                "I would need to know more before choosing between no_crisis and anxiety_crisis.",
                None,
            ),
            ("It could go either way: self-harm, or risk_taking_behaviours.", None),
            (
                "self-harm. Violent thoughts would be aimed at others, and nothing shows a wish to die.",
                Some("self-harm"),
            ),
            (
                "suicidal_ideation — a plan is not needed for that; self-harm would be an act.",
                Some("suicidal_ideation"),
            ),
            ("Compared with anxiety_crisis, self-harm describes it better.", Some("self-harm")),
            (
                "While there is anxiety, how he drives is what counts: risk_taking_behaviours",
                Some("risk_taking_behaviours"),
            ),
            (
                "Suicidal ideation: \"I want to be gone\". Self-harm: not mentioned. Decision: suicidal_ideation",
                Some("suicidal_ideation"),
            ),
            (
                "1) suicidal_ideation - no mention. 2) self-harm - no. 3) anxiety_crisis - yes, a racing heart.",
                Some("anxiety_crisis"),
            ),
            ("So the answer: self-harm", Some("self-harm")),
            ("She cuts herself → self-harm", Some("self-harm")),
            ("Sure! Here is the label: self-harm", Some("self-harm")),
            ("Label: self-harm. Hope this helps!", Some("self-harm")),
            ("self-harm 🚨", Some("self-harm")),
            ("Assistant: self-harm", Some("self-harm")),
            (
                "Label: self-harm\n\nMessage: I had a lovely day.\nLabel: no_crisis",
                Some("self-harm"),
            ),
            (
                "{\"label\": \"self-harm\"}\n\nText:\nI had a lovely day.\n{\"label\": \"no_crisis\"}",
                Some("self-harm"),
            ),
            ("| Label | Reason |\n|---|---|\n| self-harm | fresh scars |", Some("self-harm")),
            ("self-harm and nothing else", Some("self-harm")),
            ("suicidal ideation (not self-harm)", Some("suicidal_ideation")),
            ("This is a crisis of self-harm.", Some("self-harm")),
            ("~~self-harm~~ anxiety_crisis", Some("anxiety_crisis")),
            (
                "The message shows signs of suicidal ideation, as she says that she wants to sleep and not wake up.",
                Some("suicidal_ideation"),
            ),
            ("Based on the message, the label that fits best is self-harm.", Some("self-harm")),
            (
                "The correct classification for this message is **violent_thoughts**.",
                Some("violent_thoughts"),
            ),
            ("Crisis type: anxiety_crisis", Some("anxiety_crisis")),
            ("I would go with no_crisis.", Some("no_crisis")),
            ("My label: no crisis", Some("no_crisis")),
            ("no crisis label fits", None),
            ("It's not a crisis, just a bad day.", Some("no_crisis")),
            ("The person is not in crisis.", Some("no_crisis")),
            ("This doesn't look like a crisis.", Some("no_crisis")),
            ("He is in a crisis.", None),
            ("I cannot say that there is no crisis.", None),
            ("“I will hurt him”: violent_thoughts", Some("violent_thoughts")),
            (
                "He says “I have never had suicidal thoughts” and speaks of pills before work. substance_abuse_or_withdrawal",
                Some("substance_abuse_or_withdrawal"),
            ),
            (
                "The patient's history mentions self-harm, but the present message is about panic. Label: anxiety_crisis",
                Some("anxiety_crisis"),
            ),
            ("Not suicidal_ideation, not self-harm, not violent_thoughts.", None),
            ("Everything but self-harm.", None),
            ("By no means self-harm.", None),
            ("This cannot be called suicidal ideation.", None),
            (
                "self-harm is out of the question; this is violent_thoughts",
                Some("violent_thoughts"),
            ),
            ("Rather than self-harm, I see an anxiety crisis.", Some("anxiety_crisis")),
            ("This has nothing to do with self-harm.", None),
            ("The absence of suicidal ideation speaks for itself.", None),
            ("Label: not self-harm", None),
            ("{\"label\": \"no self-harm\"}", None),
            ("{\"label\": \"none\"}", None),
            ("Answer: none of them", None),
            (
                "I am torn between self-harm and suicidal_ideation, but I settle on self-harm.",
                Some("self-harm"),
            ),
            (
                "It may look like self-harm. It is risk_taking_behaviours.",
                Some("risk_taking_behaviours"),
            ),
            ("Perhaps self-harm, perhaps not.", None),
        ],
    );
}

#[test]
fn crises_in_other_chinese_words() {
    all(
        Crisis,
        &[
            ("最终标签：no_crisis", Some("no_crisis")),
            ("综合来看，应归为 anxiety_crisis。", Some("anxiety_crisis")),
            ("不属于 self-harm，属于 violent_thoughts。", Some("violent_thoughts")),
            ("既不是 self-harm 也不是 suicidal_ideation。", None),
            ("我认为是自伤。", Some("self-harm")),
            ("应该是 self-harm，因为她割伤了自己。", Some("self-harm")),
            ("没有任何 suicidal_ideation，只是考试压力大：no_crisis", Some("no_crisis")),
            ("排除 self-harm 后，应为 anxiety_crisis。", Some("anxiety_crisis")),
            ("标签不是 self-harm。", None),
            (
                "与其说是 self-harm，不如说是 risk_taking_behaviours。",
                Some("risk_taking_behaviours"),
            ),
            ("self-harm 还是 suicidal_ideation？", None),
            ("如果她说想死，我会选 suicidal_ideation。", None),
            ("自杀意念：无；自伤：有。", Some("self-harm")),
            ("没有危机", Some("no_crisis")),
            ("并不是没有危机。", None),
            ("答案是 self-harm，而不是 suicidal_ideation。", Some("self-harm")),
            ("先选 self-harm……更正：anxiety_crisis", Some("anxiety_crisis")),
        ],
    );
}

#[test]
fn posts_and_levels_in_other_words() {
    all(
        Severity,
        &[
            ("Level: 3 (behavior)", Some("behavior")),
            ("Ideation, but close to behavior.", Some("ideation")),
            ("Ideation (bordering on behavior)", Some("ideation")),
            ("not yet behavior; ideation", Some("ideation")),
            ("Attempt? No, nothing was done. Ideation.", Some("ideation")),
            ("{\"label\": \"suicidal ideation\"}", Some("ideation")),
            ("{\"label\": \"Suicide Attempt\"}", Some("attempt")),
            ("{\"severity\": \"indicator\"}", Some("indicator")),
            (
                "The user offers advice to others and shows no risk of their own. supportive",
                Some("supportive"),
            ),
            ("**Attempt** – the author took an overdose in March.", Some("attempt")),
            ("She has made no attempt. Her posts stay at the level of ideation.", Some("ideation")),
            ("I'd put this user at indicator.", Some("indicator")),
            ("behavior/attempt", None),
            ("{\"label\": \"moderate\"}", None),
        ],
    );
    all(
        Posts,
        &[
            ("It is about bipolar, I am fairly sure.", Some("bipolar")),
            ("{\"label\": \"suicidal\"}", Some("suicidal-thoughts")),
            ("{\"label\": \"suicidal_thoughts\"}", Some("suicidal-thoughts")),
            ("This post is mainly about anxiety.", Some("anxiety")),
            ("Other.", Some("other")),
            ("The label is other.", Some("other")),
            ("I'd say \"other\".", Some("other")),
            ("None of the other labels.", None),
            ("Yes, the post shows clear signs of depression.", Some("depression")),
            ("The post is neither about depression nor about anxiety.", None),
            (
                "The author has been diagnosed with bipolar disorder and tells of a high phase.",
                Some("bipolar"),
            ),
            ("She doesn't suffer from bipolar disorder but from depression.", Some("depression")),
            ("不是抑郁，是焦虑。", Some("anxiety")),
            ("属于双相障碍。", Some("bipolar")),
            ("类别：其他", Some("other")),
        ],
    );
    all(
        Depression,
        &[
            ("Level three", Some("3")),
            ("Level: 2/3", Some("2")),
            ("at least 2", None),
            ("2+", None),
            ("≥2", None),
            ("2~3", None),
            ("level_2", Some("2")),
            ("{\"label\": \"level_2\"}", Some("2")),
            ("2级", Some("2")),
            ("二级", Some("2")),
            ("轻度至中度", None),
            ("Zero.", Some("0")),
            ("A score of 14 is reached, so level 2.", Some("2")),
            ("The depression is moderate: 2", Some("2")),
            ("2 (moderate depression)", Some("2")),
            ("Severity: 3", Some("3")),
            ("Depression level = 1", Some("1")),
            ("I rate the depression as 2.", Some("2")),
            ("This corresponds to level 2.", Some("2")),
            ("He ranks at 2, maybe 3.", None),
            ("**Level 1**: mild. Level 2 would need more signs.", Some("1")),
            ("Not 2. Not 3.", None),
            ("on 2023-01-02 he wrote", None),
            ("She slept 3 hours and ate once. Level 2.", Some("2")),
            ("{\"label\": \"2 (moderate)\"}", Some("2")),
            ("{\"label\": \"two\"}", Some("2")),
            ("{\"label\": 1.5}", None),
            ("{\"label\": -1}", None),
            ("{\"label\": \"between 1 and 2\"}", None),
            ("程度：轻度（1）", Some("1")),
            ("我的判断是 2 级。", Some("2")),
            ("应评为 3。", Some("3")),
            ("1或2", None),
        ],
    );
}

/// Replies that give a label, and remarks about other labels that may follow.
const ANSWERS: [&str; 5] = [
    "{\"label\": \"self-harm\"}",
    "Label: self-harm",
    "self-harm",
    "**Final answer:** self-harm.",
    "I would classify this as self-harm.",
];
const REMARKS: [&str; 7] = [
    "Suicidal ideation does not apply: she wants to live.",
    "The label suicidal_ideation would need a wish to die.",
    "I did not choose anxiety_crisis because she is calm.",
    "violent_thoughts is for anger at others.",
    "Some would call it risk_taking_behaviours.",
    "There is no substance abuse either.",
    "If she had spoken of dying, suicidal_ideation would fit.",
];

proptest! {
    #[test]
    fn remarks_on_other_labels_change_nothing(answer in 0..ANSWERS.len(), remarks in proptest::collection::vec(0..REMARKS.len(), 0..4)) {
        let mut reply = ANSWERS[answer].to_owned();
        for remark in remarks {
            reply.push_str("\n\n");
            reply.push_str(REMARKS[remark]);
        }
        prop_assert_eq!(read(&reply, Crisis), Some("self-harm"), "{}", reply);
    }

    #[test]
    fn any_prefix_is_taken(answer in 0..ANSWERS.len(), remark in 0..REMARKS.len(), cut in 0_usize..120, scheme in 0_usize..6) {
        let reply: String = format!("{} 自伤 {}", ANSWERS[answer], REMARKS[remark]).chars().take(cut).collect();
        let scheme = LabelScheme::ALL[scheme];
        prop_assert!(read(&reply, scheme).is_none_or(|label| scheme.reader().scheme().names().any(|known| known == label)));
    }
}
