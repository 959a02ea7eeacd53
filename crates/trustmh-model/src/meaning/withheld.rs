//! Prompts and replies that a service keeps to itself for what they say.

use super::report::Report;

/// Statuses that mean nothing else: unavailable for legal reasons, and a gateway's guardrails.
const STATUSES: [u16; 2] = [451, 446];

/// Names of errors, anywhere in the body: Azure, OpenAI, DashScope, Volcengine, StepFun, Portkey, xAI, Bedrock, LiteLLM.
const NAMES: [&str; 39] = [
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

/// What is said to people.
const PHRASES: [&str; 36] = [
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

/// What a service found, and in what.
const FINDINGS: [&str; 7] = [
    "unsafe",
    "harmful",
    "inappropriate",
    "offensive",
    "objectionable",
    "disallowed",
    "restricted",
];
const FOUND_IN: [&str; 9] =
    ["content", "prompt", "input", "output", "text", "message", "query", "response", "completion"];

/// What moderates, and what it does.
const MODERATORS: [&str; 8] = [
    "moderation",
    "guardrail",
    "content filter",
    "safety policy",
    "safety filter",
    "content policy",
    "safety check",
    "safety classifier",
];
const VERDICTS: [&str; 14] = [
    "block", "reject", "refuse", "deny", "denied", "flag", "violat", "trigger", "interven",
    "declin", "fail", "contains", "hit", "stopped",
];

/// What may be violated, other than the form of a request.
const RULES: [&str; 5] = ["policy", "policies", "guideline", "our terms", "terms of use"];

/// The same in Chinese.
const CHINESE: [&str; 20] = [
    "违禁",
    "触发安全",
    "触发了安全",
    "安全策略",
    "合规",
    "不合格",
    "敏感话题",
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
    let named = report.moderated || report.names(&NAMES);
    named || (status < 500 && is_said(report))
}

fn is_said(report: &Report) -> bool {
    report.says(&PHRASES)
        || report.says(&CHINESE)
        || report.joins(&[&FINDINGS, &FOUND_IN])
        || report.joins(&[&MODERATORS, &VERDICTS])
        || report.joins(&[&["violat"], &RULES])
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
        || report.is_named(&["accountdeactivated", "accountsuspended", "accountdisabled"])
}
