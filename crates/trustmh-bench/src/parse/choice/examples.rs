//! Replies as models write them, and the choice that a careful reader takes from each.

use super::explicit;

const STEPS: [&str; 4] =
    ["Ask for permission", "Call a colleague", "Do nothing for now", "Tell the school"];
const DRUGS: [&str; 5] = ["Fluoxetine", "Quetiapine", "Lorazepam", "Methadone", "Naltrexone"];
const DEFENCES: [&str; 10] = [
    "Sublimation",
    "Projection",
    "Denial",
    "Splitting",
    "Regression",
    "Repression",
    "Rationalisation",
    "Reaction formation",
    "Displacement",
    "Undoing",
];
const CHINESE: [&str; 4] = ["倾听并确认感受", "马上给出建议", "结束通话", "联系房东"];

/// Reads every reply and names those that read otherwise; "" stands for no choice.
fn check(options: &[&str], examples: &[(&str, &str)]) {
    let otherwise: Vec<String> = examples
        .iter()
        .filter_map(|(reply, wanted)| {
            let read = explicit(reply, options).map(String::from).unwrap_or_default();
            (read != *wanted).then(|| format!("{reply:?} reads {read:?}, not {wanted:?}"))
        })
        .collect();
    assert!(otherwise.is_empty(), "{}:\n{}", otherwise.len(), otherwise.join("\n"));
}

#[test]
fn stated_answers_are_read() {
    check(
        &STEPS,
        &[
            ("Answer: B", "B"),
            ("The answer is (C).", "C"),
            ("The correct answer is D", "D"),
            ("The correct option is **B**.", "B"),
            ("**Correct answer: B**", "B"),
            ("### Final Answer\n**C**", "C"),
            ("## Answer:\n\n> B", "B"),
            ("Final answer: **B. Call a colleague**", "B"),
            ("Final Answer - B", "B"),
            ("My answer would be C, since nothing is urgent.", "C"),
            ("My choice: D", "D"),
            ("I would choose B.", "B"),
            ("I'd go with option B here.", "B"),
            ("I'd pick (B) because it is safe.", "B"),
            ("I choose A.", "A"),
            ("I select A because it respects her.", "A"),
            ("I will go for A", "A"),
            ("We should choose B.", "B"),
            ("I am going with C.", "C"),
            ("I opt for D", "D"),
            ("I vote for B.", "B"),
            ("I'd lean towards B.", "B"),
            ("I recommend option A.", "A"),
            ("Go with B.", "B"),
            ("Select C", "C"),
            ("The best choice here is B.", "B"),
            ("The most appropriate response is A.", "A"),
            ("The most ethical course of action would be option D.", "D"),
            ("Option B is the most appropriate choice.", "B"),
            ("B is the best course.", "B"),
            ("B seems to be the most suitable step.", "B"),
            ("Among these, C is clearly the best option.", "C"),
            ("A is right.", "A"),
            ("It's B.", "B"),
            ("It would be D.", "D"),
            ("Answer = C", "C"),
            ("ans: d", "D"),
            ("Correct: B", "B"),
            ("Selected option: A", "A"),
            ("Decision: C", "C"),
            ("My pick: B!", "B"),
            ("The answer to this question is B.", "B"),
            ("My final answer is therefore D.", "D"),
            ("The option that best protects her is A.", "A"),
            ("What I would do is B.", "B"),
            ("B is what I would do.", "B"),
            ("B is my answer.", "B"),
            ("B would be my choice.", "B"),
            ("Probably B.", "B"),
            ("I think B.", "B"),
            ("I believe the answer is C, though I am not certain.", "C"),
            ("My best guess is D.", "D"),
            ("If forced to choose, I would say C.", "C"),
            ("If I had to pick one, I'd go with A, although D has its merits.", "A"),
            ("The answer, all things considered, is B.", "B"),
            ("So I choose B, for it keeps her safe.", "B"),
            ("Answer: A, because she has a say in it.", "A"),
            ("The answer is a.", "A"),
            ("The answer is b because it is safe", "B"),
            ("Answer: Option C", "C"),
            ("Answer: option (c)", "C"),
            ("The correct choice is: B", "B"),
            ("Answer:\nB", "B"),
            ("Answer:\n\n- B", "B"),
            ("1. Answer: B\n2. Reason: safety first", "B"),
        ],
    );
}

#[test]
fn what_explains_the_other_options_is_no_choice() {
    check(
        &STEPS,
        &[
            ("The answer is B. Option A is slow and option D breaks her trust.", "B"),
            ("Answer: B\n\nWhy not A? Because it takes time.\nWhy not D? It is too much.", "B"),
            ("Answer: B\n- A: incorrect, too slow\n- C: incorrect\n- D: incorrect", "B"),
            ("Answer: A\nI would not choose C, because waiting harms her.", "A"),
            ("The correct answer is A. Choosing D would break confidentiality.", "A"),
            ("The answer is C. Many people would choose D.", "C"),
            ("Answer: C. Some students pick A, which is wrong.", "C"),
            ("Her mother would choose D, but my answer is A.", "A"),
            ("The father wants D. I choose B.", "B"),
            ("My answer is B. If she were in danger, the answer would be D.", "B"),
            ("If she were in danger I would choose D. She is not, so the answer is A.", "A"),
            ("Answer: A (D would be right if the school had asked).", "A"),
            ("C.\n\nD would be the best answer only if she agreed.", "C"),
            ("B is the correct answer. A is a common mistake; D is too strong.", "B"),
            ("The answer is A, not D.", "A"),
            ("Not D but A.", "A"),
            ("I would choose A rather than D.", "A"),
            ("I prefer B over C.", "B"),
            ("I'd go with B instead of D.", "B"),
            ("Rather than D, I would choose A.", "A"),
            ("The answer is not D. It is A.", "A"),
            ("The answer isn't C; it's B.", "B"),
            ("The tempting answer is D, but the correct answer is A.", "A"),
            ("The worst choice is C. The best choice is A.", "A"),
            ("The wrong answer is C.", ""),
            ("The worst answer would be D.", ""),
            ("I don't think the answer is D.", ""),
            ("Definitely not C.", ""),
            ("I would not choose B.", ""),
            ("Option C is harmful.", ""),
            ("B\n\nA is slower. C leaves her alone. The next best choice would be A.", "B"),
            (
                "{\"choice\": \"B\"}\n\nThe answer is not A because it is slow. Choice D is too strong.",
                "B",
            ),
            (
                "The answer is B.\n\n**Why the others are wrong**\n- **A**: slow\n- **C**: careless\n- **D**: harsh",
                "B",
            ),
            ("Her friend said \"the answer is D\". I choose A.", "A"),
            ("You wrote \"Answer with A, B, C or D\". My answer: C", "C"),
        ],
    );
}

#[test]
fn walks_through_the_options_end_in_a_decision() {
    check(
        &STEPS,
        &[
            (
                "A. Ask for permission\nB. Call a colleague\nC. Do nothing for now\nD. Tell the school\n\nThe best step is B.",
                "B",
            ),
            ("A) slow\nB) sound\nC) careless\nD) harsh\n\nTherefore, the answer is B.", "B"),
            (
                "(A) It is slow. (B) It is sound. (C) It is careless. (D) It is harsh. Thus (B).",
                "B",
            ),
            ("Option A is slow. Option C is careless. Option D is harsh. So, option B.", "B"),
            ("A is wrong. C is wrong. D is wrong. That leaves B.", "B"),
            ("A is out, C is out, D is out. Only B remains.", "B"),
            ("A: wrong\nB: correct\nC: wrong\nD: wrong", "B"),
            ("A ❌\nB ✅\nC ❌\nD ❌", "B"),
            ("A - incorrect\nB - incorrect\nC - incorrect\nD - correct", "D"),
            ("A is incorrect. B is correct. C is incorrect. D is incorrect.", "B"),
            ("(A) through (D) all sound kind. The one to begin with is (A). My answer: A", "A"),
            ("Consider each option.\nA: slow.\nB: sound.\nHence, the correct choice is B.", "B"),
            ("Eliminate C and D. Between A and B, B is the safer. Final answer: B", "B"),
            ("The options A and D are too much. In conclusion, B is the best.", "B"),
            (
                "A. Ask for permission\nB. Call a colleague\nC. Do nothing for now\nD. Tell the school",
                "",
            ),
            ("A: slow.\nB: sound.\nC: careless.\nD: harsh.", ""),
            ("The remaining option, B, is sound.", "B"),
            ("By elimination, B.", "B"),
            ("Consequently, B is correct.", "B"),
            ("| Option | Verdict |\n|---|---|\n| A | wrong |\n| B | correct |\n| C | wrong |", "B"),
            ("| Answer |\n|---|\n| C |", "C"),
            ("| Choice | Why |\n|:--|:--|\n| **D** | the school can help |", "D"),
            ("- [ ] A. Ask for permission\n- [x] B. Call a colleague\n- [ ] C", "B"),
            ("☐ A\n☑ B\n☐ C\n☐ D", "B"),
        ],
    );
}

#[test]
fn corrections_hold() {
    check(
        &STEPS,
        &[
            ("Answer: A\nWait, no: Answer: B", "B"),
            ("The answer is D. Actually, it is A.", "A"),
            ("I choose D. Hmm, on reflection I choose B.", "B"),
            ("Answer: C. On second thought, the answer is B.", "B"),
            ("B. No, wait. C is the better one. Answer: C", "C"),
            ("My answer is A. Correction: D.", "D"),
            ("My answer is A. Sorry, I meant B. Answer: B", "B"),
            ("Answer: A\n\nOn second thoughts: B", "B"),
            ("{\"choice\": \"A\"}\nWait, she never agreed. {\"choice\": \"C\"}", "C"),
            ("{\"choice\": \"A\"}\n\nActually, I must correct this. Answer: B", "B"),
            ("Answer: A. Let me revise that: B.", "B"),
            ("**Answer: D**\n\nCorrected answer: **A**", "A"),
            ("The answer is B. I take that back. The answer is C.", "C"),
            ("Answer: ~~D~~ A", "A"),
            ("At first I chose D. Now I choose A.", "A"),
            ("Initially D seemed right. The answer is A.", "A"),
            ("Answer: A. Wait, that is wrong.", ""),
        ],
    );
}

#[test]
fn several_answers_and_none_are_unread() {
    check(
        &STEPS,
        &[
            ("A or B", ""),
            ("A/B", ""),
            ("A, B", ""),
            ("A and C", ""),
            ("A, B and D", ""),
            ("Answer: A and B", ""),
            ("Answer: B & D", ""),
            ("Answer: A, C", ""),
            ("The answer is either A or B.", ""),
            ("Both A and B are correct.", ""),
            ("I would choose A or D.", ""),
            ("I choose both B and C.", ""),
            ("{\"choice\": \"A or B\"}", ""),
            ("{\"choice\": \"A/B\"}", ""),
            ("{\"choice\": [\"A\", \"B\"]}", ""),
            ("{\"choice\": \"A and B\"}", ""),
            ("{\"choice\": \"none\"}", ""),
            ("{\"choice\": \"none of the above\"}", ""),
            ("{\"choice\": \"E\"}", ""),
            ("{\"choice\": 2}", ""),
            ("{\"choice\": true}", ""),
            ("{\"choice\": \"A good step is to ask\"}", ""),
            ("{\"choice\": \"I would talk to her\"}", ""),
            ("{\"choice\": \"Pray with her\"}", ""),
            ("[{\"choice\": \"A\"}, {\"choice\": \"B\"}]", ""),
            ("None of these.", ""),
            ("None of the options fit.", ""),
            ("Answer: none", ""),
            ("Answer: all of the above", ""),
            ("Answer: E", ""),
            ("The answer is F.", ""),
            ("Answer: X", ""),
            ("It depends.", ""),
            ("There is no single right answer here.", ""),
            ("Answer: it depends on the school", ""),
            ("Neither A nor B.", ""),
            ("It could be A, B, C or D.", ""),
            ("Maybe A, maybe B.", ""),
            ("A possible step is to wait.", ""),
            ("A therapist should talk to her first.", ""),
            ("Answer: A therapist should talk to her.", ""),
            ("The answer is a matter of judgement.", ""),
            ("I choose a gentle tone.", ""),
            ("I am not sure.", ""),
            ("So do I.", ""),
            ("Ask a friend, take vitamin D, and have a plan B.", ""),
            ("Hepatitis C is no matter here.", ""),
            ("Ein Kollege hat gesagt, A sei in Ordnung.", ""),
            ("On a le choix, il y a du temps.", ""),
            ("What a day.", ""),
            ("Answer:", ""),
            ("{\"choice\": \"", ""),
            ("{\"choice\": \"<one letter: A, B, C, D>\"}", ""),
            ("Answer: <one letter: A, B, C, D>", ""),
            ("A\nB", ""),
            ("{\"choice\": \"B. Ask for permission\"}", ""),
            ("{\"choice\": {\"letter\": \"A\", \"text\": \"Call a colleague\"}}", ""),
            ("B. Ask for permission", ""),
        ],
    );
}

#[test]
fn dress_does_not_matter() {
    check(
        &STEPS,
        &[
            ("b", "B"),
            ("b.", "B"),
            ("(b)", "B"),
            ("[B]", "B"),
            ("**B**", "B"),
            ("*B*", "B"),
            ("__B__", "B"),
            ("`B`", "B"),
            ("```\nB\n```", "B"),
            ("\"B\"", "B"),
            ("“B”", "B"),
            ("«B»", "B"),
            ("「B」", "B"),
            ("【B】", "B"),
            ("Ｂ", "B"),
            ("（Ｂ）", "B"),
            ("Ⓑ", "B"),
            ("🅱", "B"),
            ("𝐁", "B"),
            ("B.", "B"),
            ("B)", "B"),
            ("B:", "B"),
            ("<B>", "B"),
            ("<b>B</b>", "B"),
            ("> B", "B"),
            ("- B", "B"),
            ("# B", "B"),
            ("B 🙂", "B"),
            ("👉 B", "B"),
            ("✅ B", "B"),
            ("\u{200b}B\u{200b}", "B"),
            ("\u{feff}B", "B"),
            ("$B$", "B"),
            ("$\\mathbf{B}$", "B"),
            ("\\(B\\)", "B"),
            ("\\boxed{B}", "B"),
            ("$$\\boxed{\\textbf{B}}$$", "B"),
            ("\\boxed{\\text{B. Call a colleague}}", "B"),
            ("The result is $\\boxed{\\mathrm{(B)}}$.", "B"),
            ("Let me think. Option A is slow.\n\n\\boxed{B}", "B"),
            ("<answer>B</answer>", "B"),
            ("<answer>\nb\n</answer>", "B"),
            ("<final_answer>(B)</final_answer>", "B"),
            ("A is slow. <answer>B</answer> C is careless.", "B"),
            ("<answer>B. Call a colleague</answer>", "B"),
            ("Answer: 'B'", "B"),
            ("Answer: (B)", "B"),
            ("Answer: [B]", "B"),
            ("Answer → B", "B"),
            ("Answer => B", "B"),
            ("Answer — B", "B"),
            ("ANSWER: B", "B"),
            ("Answer：B", "B"),
            ("***Answer:*** ***B***", "B"),
            ("B — Call a colleague", "B"),
            ("B: Call a colleague", "B"),
            ("B (Call a colleague)", "B"),
            ("Call a colleague (B)", "B"),
            ("B, because she is safe there.", "B"),
            ("B. She is safe there.", "B"),
            ("B because it is safe", "B"),
            ("Option B.", "B"),
            ("option b", "B"),
            ("Choice B", "B"),
            ("B\n\nBecause it is safe.", "B"),
            ("It is safe and kind.\n\nB", "B"),
            ("It is safe and kind.\n\n**B. Call a colleague**", "B"),
        ],
    );
}

#[test]
fn objects_are_read() {
    check(
        &STEPS,
        &[
            ("{\"choice\": \"B\"}", "B"),
            ("{\"choice\": \"b\"}", "B"),
            ("{\"choice\": \"a\"}", "A"),
            ("{\"choice\": \"(b)\"}", "B"),
            ("{\"choice\": \"B.\"}", "B"),
            ("{\"choice\": \"Option B\"}", "B"),
            ("{\"choice\": \"choice b\"}", "B"),
            ("{\"choice\": \"**B**\"}", "B"),
            ("{\"choice\": \"\\\\boxed{B}\"}", "B"),
            ("{\"choice\": \"B - Call a colleague\"}", "B"),
            ("{\"choice\": \"b. call a colleague\"}", "B"),
            ("{\"choice\": \"B: it is safe\"}", "B"),
            ("{\"choice\": \"B (Call a colleague)\"}", "B"),
            ("{\"choice\": \"Call a colleague\"}", "B"),
            ("{\"choice\": \"call a colleague.\"}", "B"),
            ("{\"choice\": \"The answer is B\"}", "B"),
            ("{\"choice\": [\"B\"]}", "B"),
            ("{\"choice\": {\"id\": \"B\"}}", "B"),
            (
                "{\"choice\": {\"option\": \"B\", \"index\": 2, \"text\": \"Call a colleague\"}}",
                "B",
            ),
            ("{\"final_answer\": \"B\"}", "B"),
            ("{\"Selected Option\": \"B\"}", "B"),
            ("{\"result\": {\"answer\": \"B\"}}", "B"),
            (
                "{\"reasoning\": \"A and D are too much. The answer is D for some.\", \"choice\": \"B\"}",
                "B",
            ),
            ("{\"analysis\": {\"A\": \"slow\", \"B\": \"sound\"}, \"choice\": \"B\"}", "B"),
            ("{\"options\": [\"A\", \"B\"], \"choice\": \"B\"}", "B"),
            (
                "Here is my answer:\n```json\n{\"choice\": \"B\"}\n```\nOption D would be too much.",
                "B",
            ),
            ("{\"choice\": \"A\"} would be wrong. {\"choice\": \"B\"}", "B"),
            ("{\"choice\": \"B\"}\nIf she were in danger: {\"choice\": \"D\"}", "B"),
            ("{\"risk\": \"low\"}\nAnswer: B", "B"),
            ("choice: B", "B"),
            ("\"choice\": \"B\"", "B"),
            ("{\"choice\": \"B\", \"reasoning\": \"she is", "B"),
        ],
    );
}

#[test]
fn texts_of_options_stand_for_their_letters() {
    check(
        &DRUGS,
        &[
            ("Quetiapine", "B"),
            ("quetiapine.", "B"),
            ("**Quetiapine**", "B"),
            ("Answer: quetiapine", "B"),
            ("The answer is Quetiapine.", "B"),
            ("I would prescribe quetiapine.", "B"),
            ("I would start with quetiapine at a low dose.", "B"),
            ("I'd give her naltrexone.", "E"),
            ("The best drug here is naltrexone.", "E"),
            ("Naltrexone is the drug of choice.", "E"),
            ("Naltrexone would be the best choice.", "E"),
            ("The correct answer is naltrexone, not methadone.", "E"),
            ("Answer: naltrexone (E)", "E"),
            ("\"Naltrexone\"", "E"),
            ("{\"answer\": \"naltrexone\"}", "E"),
            ("She should be given methadone.", "D"),
            ("Haloperidol", ""),
            ("Answer: haloperidol", ""),
            ("Lorazepam or quetiapine", ""),
            ("I would not give lorazepam.", ""),
            ("Methadone has its risks.", ""),
            ("Answer: B. Lorazepam", ""),
        ],
    );
    check(
        &DEFENCES,
        &[
            ("Answer: Rationalization", "G"),
            ("This is reaction formation.", "H"),
            ("The defence that he uses is splitting.", "D"),
            ("Answer: I", "I"),
            ("I", "I"),
            ("(i)", "I"),
            ("Option I", "I"),
            ("The answer is I.", "I"),
            ("I think it is hard to say.", ""),
            ("Answer: I think it depends.", ""),
            ("I, for one, cannot tell.", ""),
            ("As I said, it is hard.", ""),
            ("J. Undoing", "J"),
            ("A good question. I wonder.", ""),
        ],
    );
}

#[test]
fn what_follows_with_questions_of_its_own_is_not_ours() {
    check(
        &STEPS,
        &[
            ("Answer: B\n\nQuestion: What comes next?\nAnswer: D", "B"),
            ("B\n\nQuestion 2: What comes next?\nA. Wait\nB. Go\nAnswer: A", "B"),
            ("{\"choice\": \"B\"}\n\nQuestion: And then?\n{\"choice\": \"D\"}", "B"),
            ("Question: What should she do?\nAnswer: B", "B"),
            ("Q: What should she do?\nA: The answer is C.", "C"),
            ("Q: What should she do?\nA: C", "C"),
            ("The answer is B.\n\nUser: And now?\nAssistant: The answer is D.", "B"),
            ("答案：B\n\n问题：下一步？\n答案：D", "B"),
        ],
    );
}

#[test]
fn chinese_replies_are_read() {
    check(
        &CHINESE,
        &[
            ("答案：B", "B"),
            ("答案是B。", "B"),
            ("答案为 B", "B"),
            ("正确答案：B", "B"),
            ("正确答案是（B）", "B"),
            ("最终答案：**A**", "A"),
            ("故选A。", "A"),
            ("所以选A", "A"),
            ("因此，选择A。", "A"),
            ("因此选（A）", "A"),
            ("应选A。", "A"),
            ("应该选择A。", "A"),
            ("选A", "A"),
            ("选择A", "A"),
            ("我选A。", "A"),
            ("我会选择A，因为这样最稳妥。", "A"),
            ("我的选择是A。", "A"),
            ("我的答案是 A", "A"),
            ("本题应选A。", "A"),
            ("此题选A。", "A"),
            ("正确的选项是A。", "A"),
            ("最合适的是A。", "A"),
            ("最恰当的做法是A。", "A"),
            ("最佳选项为A。", "A"),
            ("A最合适。", "A"),
            ("A是正确的。", "A"),
            ("选项A是最佳选择。", "A"),
            ("A正确，其余错误。", "A"),
            ("选项A", "A"),
            ("A项正确。", "A"),
            ("综上所述，答案为A。", "A"),
            ("选A，不选B。", "A"),
            ("选A而不是B。", "A"),
            ("不是B，而是A。", "A"),
            ("选项B不合适，选项C也不合适，因此选A。", "A"),
            ("B错误，C错误，D错误，答案选A。", "A"),
            ("有人会选D，但我选A。", "A"),
            ("如果他有危险，应选D。目前应选A。", "A"),
            ("答案：D。不对，应该是A。", "A"),
            ("先选D。重新考虑后，选A。", "A"),
            ("倾听并确认感受", "A"),
            ("答案：倾听并确认感受", "A"),
            ("应该先倾听并确认感受。", "A"),
            ("{“choice”：“A”}", "A"),
            ("A或B", ""),
            ("A和B都对", ""),
            ("答案：A或B", ""),
            ("答案：A、B", ""),
            ("不选B。", ""),
            ("选项B不对。", ""),
            ("答案：E", ""),
            ("以上都不对。", ""),
            ("很难说。", ""),
            ("The answer is A。", "A"),
        ],
    );
    check(
        &STEPS,
        &[("综合考虑，选B。", "B"), ("我建议选择 B。", "B"), ("答案：Call a colleague", "B")],
    );
}

/// What a reader would miss who only looks for the last letter or the first.
#[test]
fn what_only_looks_like_a_choice_is_none() {
    check(
        &STEPS,
        &[
            ("The answer is B. This is what answers A and D miss.", "B"),
            ("Answer: B. As for D, the answer is simple: it breaks trust.", "B"),
            ("The best answer is B. The best argument for A is speed.", "B"),
            (
                "The correct answer is B.\nA: This is slow.\nC: This is careless.\nD: This is harsh.",
                "B",
            ),
            ("**B**\n\n*Why not A?* It is slow.\n*Why not C?* It is careless.", "B"),
            ("Answer: B\n\n(A) is slow. (C) is careless. (D) is harsh.", "B"),
            ("B is correct because A is slow, C is careless and D is harsh.", "B"),
            ("Answer: B. If the school asks, choose D.", "B"),
            ("Answer: B. Unless she agrees, D is wrong.", "B"),
            ("I considered A. I considered D. I choose B.", "B"),
            ("I was tempted to choose D. I choose B.", "B"),
            ("I almost chose D, but B is safer, so B.", "B"),
            ("While D has its merits, I choose B.", "B"),
            ("Although A is appropriate, B is the most appropriate.", "B"),
            ("D might be the answer in a novel. Here it is B.", "B"),
            ("A colleague would choose D. I choose B.", "B"),
            ("Not only is A slow, it is also vague. The answer is B.", "B"),
            ("The question is which of A, B, C and D is right. The answer is B.", "B"),
            (
                "Option A: slow. Option B: sound. Option C: careless. Option D: harsh. My choice is option B.",
                "B",
            ),
            ("Therefore, A can be ruled out. Therefore, B.", "B"),
            ("So A is out. So is C. The answer is B, as D is harsh.", "B"),
            ("Is it A? No. Is it B? Yes. The answer is B.", "B"),
            ("Is A right?", ""),
            ("Should I choose D?", ""),
            ("Why would anybody choose D?", ""),
            ("Could the answer be C?", ""),
            ("Please tell me whether the answer is B.", ""),
            ("She asked me to choose B.", ""),
            ("A student once chose B.", ""),
            ("Options: A, B, C, D", ""),
            ("The options are A, B, C and D.", ""),
            ("Let me look at A first.", ""),
            ("First, A is slow.", ""),
            ("I would need to know more before I choose.", ""),
            ("Between A and B it is hard to choose.", ""),
            ("A is better than C.", ""),
            ("The answer cannot be D.", ""),
            ("The answer must be B.", "B"),
            ("The answer has to be B.", "B"),
            ("I am torn between A and B, but I choose B.", "B"),
            ("I'm confident that the answer is B.", "B"),
            ("There is no doubt that the answer is B.", "B"),
            ("I cannot recommend D; the answer is B.", "B"),
            ("In other words, the answer is B.", "B"),
            ("At least for now, the answer is B.", "B"),
            ("The least harmful option is B.", "B"),
            ("The next best step is A, the best step is B.", "B"),
            ("The best next step is B.", "B"),
            ("The answer to choose is B", "B"),
            (
                "**Answer:** B\n\n**Explanation:** Option B keeps her safe. Option D would be the right choice only in an emergency.",
                "B",
            ),
            (
                "**Answer: B**\n\n**Explanation:**\n- **A** is incorrect because it is slow.\n- **C** is incorrect because she needs help.\n- **D** is incorrect because it breaks trust.",
                "B",
            ),
            (
                "## Analysis\n\n**Option A** – slow\n\n**Option B** – sound\n\n## Conclusion\n\n**Option B** is the best choice.",
                "B",
            ),
            ("## Conclusion\nB", "B"),
            ("Based on the above, the answer is:\n\n**B**", "B"),
            ("The answer is:\n\n$$\\boxed{B}$$", "B"),
            (
                "The most appropriate action is:\n\n**B. Call a colleague**\n\nThis keeps her safe.",
                "B",
            ),
            (
                "Best answer: **B) Call a colleague**\n\n- A) delays\n- C) neglects\n- D) breaches",
                "B",
            ),
            ("**B) Call a colleague**\n\nRationale: she needs help now. A) would delay it.", "B"),
            ("I'd choose **B: Call a colleague**.\n\nReasons: 1. safety 2. trust", "B"),
            ("Call a colleague, because she needs help now.", "B"),
            ("I would call a colleague.", "B"),
            ("The therapist should call a colleague.", "B"),
            ("The therapist should not call a colleague.", ""),
            ("Do nothing for now", "C"),
            ("I would not tell the school. I would call a colleague.", "B"),
        ],
    );
}

mod any_reply {
    use super::{CHINESE, DEFENCES, STEPS, explicit};
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
}
