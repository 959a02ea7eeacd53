//! The same meanings in words of all sorts, and words that only look like them.

use super::*;

/// Every message has this meaning under its status.
fn mean(expected: impl Fn(&Meaning) -> bool, said: &[(u16, &str)]) {
    for (status, message) in said {
        let body = serde_json::json!({ "error": { "message": message, "type": "x" } }).to_string();
        let meaning = meant(*status, &body);
        assert!(expected(&meaning), "{status} {message} was taken for {meaning:?}");
    }
}

#[test]
fn who_withholds_says_so_in_many_words() {
    mean(
        |meaning| *meaning == Meaning::Withheld,
        &[
            (400, "This query was rejected by our guardrails."),
            (400, "Message blocked: the classifier found unsafe content"),
            (400, "The output violates our acceptable use policy"),
            (400, "Prompt failed the moderation step"),
            (403, "The guardrail `g1` denied this request"),
            (422, "response withheld for safety"),
            (400, "{'error': 'the moderation flagged this text', 'result': 'hate'}"),
            (400, "输入文本涉及违法信息"),
            (400, "回复未通过安全检查"),
            (400, "提示词包含违禁词"),
        ],
    );
}

#[test]
fn words_of_safety_about_anything_else_are_no_moderation() {
    mean(
        |meaning| *meaning == Meaning::Wrong,
        &[
            (400, "Invalid value for 'content'. Safety labels cannot be empty."),
            (400, "The field safety_id was rejected: unknown in this request"),
            (400, "Header names are case sensitive; the request contains two"),
            (400, "Parameter names in the request are not sensitive to case: expected text"),
            (400, "参数 messages 的大小写敏感，格式错误"),
        ],
    );
    mean(
        |meaning| *meaning == Meaning::Passing,
        &[
            (503, "The content moderation service is unavailable"),
            (500, "Content safety check timed out"),
        ],
    );
}

#[test]
fn an_empty_purse_is_told_from_a_limit_that_passes() {
    mean(
        |meaning| *meaning == Meaning::NoCredit,
        &[
            (403, "All of your trial credits have expired"),
            (429, "Your prepayment is depleted."),
            (403, "The funds of this wallet have run out"),
            (400, "Please add a payment method to go on"),
            (429, "You have reached your weekly usage limit"),
            (429, "The quota for today has been consumed"),
            (429, "每日调用次数已达上限"),
            (403, "该账户额度已用尽"),
            (403, "This method needs billing to be enabled. Please enable billing."),
        ],
    );
    mean(
        |meaning| *meaning == Meaning::TooFast,
        &[
            (429, "Rate limit reached. Add a payment method or buy more credits to raise it."),
            (429, "Concurrency limit of this account exceeded; more credits raise it"),
            (429, "Limit: 5 requests per minute. Paid plans have 500 requests per day."),
            (429, "RPM exhausted for this trial"),
            (429, "请求过于频繁，充值可提高上限"),
            (429, "并发额度不足"),
            (403, "Rate limit exceeded for this key"),
        ],
    );
    mean(
        |meaning| *meaning == Meaning::Passing,
        &[
            (503, "The credit balance cannot be looked up, billing is unavailable"),
            (400, "The server is busy, come back later"),
            (400, "Serving timed out"),
        ],
    );
}

#[test]
fn too_long_is_told_in_many_words() {
    mean(
        |meaning| matches!(meaning, Meaning::TooLong(_)),
        &[
            (400, "`inputs` must have less than 2048 tokens. Given: 2100"),
            (400, "length of prompt_tokens (2100) must be less than max_seq_len (2048)."),
            (400, "total message token length exceed model limit"),
            (400, "prompt token count (2100) cannot exceed 2048."),
            (400, "Prompt has 2100 tokens, but the max is 2048"),
            (400, "The input does not fit: 2100 tokens, context of 2048"),
            (400, "2100 tokens in the request, which is more than the model limit"),
            (400, "Your conversation is too large"),
            (400, "输入 token 数超出模型上限"),
            (400, "提示词长度超出限制"),
        ],
    );
    mean(
        |meaning| *meaning == Meaning::Wrong,
        &[
            (400, "Invalid tokens in the prompt: id 12 is reserved"),
            (400, "The request has an unexpected token, more than one"),
            (400, "max_tokens must be at most 1024 for this model"),
            (400, "Failed to parse JSON: invalid token '\\x1b' at column 4000"),
            (400, "The messages must hold more than one turn"),
        ],
    );
}

#[test]
fn keys_and_accounts_are_refused_in_many_words() {
    mean(
        |meaning| *meaning == Meaning::KeyRefused,
        &[
            (400, "Please provide a valid API key"),
            (400, "The api_key has been revoked"),
            (400, "API 密钥无效"),
            (400, "This account was suspended"),
        ],
    );
    mean(
        |meaning| *meaning == Meaning::NotFound,
        &[(400, "模型 m 不存在"), (400, "模型 m 未开通")],
    );
}

#[test]
fn what_was_sent_decides_nothing() {
    let sent =
        "Nobody at home knows that I'm out of credit and that my post was flagged by moderation.";
    let body =
        serde_json::json!({ "error": { "message": format!("Cannot take: {sent}") } }).to_string();
    let of = |sent: &[&str]| super::of(400, &Report::of_body(body.as_bytes(), sent), &[]);
    assert_eq!(of(&[sent]), Meaning::Wrong);
    assert_eq!(of(&[]), Meaning::Withheld);
}
