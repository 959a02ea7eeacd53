//! Prompts that do not fit the model.

use super::report::Report;
use super::words::holds;
use crate::error::Size;

/// Names of errors, anywhere in the body.
const NAMES: [&str; 26] = [
    "contextoverflow",
    "contextlengthexceeded",
    "exceedcontextsize",
    "contextwindowexceeded",
    "contextlimitexceeded",
    "exceedscontext",
    "exceedcontext",
    "stringabovemaxlength",
    "requesttoolarge",
    "prompttoolong",
    "inputtoolong",
    "tokenslimitreached",
    "tokenlimitexceeded",
    "maxcontextlength",
    "maximumcontext",
    "maxmodellen",
    "payloadtoolarge",
    "entitytoolarge",
    "inputtokensexceeded",
    "contexttoolarge",
    "contexttoolong",
    "tokenstoolong",
    "inputtoolarge",
    "prompttoolarge",
    "toomanyinputtokens",
    "toomanyprompttokens",
];

/// Numbers by which Zhipu, Spark, SiliconFlow and Baidu name it.
const NUMBERS: [&str; 4] = ["1261", "10907", "20015length", "336103"];

/// What is said to people.
const PHRASES: [&str; 45] = [
    "context length",
    "context window",
    "context size",
    "context limit",
    "context_length",
    "context the overflows",
    "context overflow",
    "maximum prompt length",
    "max prompt length",
    "prompt length exceeds",
    "prompt is too long",
    "prompt too long",
    "prompt exceeds",
    "prompt contains too many",
    "input is too long",
    "input too long",
    "input is too large",
    "messages too long",
    "messages are too long",
    "message is too long",
    "conversation is too long",
    "request is too long",
    "request too large",
    "request body too large",
    "request entity too large",
    "input token count",
    "input tokens exceed",
    "input tokens is too",
    "input length",
    "range of input",
    "number of input tokens",
    "total number of tokens",
    "total tokens of",
    "total length of",
    "maximum number of tokens",
    "model token limit",
    "max message tokens",
    "maximum token limit",
    "maximum tokens allowed",
    "maximum sequence length",
    "longer than the model",
    "reduce the length",
    "reduce your prompt",
    "shorten your",
    "`inputs` tokens",
];

/// What may be too long,
const SUBJECTS: &[&str] = &[
    "模型",
    "prompt",
    "input",
    "message",
    "request",
    "conversation",
    "context",
    "sequence",
    "total",
    "query",
    "tokens ",
    "输入",
    "请求",
    "提示",
    "消息",
    "对话",
    "内容",
    "token",
    "文本",
];
/// in what it is measured,
const MEASURES: &[&str] = &[
    "token",
    "length",
    "character",
    "context",
    "max_seq_len",
    "seq_len",
    "words",
    "长度",
    "字符",
    "字数",
    "tokens",
];
/// what is said of it,
const BEYOND: &[&str] = &[
    "requested",
    "you sent",
    "can handle",
    "beyond",
    "not fit",
    "> ",
    "超限",
    "最大支持",
    "exceed",
    "longer than",
    "larger than",
    "more than",
    "greater than",
    "less than",
    "fewer than",
    "at most",
    "up to",
    "over the",
    "above the",
    "too many",
    "but the max",
    "is too",
    "must be <",
    "max input",
    "超出",
    "超过",
];
/// and what it goes beyond, beside a number of tokens.
const LIMITS: &[&str] = &[
    "can handle",
    "超限",
    "window",
    "limit",
    "max",
    "context",
    "allowed",
    "supported",
    "上限",
    "限制",
    "最大",
];

/// What is said of the reply's length, of rates, and of other measures.
const OTHERS: &[&str] = &[
    "took too",
    "taking too",
    "image",
    "file",
    "url",
    "_id",
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "maxoutputtokens",
    "max_new_tokens",
    "completion token",
    "output token",
    "per minute",
    "per day",
    "per second",
    "rate limit",
    "timed out",
    "unexpected token",
    "invalid token",
    "stop sequence",
    "thinking",
    "num_predict",
    "time limit",
];

/// The same in Chinese.
const CHINESE: [&str; 10] = [
    "太长",
    "上下文",
    "超长",
    "过长",
    "输入长度",
    "输入过长",
    "最大长度",
    "输入tokens",
    "输入token",
    "token数超",
];

/// Whether the conversation is longer than the model takes.
pub(super) fn is_meant(status: u16, report: &Report) -> bool {
    match status {
        413 => true,
        // A rate of tokens is no length, and a deadline that passed is none either.
        401..=404 | 408 | 409 | 429 => false,
        _ if report.page || report.says(&["deadline"]) => false,
        _ => {
            report.names(&NAMES)
                || report.is_named(&NUMBERS)
                || report.says(&PHRASES)
                || report.says(&CHINESE)
                || report.words.sentences().any(is_said)
        }
    }
}

/// Whether a sentence says it in words of its own.
fn is_said(sentence: &str) -> bool {
    const TOO_LONG: &[&str] = &["too long", "too large"];
    const SAID: &[&str] =
        &["prompt", "messages", "the message", "input", "request", "conversation"];
    if holds(sentence, OTHERS) {
        return false;
    }
    let counted = sentence.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() >= 4);
    (holds(sentence, SUBJECTS)
        && holds(sentence, MEASURES)
        && holds(sentence, BEYOND)
        && (counted || holds(sentence, LIMITS)))
        || (holds(sentence, SAID) && holds(sentence, TOO_LONG))
}

/// Tokens asked for and taken, where the message gives both.
pub(super) fn size(report: &Report) -> Option<Size> {
    let numbers = |text: &str| -> Vec<u64> {
        text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
    };
    let sized =
        |tokens: u64, limit: u64| (tokens > limit && limit > 0).then_some(Size { tokens, limit });
    // "maximum context length is L tokens ... T tokens"
    for before in
        ["maximum context length is", "maximum prompt length is", "context length of only"]
    {
        if let Some((_, rest)) = report.words.text().split_once(before) {
            let found = numbers(rest);
            return sized(*found.get(1)?, *found.first()?);
        }
    }
    // "T tokens > L maximum", "(T) exceeds the maximum number of tokens allowed (L)"
    for between in [" > ", "exceeds the maximum", "longer than the model"] {
        if let Some((before, after)) = report.words.text().split_once(between) {
            return sized(numbers(before).pop()?, *numbers(after).first()?);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sized(message: &str) -> Option<(u64, u64)> {
        size(&Report::of(&message.into(), &[])).map(|size| (size.tokens, size.limit))
    }

    #[test]
    fn token_counts_are_read_where_they_make_sense() {
        assert_eq!(
            sized(
                "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4000 in the messages, 1000 in the completion)."
            ),
            Some((5000, 4096))
        );
        assert_eq!(sized("prompt is too long: 2100 tokens > 2000 maximum"), Some((2100, 2000)));
        assert_eq!(
            sized(
                "The input token count (1200) exceeds the maximum number of tokens allowed (1000)."
            ),
            Some((1200, 1000))
        );
        assert_eq!(sized("maximum context length is 4096 tokens, set stop to 1"), None);
        assert_eq!(sized("maximum context length exceeded"), None);
        assert_eq!(sized("temperature must be at most 2"), None);
    }
}
