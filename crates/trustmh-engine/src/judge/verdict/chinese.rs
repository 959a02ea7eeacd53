//! Introductions of a quoted verdict in Chinese.

const JUDGED: &[&str] = &["回复", "答复", "回答", "原文", "文本", "模型", "文中", "它", "其"];

const SAYS: &[&str] = &[
    "包含",
    "含有",
    "写道",
    "写着",
    "写了",
    "写有",
    "声称",
    "自称",
    "说",
    "要求",
    "里有",
    "中有",
    "结尾",
    "末尾",
    "开头",
    "植入",
    "引用",
    "附有",
    "附上",
    "希望",
    "命令",
    "自己的结论",
    "自评",
];

/// Signs that may stand between the telling and the verdict.
const BETWEEN: &str = "了着过的这个以下如一段行内容结论判定对象代码块是为：: “”\"'`要求我给出填写评判打分应该句话有出现还";

/// Whether the sentence says that the judged says what comes next.
pub(super) fn is_anothers(lead: &str) -> bool {
    let found = SAYS.iter().filter_map(|verb| Some(lead.rfind(verb)? + verb.len())).max();
    let Some(end) = found else { return false };
    let (before, tail) = lead.split_at(end);
    JUDGED.iter().any(|judged| before.contains(judged))
        && tail.chars().all(|c| BETWEEN.contains(c) || c.is_ascii_alphanumeric())
}
