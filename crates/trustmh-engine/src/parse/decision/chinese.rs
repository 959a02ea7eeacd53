//! Chinese sentences that decide.

use regex::Regex;
use std::sync::LazyLock;

use super::super::mention::{Named, is_mention, named};
use super::Force;
use super::pattern::{Cue, Pattern, compiled, cues};
use super::sentence::{ANY, Sentence};

const FILL: &str = r"[\s:\x22'(\[,]*(?:(?:选项|答案|第)\s*)?[\s:\x22'(\[]*";
const BEST: &str = r"(?:最合适|最恰当|最佳|正确|最好|最适合|最符合|最优|最适当|最合理|最妥当|最贴切|最可能|最准确|最有效|最应该|最应|首选|合适|恰当|剩下|唯一)";
const WRONG_AFTER: [&str; 8] = ["不", "错", "是错", "并不", "都不", "也不", "则不", "有误"];

static CUES: LazyLock<Vec<Cue>> = LazyLock::new(|| cues(patterns()));

fn patterns() -> Vec<(Force, String)> {
    use Force::{Called, Concluded, Said, Stated};
    vec![
        (Concluded, format!(r"(?:应该|应当|应|才)(?:就)?(?:是|为)\s?{FILL}({ANY})")),
        (
            Stated,
            format!(
                r"(?:答案|答|选择|结论|我的选项|正确选项|最佳选项|最终选项|选项)(?:[^,。\u{{e000}}-\u{{e1f2}}]{{0,8}}?)(?:应该|应当|应|就|则|便|只能)?(?:是|为|:|=|→|->|选)\s?{FILL}({ANY})"
            ),
        ),
        (Stated, format!(r"(?:选择|选取|选定|选了|选出|改选|选)(?:了|的是|的)?\s?{FILL}({ANY})")),
        (Stated, format!(r"\[(?:最终|正确|参考)?(?:答案|结论|选择|选项)\]\s?{FILL}({ANY})")),
        (
            Stated,
            format!(r"^\W*(?:更正|改为|改成|修正)(?:为|成|后)?\s?[:,]?\s?{FILL}({ANY})(?:项)?\W*$"),
        ),
        (Concluded, format!(r"(?:仅供|供)参考\s?[:,]\s?{FILL}({ANY})(?:项)?\s*(?:$|[。.,!])")),
        (
            Concluded,
            format!(
                r"(?:因此|所以|故|综上|综上所述|总之|由此可见|可见|总的来说)[,\s]*(?:应该|应当|应|是|为|就是|只有)?\s?{FILL}({ANY})(?:项)?\s*(?:$|[。.,!]|正确|最|是)"
            ),
        ),
        (Concluded, format!(r"(?:只有|唯有|只剩|剩下)(?:的)?(?:是)?\s?{FILL}({ANY})")),
        (
            Called,
            format!(
                r"(?:^|[,。;:\s])[^,。;:\s\u{{e000}}-\u{{e1f2}}]{{0,30}}?{BEST}[^,。\u{{e000}}-\u{{e1f2}}]{{0,14}}?(?:应该|应当|应|就)?(?:是|为|:)\s?{FILL}({ANY})"
            ),
        ),
        (
            Called,
            format!(
                r"({ANY})[\x22')\]]?\s?(?:项|选项)?\s?(?:才是|就是|是|为|应为|应是|应该是)?(?:本题的?|这道题的?|其中|我认为)?(?:最为|更为)?(?:{BEST}|符合题意|正解|对的|答案)"
            ),
        ),
        (
            Called,
            format!(
                r"({ANY})\s?(?:项|选项)?\s?(?:更|比较)(?:为)?(?:合适|好|恰当|优先|妥当|符合|合理|适合|稳妥|贴切)"
            ),
        ),
        (Called, format!(r"({ANY})\s?(?:项|选项)?\s?(?:才)?对(?:$|[。.,!])")),
        (Concluded, format!(r"(?:应该|应当|应|才)(?:就)?(?:是|为)\s?{FILL}({ANY})")),
        (Said, format!(r"(?:是|为)\s?{FILL}({ANY})(?:项)?\s*(?:$|[。.,!])")),
        (Said, format!(r"(?:支持|倾向于|倾向|推荐|建议)(?:选择|选)?\s?{FILL}({ANY})")),
    ]
}

/// Every option that the sentence decides for.
pub(super) fn decisions(sentence: &Sentence) -> Vec<(Named, Force)> {
    let text = sentence.text;
    if !text.chars().any(is_mention) || text.ends_with('?') || sentence.is_noise() {
        return Vec::new();
    }
    let mut found: Vec<(usize, Named, Force)> = Vec::new();
    for cue in CUES.iter() {
        for captures in cue.pattern.captures_iter(text) {
            let (Some(whole), Some(option)) = (captures.get(0), captures.get(1)) else { continue };
            let sign = option.as_str().chars().next();
            if let Some(named) = sign
                .and_then(named)
                .filter(|_| passes(text, whole.start(), option.start(), option.end()))
            {
                found.push((option.start(), named, cue.force));
            }
        }
    }
    found.sort_by_key(|(at, ..)| *at);
    found.into_iter().map(|(_, named, force)| (named, force)).collect()
}

/// Whether the cue is neither denied, nor somebody else's, nor for a case that is not given.
fn passes(text: &str, start: usize, option: usize, end: usize) -> bool {
    static CASE: Pattern =
        LazyLock::new(|| compiled(r"^\W*(?:如果|假如|假设|倘若|若|要是|除非|万一|在其他情况)"));
    static FORCED: Pattern = LazyLock::new(|| {
        compiled(r"(?:如果|若|要是)(?:必须|一定|非|只能|让我|要我|我必须|我要|要|不得不)")
    });
    static OTHERS: Pattern = LazyLock::new(|| {
        compiled(
            r"(?:有人|有些人|很多人|许多人|别人|他人|大多数人|学生|妻子|丈夫|母亲|父亲|家人|家属|患者|来访者|同事|朋友|人们|他们|她们|新手)[^,。]{0,12}(?:会|可能|想|认为|说|希望|要|误|选)",
        )
    });
    static DENIED: Pattern = LazyLock::new(|| {
        compiled(
            r"不|别|勿|没|未|误|错|最差|其次|先选|起初|原本|一开始|本来|曾|干扰|排除|容易选|可能|也许|或许",
        )
    });
    let before = text.get(..option).unwrap_or_default();
    let lead = text.get(..start).unwrap_or_default();
    let from = lead.rfind([',', ':', ';', '而']).map_or(0, |at| {
        at + lead.get(at..).and_then(|t| t.chars().next()).map_or(1, char::len_utf8)
    });
    let clause = text
        .get(from..option)
        .unwrap_or_default()
        .replace("最可能", "")
        .replace("不过", "")
        .replace("没错", "");
    let matches = |pattern: &Pattern, text: &str| pattern.is_match(text);
    let after = text.get(end..).unwrap_or_default().trim_start_matches(['项', ' ', ')', '"', ']']);
    let after = after.strip_prefix("选项").unwrap_or(after);
    let given = !matches(&CASE, before) || matches(&FORCED, before);
    given
        && !matches(&OTHERS, before)
        && !matches(&DENIED, &clause)
        && !WRONG_AFTER.iter().any(|word| after.starts_with(word))
}

/// Whether the sentence names what is to be done or what something is.
pub(super) fn recommends(sentence: &Sentence) -> bool {
    static FORMS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        [
            format!(r"(?:应该|应当|应|建议|首先|需要|可以|会|是|属于|为|要)(?:先|首先|直接|立即|进行)?\s?{FILL}({ANY})"),
            format!(r"^\W*({ANY})\s?[。.!]*$"),
        ]
        .iter()
        .map(|pattern| compiled(pattern))
        .collect()
    });
    !sentence.text.is_ascii()
        && FORMS.iter().any(|form| {
            form.captures_iter(sentence.text).any(|captures| {
                captures.get(0).zip(captures.get(1)).is_some_and(|(whole, option)| {
                    passes(sentence.text, whole.start(), option.start(), option.end())
                })
            })
        })
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_cue_is_a_sound_pattern() {
        assert_eq!(super::CUES.len(), super::patterns().len());
    }
}
