//! Whether a reply without a readable answer declines to give one.
//!
//! Narrower than the offline judge's rules for refusal: it asks whether the writer declines this very task in
//! their own voice. Somebody else's "I can't go with you", a caveat before an answer, and doubt between two
//! answers are no refusal.

use super::wording::{has_one_of, head, pattern, plain, quotations, says, sentences};

/// Whether the reply as a whole declines the task. `quoted` are texts that may stand in the reply without being said by its
/// writer: those of the options.
pub fn declines_to_answer(reply: &str, quoted: &[&str]) -> bool {
    let text = without_quotations(&plain(reply), quoted);
    let sentences: Vec<&str> =
        sentences(&text).into_iter().map(|found| head(text[found.span].trim())).collect();
    // A reply that declines says so early; what comes late is a remark on an answer.
    let opening = sentences.iter().take(OPENING_SENTENCES);
    let Some(place) = opening.into_iter().position(|sentence| declines(sentence)) else {
        return sentences
            .last()
            .is_some_and(|last| sentences.len() <= CLOSING_WITHIN && declines(last));
    };
    !goes_on_to_answer(sentences[place])
        && !sentences[place + 1..].iter().any(|later| takes_it_back(later))
}

/// Every way to decline that is known here has one of these pieces.
const UNWILLING: &str = "n't not cant wont un declin refus against violat outside beyond appropriate nothing comment \
    pass 无 不 拒 没 难 恕 超";

const OPENING_SENTENCES: usize = 3;
const CLOSING_WITHIN: usize = 6;
const WORDS_OF_ONES_OWN: usize = 6;
const SHORT_OBJECT: usize = 400;

/// The text without what stands in quotation marks and without the options. Where all words are quoted, as in an
/// object, they are the writer's own.
fn without_quotations(text: &str, quoted: &[&str]) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    for quote in quotations(text) {
        kept.push_str(&text[at..quote.start]);
        at = quote.end;
    }
    kept.push_str(&text[at..]);
    // A Chinese sign is about half a word.
    let weight = |c: char| if c.is_ascii() { 1 } else { 3 };
    let own: usize = kept.chars().filter(|c| c.is_alphabetic()).map(weight).sum();
    if own < WORDS_OF_ONES_OWN && text.len() < SHORT_OBJECT {
        text.clone_into(&mut kept);
    }
    for option in quoted {
        let option = plain(option);
        if option.chars().count() > 3 {
            kept = kept.replace(option.trim_end_matches('.'), " ");
        }
    }
    kept
}

/// Whether the sentence declines, in the first person, to do what was asked.
fn declines(sentence: &str) -> bool {
    if !has_one_of(UNWILLING, sentence) || in_another_voice(sentence) {
        return false;
    }
    let voiced = refuses_to_act(sentence) || (refuses_in_chinese(sentence) && !hedges(sentence));
    voiced || (excuses(sentence) && (cannot_know(sentence) || cannot_in_chinese(sentence)))
}

/// Reported speech, a condition, or an idiom.
fn in_another_voice(sentence: &str) -> bool {
    says(
        pattern!(
            r"\b(?:tell|tells|told|say|says|said|saying|reply|replies|respond|responds|explain|explains|think|thinks|feel|feels|felt|worry|worried|admit|admits)",
            r"(?: (?:him|her|them|that|to|the \w+|my \w+|his \w+|it|you|like|as if))*[:,]? (?:that )?i(?:'m| am)? (?:can't|cannot|can not|won't|will not|not|unable|refuse|decline)",
            r"|\b(?:can't|cannot) (?:help but|give up|make it|make up|do without|take (?:it|this)|help (?:feeling|the way|how|it|myself)|provide for|stress enough|(?:do|make|give) (?:this|that|it) (?:any ?more|to|again|alone|without|up)|recommend (?:it|this|\w+) (?:enough|highly))\b",
            r"|\bif i (?:can't|cannot|refuse|decline|am unable)\b|\bi (?:can't|cannot) (?:agree|wait|imagine)\b",
            r"|\bi (?:don't|do not) (?:help|offer|choose|pick|share|make|continue|support|give (?:him|her|them|my|up|in|a damn))\b"
        ),
        sentence,
    )
}

macro_rules! task {
    () => {
        concat!(
            r"(?:answer(?:ing)?|choos(?:e|ing)|select(?:ing)?|pick(?:ing)?|rat(?:e|ing)|classify(?:ing)?|label(?:l?ing)?|categori[sz](?:e|ing)|scor(?:e|ing)|",
            r"assess(?:ing)?|evaluat(?:e|ing)|grad(?:e|ing)|diagnos(?:e|ing)|provid(?:e|ing)|giv(?:e|ing)|offer(?:ing)?|assist(?:ing)?|help(?:ing)?|engag(?:e|ing)|",
            r"participat(?:e|ing)|respond(?:ing)?|complet(?:e|ing)|comply(?:ing)?|fulfill?(?:ing)?|discuss(?:ing)?|comment(?:ing)?|weigh(?:ing)? in|advis(?:e|ing)|",
            r"rank(?:ing)?|mak(?:e|ing) (?:an?|any|this|that|such|these|those|the)(?: \w+)? (?:decision|choice|judge?ment|call|assessment|diagnos[ie]s|selection|determination|recommendation|evaluation|classification|statement|prediction|rating)|do (?:this|that|so)|doing (?:this|that|so)|",
            r"identify(?:ing)?|analy[sz](?:e|ing)|interpret(?:ing)?|process(?:ing)?|review(?:ing)?|tak(?:e|ing) part|speculat(?:e|ing)|judg(?:e|ing)|recommend(?:ing)?|",
            r"support (?:this|that) request|continu(?:e|ing)|share (?:an|my|any)|determin(?:e|ing)|express (?:an|any))"
        )
    };
}

fn refuses_to_act(sentence: &str) -> bool {
    let unable = pattern!(
        r"(?:\bi|\bwe|^|sorry,?(?: but)?|\band|\bmodel,?|\bai,?|\bassistant,?|so) ?",
        r"(?:(?:really|simply|just|also|therefore|respectfully|politely|unfortunately|personally|must|have to|will|need to|would|am|'m|'d|'ll|have|do|to|,) ?)*",
        r"(?:can't|cannot|can not|cant|won't|will not|wont|shouldn't|should not|must not|(?:am |'m )?(?:not|un)(?: \w+)? ?(?:able|allowed|permitted|qualified|authori[sz]ed|willing|prepared|",
        r"equipped|designed|comfortable|in a position|going|here)(?: to| with)?|unable to|unwilling to|don't|do not|declin(?:e|ing)(?: to)?|refus(?:e|ing)(?: to)?|(?:prefer|rather|choose) not(?: to)?)",
        r" (?:(?:really|simply|just|ethically|responsibly|properly|safely|in good conscience|be|feel comfortable|feel able to|think i should|think it is right to|want to|wish to|able to|to|for you) ?)*",
        task!(),
        r"\b"
    );
    says(unable, sentence) && !hedges(sentence) && !speaks_of_others(sentence)
        || !hedges(sentence)
            && says(
                pattern!(
                    r"\bi(?:'m| am)? ?(?:must |have to |going to |will have to |need to |would like to |respectfully |politely |am going to |will )*(?:decline|refuse)(?:[.,;:!]|$| (?:this|that|the (?:request|task|question)|your request|to (?:answer|do|respond)))",
                    r"|\bi(?:'d| would) rather not\b(?: (?:answer|say|choose|rate|do|give|classify|judge)\b|[.,!]|$)|\bi(?:'ll| will| have to| must) (?:have to )?pass on (?:this|that)\b",
                    r"|\bthis (?:request|question|message|content|task|item|reply|conversation|text)? ?(?:can't|cannot|can not|should not|shouldn't) be (?:answered|processed|completed|rated|classified|fulfilled|labell?ed|judged|assessed|evaluated|scored)",
                    r"|\b(?:against|violates?|outside|beyond) (?:of )?(?:my|our) (?:\w+ )?(?:guidelines|policy|policies|rules|values|principles|programming|scope|role|remit|abilities|capabilities|purpose)\b",
                    r"|(?:\bnot something|n't something|\bnothing) i(?:'m| am)? (?:can|could|will|want to|would|(?:able|willing|prepared|allowed|going) to)\b",
                    r"|\b(?:not|in)(?: \w+)? ?appropriate for (?:me|an ai)[^.]{0,30} to\b|\bi don't think (?:i should|it(?:'s| is| would be) (?:appropriate|right) for me)\b",
                    r"|\b(?:prefer|rather) not(?: to)? (?:say|respond|comment)\b|^no comment\b|\bnot my place to\b|\b(?:do(?:es)? not|don't|doesn't) (?:allow|permit) me to\b",
                    r"|\b(?:sorry|apologi[sz]e)\b[^.]{0,20}\bi (?:can't|cannot|can not|won't|am unable to)(?:[.!]| help| assist| do (?:that|this)|$)"
                ),
                sentence,
            )
}

/// "No single answer can be given": doubt, and no unwillingness.
fn hedges(sentence: &str) -> bool {
    // "I can't rate this, whether it is mild or not": what stands behind the comma is no doubt.
    let unwilling = says(pattern!(r"\b(?:won't|will not|not going to|refuse|decline)\b"), sentence);
    let whether = if unwilling { " whether" } else { ", whether" };
    let sentence = sentence.split(whether).next().unwrap_or_default();
    !excuses(sentence)
        && !says(
            pattern!(r"\b(?:won't|will not|not going to|refuse|decline) (?:to )?choose one of\b"),
            sentence,
        )
        && says(
            pattern!(
                r"\b(?:single|definitive|definite|exact|precise|certain|clear-cut|conclusive|one answer|whether|(?:both|all|either|several|none) (?:are|is|of|fit|would|could)|equally|for sure|with certainty|more context|more information|without (?:more|further|knowing)|definitively|conclusively|depends on|not enough|(?:does not|doesn't) (?:\w+ )?(?:provide|indicate|say|state))\b",
                r"|\b(?:between|among) (?:[a-j] and [a-j]|them|the two|these two|the \w+ and)\b|\b(?:choose|pick|select|determine|judge|identify) (?:between|whether|which|what|who|how|one|if)\b",
                // One answer is denied, and none is declined: "I would not choose A", "I can't label this as X".
                r"|\b(?:choose|pick|select|recommend) (?:option |answer |choice )?\(?(?:[b-hj]\b|a(?:[.,;:)!]|$| (?:because|since|or)\b))|\b(?:label|classify|rate|categori[sz]e|score|judge|assess|grade) (?:this|it|that|the \w+)(?: \w+)? (?:as|at|an?)\b",
                r"|选(?:择|项)? ?\(?[a-j]"
            ),
            sentence,
        )
}

/// "I do not help him by ...", "I won't give her the letter": an act of the story, told in the first person.
fn speaks_of_others(sentence: &str) -> bool {
    !excuses(sentence)
        && says(
            pattern!(
                r"\b(?:help|assist|give|offer|answer|judge|advise|diagnose|provide|respond to|engage with|support|choose|pick|make) (?:him|her|them|it|my|his|their|mom|dad|the (?:boy|girl|man|woman|client|patient|child|friend|kids?))\b"
            ),
            sentence,
        )
}

/// An apology, or the voice of a program: with it, not knowing is declining.
fn excuses(sentence: &str) -> bool {
    says(
        pattern!(
            r"\b(?:sorry|apologi[sz]e|apologies|as an ai|as a (?:large )?(?:language model|ai|virtual|digital)|language model|as an assistant|i'm an ai|i am an ai|not comfortable|unfortunately,? i|i'm afraid i|for you)\b",
            r"|抱歉|对不起|不好意思|很遗憾|作为(?:一个|一名)?(?:ai|人工智能|语言模型|大模型|助手|虚拟)"
        ),
        sentence,
    )
}

fn cannot_know(sentence: &str) -> bool {
    says(
        pattern!(
            r"\bi(?: really| simply| just)? (?:can't|cannot|can not|won't|will not|am not able to|'m not able to|am unable to|'m unable to|do not|don't) (?:\w+ )?",
            r"(?:tell|say|speak|decide|determine|know|predict|feel|have|guess|see|read|talk|judge|choose|verify|confirm|share|do)\b",
            r"|\bi'm (?:not able|unable) to\b|\bi (?:can't|cannot|won't)\b[.! ]*$"
        ),
        sentence,
    )
}

fn refuses_in_chinese(sentence: &str) -> bool {
    says(
        pattern!(
            r"(?:我|本人|助手|模型)[^。,他她你]{0,8}?(?:无法|不能|不(?:方)?便|不会|拒绝|不可以|没法|没办法|不愿意?|不适合|无权|难以|不予|没有资格|没有权限|没有能力)[^。,他她]{0,12}?",
            r"(?:回答|选择|作答|评分|评价|评估|分类|诊断|提供|给出|协助|帮助您|帮助你|讨论|回应|标注|处理|打分|完成|参与|评级|作出判断|做出判断|[做作]出?(?:选择|决定)|选)",
            r"|(?:抱歉|对不起|不好意思|很遗憾)[^。他她]{0,12}?(?:无法|不能|不便|不会|没法|没办法|拒绝)",
            r"|(?:该|此|这个|这一|这类|这种|您的|你的|上述)(?:问题|请求|内容|信息|话题|任务)[^。]{0,8}?(?:无法|不能|不便|不予)[^。]{0,6}?(?:回答|处理|提供|评估|分类|判断|评分|讨论)",
            r"|我(?:选择)?不(?:回答|作答|予置评|作评价|做评价)|超出了?我的(?:能力|职责|权限|服务)?范围|恕(?:我)?(?:难|不能|无法|不便)|^(?:无法|不便|拒绝)(?:回答|作答|评分|分类|提供)"
        ),
        sentence,
    )
}

fn cannot_in_chinese(sentence: &str) -> bool {
    says(
        pattern!(r"(?:无法|不能|不便|没法|没办法)(?:\S{0,6})(?:判断|确定|知道|告诉|说|决定|预测)"),
        sentence,
    )
}

/// "I can't diagnose anybody, but by your list this is ...": what follows the turn is no offer of help.
fn goes_on_to_answer(sentence: &str) -> bool {
    let turn = pattern!(
        r"[,;-] ?(?:but|however|yet|though|still)\b,?|\b(?:however|nevertheless|that said),|但是?|不过|然而"
    );
    let Some(turn) = turn.and_then(|turn| turn.find_iter(sentence).last()) else { return false };
    let before = sentence.get(..turn.start()).unwrap_or_default();
    let after = sentence.get(turn.end()..).unwrap_or_default();
    // "I'm sorry, but I can't": the turn leads to the refusal.
    !declines(after) && declines(before) && !offers_help(after)
}

fn takes_it_back(sentence: &str) -> bool {
    says(
        pattern!(
            r"^\W*(?:that said|having said that|still|however|nevertheless|nonetheless|but|even so|with that said|if i (?:had to|must))\b|^(?:不过|但是?|然而|如果一定)"
        ),
        sentence,
    ) && !declines(sentence)
        && !offers_help(sentence)
}

fn offers_help(text: &str) -> bool {
    says(
        pattern!(
            r"\b(?:i can|i could|i'd be|i would be|i'm happy|i am happy|happy to|glad to|feel free|i encourage|i'd encourage|i would encourage|i recommend|i suggest|please|reach out|contact|",
            r"hotline|helpline|988|therapist|counsell?or|professional|doctor|lawyer|resources|support|let me know|if you(?:'d like|'re| are| need| want| have)|it(?:'s| is) important)\b",
            r"|我可以|请|建议|联系|咨询|寻求|专业"
        ),
        text,
    )
}
