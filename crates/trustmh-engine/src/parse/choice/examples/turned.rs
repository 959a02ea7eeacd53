//! Answers that are taken back, and the one that is left when the others are set aside.

use super::{CHINESE, DRUGS, STEPS, check};

#[test]
fn a_turn_in_the_middle_of_a_sentence_counts() {
    check(
        &STEPS,
        &[
            ("B. Scratch that: he has asked for it himself, so A.", "A"),
            ("I'd say A... no, wait, the last line changes things. It's B.", "B"),
            ("D – actually, no: nobody has agreed to that. A.", "A"),
            ("Answer: A (edit: B)", "B"),
            ("C (correction: B)", "B"),
            ("Option B, I mean D.", "D"),
            ("C\n\nOops, I meant A.", "A"),
            ("**C**\n\n*Edit:* waiting helps nobody here. **B**", "B"),
            ("C\n\nEDIT: A", "A"),
            ("My answer was C, but that should be A, because he asked for it.", "A"),
            ("My answer changed from B to D.", "D"),
            ("Answer: A. Upon further reflection, the law demands more. Answer: D.", "D"),
            ("~~Answer: B~~\nAnswer: A", "A"),
            ("Answer: A. Wait, could it be D? No, he has not agreed. I stay with A.", "A"),
            ("The answer is A. Wait, B also helps, but later. I'll keep A.", "A"),
            ("B. Actually, scratch that.", ""),
            ("Answer: A\nAnswer: D", ""),
            ("{\"choice\": \"A\"}\n{\"choice\": \"B\"}", ""),
            ("{\"choice\": \"X\"}\n{\"choice\": \"B\"}", "B"),
        ],
    );
    check(
        &CHINESE,
        &[
            ("选A……等等，他并不想被打断，所以选B。", "B"),
            ("答案：C（更正：A）", "A"),
            ("B\n\n抱歉，应该是A。", "A"),
        ],
    );
}

#[test]
fn the_one_that_is_left_is_chosen() {
    check(
        &STEPS,
        &[
            ("All but A are wrong.", "A"),
            ("Every option except B is inappropriate.", "B"),
            ("All of the options but D can be ruled out.", "D"),
            ("None of the others fit: A", "A"),
            ("None of the rest works within a minute: B.", "B"),
            ("A=correct, B=wrong, C=wrong, D=wrong", "A"),
            ("A no, B yes, C no, D no", "B"),
            ("Looking at each: A no, B no, C yes, D no.", "C"),
            ("Options B, C and D all leave him alone. Only A addresses his worry.", "A"),
            ("All but A and B are possible.", ""),
            ("Everything except A.", ""),
            ("Some of the others worth a look: B.", ""),
            ("The rest of the options: B.", ""),
            ("A yes, B yes, C no, D no", ""),
        ],
    );
    check(
        &CHINESE,
        &[
            ("除A以外，其他选项都不合适。", "A"),
            ("A√，B×，C×，D×", "A"),
            ("【分析】B太急，C是放弃。\n【结论】A", "A"),
            ("A比B更合适。", "A"),
            ("除A外，其他的都可以。", ""),
            ("选项A最为合适：B太急，C是放弃。", "A"),
        ],
    );
}

#[test]
fn comparisons_decide_where_nothing_else_does() {
    check(
        &DRUGS,
        &[
            ("I believe that A is more suitable than B.", "A"),
            ("Selecting B over C, as he cannot sleep.", "B"),
            ("B is better than all the others.", "B"),
            ("The picture is most consistent with option D.", "D"),
            ("Although A is the most tempting option, C is correct because it works at once.", "C"),
            ("Between A and B, the sleep decides, so B is the better choice.", "B"),
            ("Even if C is quicker, E is the answer.", "E"),
            ("With C he would sleep, with E he would not drink; the second wins: E.", "E"),
            ("While B has merit, the aim under E takes precedence, which makes E the answer.", "E"),
            ("D, methadone", "D"),
            ("You asked for one letter (A to E) and nothing else: C", "C"),
            ("D makes the most sense.", "D"),
            ("Among these, D stands out.", "D"),
            ("The answer that best fits is B. The answer that fits least is C.", "B"),
            ("B is worse than C, and D is worse still.", ""),
            ("Choosing B over C would be a mistake.", ""),
            ("A is better than B. D is better than C.", ""),
        ],
    );
}
