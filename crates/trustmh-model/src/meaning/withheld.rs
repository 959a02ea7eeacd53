//! Prompts and replies that a service keeps to itself for what they say.

use super::report::Report;

/// Statuses that mean nothing else: unavailable for legal reasons, and a gateway's guardrails.
const STATUSES: [u16; 2] = [451, 446];

/// Names of errors, anywhere in the body: Azure, OpenAI, DashScope, Volcengine, StepFun, Portkey, xAI, Bedrock, LiteLLM.
const NAMES: [&str; 34] = [
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

/// The same in Chinese.
const CHINESE: [&str; 12] = [
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
    let named = report.moderated || report.names(&NAMES);
    named || (status < 500 && (report.says(&PHRASES) || report.says(&CHINESE)))
}

/// An account that is barred for what it did is no prompt that is withheld.
fn of_account(report: &Report) -> bool {
    report.says(&[
        "your account has been",
        "your organization has been",
        "your access was terminated",
        "account is suspended",
    ]) || report.is_named(&["accountdeactivated"])
}
