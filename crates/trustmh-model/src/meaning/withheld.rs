//! Prompts and replies that a service keeps to itself for what they say.

use super::report::Report;
use super::words::holds;

/// Statuses that mean nothing else: unavailable for legal reasons, and a gateway's guardrails.
const STATUSES: [u16; 2] = [451, 446];

/// Names of errors, anywhere in the body: Azure, OpenAI, DashScope, Volcengine, StepFun, Portkey, xAI, Bedrock, LiteLLM.
const NAMES: [&str; 45] = [
    "moderationflagged",
    "moderationerror",
    "moderationfailed",
    "contentfilter",
    "contentpolicy",
    "responsibleaipolicy",
    "moderationblocked",
    "datainspection",
    "sensitivecontent",
    "sensitiveinformation",
    "textriskdetection",
    "censorshipblocked",
    "hooksfailed",
    "guardrailintervened",
    "guardrailviolation",
    "guardrailfailed",
    "guardrailsviolation",
    "safetychecktype",
    "newsensitive",
    "contentexistsrisk",
    "contentmanagementpolicy",
    "promptblocked",
    "promptinjection",
    "inputblocked",
    "outputblocked",
    "contentblocked",
    "contentmoderation",
    "contentsafety",
    "contentsecurity",
    "unsafecontent",
    "contentunsafe",
    "harmfulcontent",
    "unsafeprompt",
    "contentviolation",
    "contentrestricted",
    "safetyerror",
    "safetyviolation",
    "promptrejected",
    "riskcontrol",
    "llamaguard",
    "inappropriatecontent",
    "prohibitedcontent",
    "policyviolation",
    "modelarmor",
    "blockedbysafety",
];

/// Numbers by which Zhipu, MiniMax, Spark and Baidu name it.
const NUMBERS: [&str; 8] = ["1301", "1026", "1027", "10013", "10014", "10019", "336104", "17003"];

/// Words that say so where they are the whole name of an error.
const WHOLE_NAMES: [&str; 8] = [
    "safety",
    "sensitive",
    "moderation",
    "flagged",
    "blocklist",
    "recitation",
    "guardrail",
    "unsafe",
];

/// What is said to people.
const PHRASES: [&str; 38] = [
    "sensitive subject",
    "sensitive topic",
    "(1026)",
    "(1027)",
    "was flagged",
    "were flagged",
    "been flagged",
    "flagged as",
    "flagged by",
    "flagged for",
    "content flagged",
    "flagged content",
    "usage polic",
    "usage guideline",
    "community guideline",
    "content guideline",
    "content rule",
    "safety polic",
    "safety reason",
    "safety filter",
    "safety system",
    "safety setting",
    "safety check",
    "safety guideline",
    "high risk",
    "content risk",
    "sensitive word",
    "sensitive or unsafe",
    "potentially unsafe",
    "blocked by guardrail",
    "blocked by moderation",
    "rejected by moderation",
    "failed moderation",
    "moderation check",
    "content filtering",
    "content moderation",
    "inappropriate",
    "did not pass the content",
];

/// What a service looks for and who looks for it,
const CONCERNS: &[&str] = &[
    "responsible ai",
    "unsafe",
    "harmful",
    "offensive",
    "objectionable",
    "toxic",
    "safety",
    "self-harm",
    "self_harm",
    "violence",
    "hate",
    "jailbreak",
    "sensitive",
    "prohibited",
    "moderation",
    "guardrail",
    "content filter",
    "content polic",
    "acceptable use",
    "安全",
    "敏感",
    "不良",
    "违法",
    "暴力",
    "色情",
    "有害",
    "违规",
    "审核",
];
/// in what,
const PLACES: &[&str] = &[
    "content",
    "prompt",
    "input",
    "output",
    "text",
    "message",
    "query",
    "response",
    "completion",
    "request",
    "内容",
    "输入",
    "输出",
    "提示",
    "文本",
    "提问",
    "问题",
    "回复",
];
/// and what comes of it.
const VERDICTS: &[&str] = &[
    "block",
    "reject",
    "refuse",
    "deny",
    "denied",
    "flag",
    "violat",
    "trigger",
    "interven",
    "declin",
    "fail",
    "contain",
    "stopped",
    "withh",
    "filtered",
    "detected",
    "found",
    "unsafe",
    "harmful",
    "拦截",
    "未通过",
    "不通过",
    "涉及",
    "涉嫌",
    "包含",
    "触发",
    "屏蔽",
    "拒绝",
    "检测到",
    "未能通过",
];
/// What is said of the form of a request, whatever its fields are called.
const FORM: &[&str] = &[
    "setting",
    "parameter",
    "param ",
    "field",
    "argument",
    "header",
    "identifier",
    "schema",
    "unknown",
    "unsupported",
    "not supported",
    "case sensitive",
    "case-sensitive",
    "must be",
    "expected",
    "character",
    "json",
    "encoding",
    "参数",
    "字段",
    "大小写",
    "格式",
];

/// What may be violated, other than the form of a request.
const RULES: &[&str] = &["policy", "policies", "guideline", "our terms", "safety rules"];

/// The same in Chinese.
const CHINESE: [&str; 24] = [
    "非法内容",
    "违法内容",
    "社区规范",
    "涉黄",
    "涉政",
    "涉暴",
    "违禁",
    "触发安全",
    "触发了安全",
    "不合规",
    "审核不合格",
    "风控",
    "敏感内容",
    "敏感信息",
    "敏感词",
    "不安全",
    "违规",
    "内容安全",
    "内容审核",
    "审核未通过",
    "审核不通过",
    "未通过审核",
    "不当内容",
    "内容存在风险",
];

/// Whether the prompt or the reply was withheld.
pub(super) fn is_meant(status: u16, report: &Report) -> bool {
    if STATUSES.contains(&status) || report.is_named(&NUMBERS) {
        return true;
    }
    // A key, a model or a rate is no content; a page of a proxy says nothing about the prompt.
    if report.page || matches!(status, 401 | 402 | 404 | 408 | 429) || of_account(report) {
        return false;
    }
    // A moderator that cannot be reached has judged nothing.
    if status >= 500 && report.is_of_now() {
        return false;
    }
    let named = report.moderated || report.names(&NAMES) || report.is_named(&WHOLE_NAMES);
    named || (status < 500 && is_said(report))
}

fn is_said(report: &Report) -> bool {
    report.says(&PHRASES)
        || report.says(&CHINESE)
        || report.words.sentences().any(|sentence| {
            let has = |phrases: &[&str]| holds(sentence, phrases);
            let judged = has(CONCERNS) && has(PLACES) && has(VERDICTS);
            !has(FORM) && (judged || (has(&["violat"]) && has(RULES)))
        })
}

/// An account that is barred for what it did is no prompt that is withheld.
fn of_account(report: &Report) -> bool {
    report.says(&[
        "your account has been",
        "your organization has been disabled",
        "your organization has been restricted",
        "your organization has been suspended",
        "your access was terminated",
        "account is suspended",
    ]) && !report.moderated
        || report.joins(&[
            &["账号", "账户", "api key"],
            &["封禁", "停用", "冻结", "suspended", "disabled"],
        ])
        || report.is_named(&["accountdeactivated", "accountsuspended", "accountdisabled"])
}
