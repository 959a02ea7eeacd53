//! Answers among explanations, walks through the options and further questions.

use super::{STEPS, check};

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
