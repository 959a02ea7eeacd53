//! The table against bodies in the forms that services send, in words of our own where the words do not matter.

use super::*;

mod wordings;

fn meant(status: u16, body: &str) -> Meaning {
    let sent = ["temperature", "max_tokens", "seed", "stream_options"].map(str::to_owned);
    of(status, &Report::of_body(body.as_bytes(), &[]), &sent)
}

/// Every body has this meaning under its status.
fn all_mean(expected: impl Fn(&Meaning) -> bool, bodies: &[(u16, &str)]) {
    for (status, body) in bodies {
        let meaning = meant(*status, body);
        assert!(expected(&meaning), "{status} {body} was taken for {meaning:?}");
    }
}

#[test]
fn what_a_service_keeps_to_itself_is_withheld_whoever_it_is() {
    all_mean(
        |meaning| *meaning == Meaning::Withheld,
        &[
            (
                400,
                r#"{"error":{"message":"The response was filtered.","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#,
            ),
            (
                400,
                r#"{"error":{"message":"Filtered.","code":null,"innererror":{"content_filter_result":{"violence":{"filtered":true}}}}}"#,
            ),
            (
                400,
                r#"{"error":{"message":"Blocked."},"choices":[{"finish_reason":"content_filter"}]}"#,
            ),
            (
                400,
                r#"{"error":{"message":"Your request was rejected as a result of our safety system.","code":"content_policy_violation"}}"#,
            ),
            (
                400,
                r#"{"error":{"message":"We limit access to such content for safety reasons.","code":"invalid_prompt"}}"#,
            ),
            (400, r#"{"error":{"message":"Rejected.","code":"moderation_blocked"}}"#),
            (400, r#"{"error":{"message":"Content Exists Risk","code":"invalid_request_error"}}"#),
            (
                400,
                r#"{"error":{"message":"<400> InternalError.Algo.DataInspectionFailed: Output data may contain inappropriate content.","code":"data_inspection_failed"}}"#,
            ),
            (400, r#"{"code":"DataInspectionFailed","message":"Not passed.","request_id":"r"}"#),
            (400, r#"{"error":{"code":"1301","message":"系统检测到输入可能包含敏感内容。"}}"#),
            (
                400,
                r#"{"error":{"type":"content_filter","message":"The request was rejected because it was considered high risk"}}"#,
            ),
            (IN_BAND, r#"{"status_code":1027,"status_msg":"output new_sensitive"}"#),
            (
                400,
                r#"{"error":{"code":"InputTextSensitiveContentDetected","message":"No.","type":"BadRequest"}}"#,
            ),
            (
                400,
                r#"{"error":{"code":"OutputTextRiskDetection","message":"No.","type":"BadRequest"}}"#,
            ),
            (451, r#"{"error":{"message":"Blocked.","type":"censorship_blocked"}}"#),
            (
                403,
                r#"{"error":{"code":403,"message":"Moderated.","metadata":{"reasons":["harassment"],"flagged_input":"my credit card"}}}"#,
            ),
            (
                403,
                r#"{"code":"The caller does not have permission to execute the specified operation","error":"Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_X"}"#,
            ),
            (
                400,
                r#"{"type":"error","error":{"type":"invalid_request_error","message":"Output blocked by content filtering policy"}}"#,
            ),
            (
                400,
                r#"{"error":{"message":"litellm.ContentPolicyViolationError: AzureException - refused","code":"400"}}"#,
            ),
            (446, r#"{"error":{"type":"hooks_failed","message":"A check failed."}}"#),
            (400, r#"{"message":"The input was flagged by moderation."}"#),
            (400, r#"{"error":{"message":"内容安全审核未通过"}}"#),
            (500, r#"{"error":{"message":"upstream","code":"content_filter"}}"#),
            (422, r#"{"detail":"Prompt blocked by guardrail"}"#),
        ],
    );
}

#[test]
fn an_empty_account_is_known_by_many_names() {
    all_mean(
        |meaning| *meaning == Meaning::NoCredit,
        &[
            (402, "<html></html>"),
            (
                402,
                r#"{"error":{"message":"This request requires more credits, or fewer max_tokens.","code":402}}"#,
            ),
            (
                429,
                r#"{"error":{"message":"Check your plan.","type":"insufficient_quota","code":null}}"#,
            ),
            (
                400,
                r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low."}}"#,
            ),
            (
                400,
                r#"{"type":"error","error":{"type":"invalid_request_error","message":"You have reached your specified API usage limits. You will regain access on a later day."}}"#,
            ),
            (
                400,
                r#"{"error":{"message":"Billing hard limit has been reached","code":"billing_hard_limit_reached"}}"#,
            ),
            (
                429,
                r#"{"error":{"message":"Your account is suspended due to insufficient balance","type":"exceeded_current_quota_error"}}"#,
            ),
            (
                400,
                r#"{"code":"Arrearage","message":"Access denied, please make sure your account is in good standing."}"#,
            ),
            (
                403,
                r#"{"error":{"code":"AllocationQuota.FreeTierOnly","message":"The free tier of the model has been exhausted."}}"#,
            ),
            (429, r#"{"error":{"code":"1113","message":"余额不足"}}"#),
            (
                403,
                r#"{"error":{"code":"AccountOverdueError","message":"Overdue.","type":"Forbidden"}}"#,
            ),
            (403, r#"{"code":30001,"message":"Sorry, your account balance is insufficient"}"#),
            (IN_BAND, r#"{"status_code":1008,"status_msg":"insufficient balance"}"#),
            (
                403,
                r#"{"error":{"message":"用户额度不足","type":"new_api_error","code":"insufficient_user_quota"}}"#,
            ),
            (
                400,
                r#"{"error":{"message":"Budget has been exceeded! Current cost: 2, Max budget: 1","type":"budget_exceeded","code":"400"}}"#,
            ),
            (403, r#"{"error":{"message":"Key limit exceeded (total limit).","code":403}}"#),
            (
                412,
                r#"{"error":{"message":"Account a is suspended, possibly due to reaching the monthly spending limit"}}"#,
            ),
            (
                429,
                r#"{"error":{"code":429,"message":"You exceeded your current quota. * Quota exceeded for metric: free_tier_requests, limit: 0, model: m. Please retry in 30s.","status":"RESOURCE_EXHAUSTED"}}"#,
            ),
            (
                429,
                r#"{"error":{"code":429,"message":"You exceeded your current quota, please check your plan. Please retry in 30s.","status":"RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier","quotaValue":"20"}]},{"retryDelay":"30s"}]}}"#,
            ),
            (
                429,
                r#"[{"error":{"code":429,"message":"Quota exceeded for GenerateRequestsPerDay","status":"RESOURCE_EXHAUSTED"}}]"#,
            ),
            (
                429,
                r#"{"error":{"message":"Rate limit reached on tokens per day (TPD): Limit 100, Used 99. Please try again in 17m26.4s.","code":"rate_limit_exceeded"}}"#,
            ),
            (
                429,
                r#"{"error":{"message":"Rate limit exceeded: free-models-per-day. Add 10 credits to unlock more","code":429}}"#,
            ),
        ],
    );
}

#[test]
fn a_limit_of_a_minute_passes() {
    all_mean(
        |meaning| *meaning == Meaning::TooFast,
        &[
            (429, ""),
            (
                429,
                r#"{"error":{"message":"Rate limit reached on requests per min (RPM). Please try again in 20s.","code":"rate_limit_exceeded"}}"#,
            ),
            (
                429,
                r#"{"error":{"message":"Rate limit reached on requests per day (RPD): Limit 10000. Please try again in 8.64s.","code":"rate_limit_exceeded"}}"#,
            ),
            (
                429,
                r#"{"error":{"code":429,"message":"Resource has been exhausted (e.g. check quota).","status":"RESOURCE_EXHAUSTED"}}"#,
            ),
            (
                429,
                r#"{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details. Please retry in 12s.","status":"RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier"}]}]}}"#,
            ),
            (
                429,
                r#"{"error":{"code":"429","message":"Requests have exceeded call rate limit of your pricing tier. Retry after 7 seconds. To increase the quota limit see our page."}}"#,
            ),
            (429, r#"{"error":{"code":"1302","message":"您的账户已达到速率限制"}}"#),
            (429, r#"{"code":"Throttling.RateQuota","message":"Requests rate limit exceeded"}"#),
            (IN_BAND, r#"{"status_code":1002,"status_msg":"rate limit"}"#),
        ],
    );
}

#[test]
fn a_prompt_that_does_not_fit_is_known() {
    all_mean(
        |meaning| matches!(meaning, Meaning::TooLong(_)),
        &[
            (400, r#"{"error":{"message":"Too much.","code":"context_length_exceeded"}}"#),
            (
                400,
                r#"{"object":"error","message":"max_tokens is too large: 512. This model's maximum context length is 2048 tokens.","code":400}"#,
            ),
            (
                400,
                r#"{"error":{"message":"more than the available context size","type":"exceed_context_size_error"}}"#,
            ),
            (400, r#"{"error":{"message":"prompt is too long: 2100 tokens > 2000 maximum"}}"#),
            (
                400,
                r#"{"error":{"message":"input length and `max_tokens` exceed context limit: 19 + 2 > 20, decrease input length"}}"#,
            ),
            (
                422,
                r#"{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 40."}"#,
            ),
            (400, r#"{"message":"Range of input length should be [1, 30720]"}"#),
            (
                400,
                r#"{"error":{"message":"Invalid request: Your request exceeded model token limit: 8192"}}"#,
            ),
            (400, r#"{"error":{"code":"1261","message":"Prompt 超长"}}"#),
            (
                413,
                r#"{"error":{"message":"Request too large on tokens per minute (TPM): Limit 6, Requested 8","code":"rate_limit_exceeded"}}"#,
            ),
            (413, "<html>413 Request Entity Too Large</html>"),
            (
                400,
                r#"{"message":"The input (5000 tokens) is longer than the model's context length (4096 tokens)."}"#,
            ),
            (500, r#"{"error":"prompt too long; exceeded max context length by 2 tokens"}"#),
            (400, r#"{"message":"Input is too long for requested model."}"#),
        ],
    );
}

#[test]
fn a_parameter_that_is_not_taken_is_named() {
    for (status, body, field) in [
        (
            400,
            r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported here. Use 'max_completion_tokens' instead.","param":"max_tokens","code":"unsupported_parameter"}}"#,
            "max_tokens",
        ),
        (
            400,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"`temperature` is deprecated for this model."}}"#,
            "temperature",
        ),
        (
            422,
            r#"{"detail":[{"type":"extra_forbidden","loc":["body","seed"],"msg":"Extra inputs are not permitted","input":1}]}"#,
            "seed",
        ),
        (
            422,
            r#"{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]}}"#,
            "stream_options",
        ),
        (
            400,
            r#"{"error":{"message":"Provider returned error","metadata":{"raw":"{\"error\":{\"message\":\"Unsupported value: 'temperature' does not support 0 with this model.\",\"param\":\"temperature\"}}"}}}"#,
            "temperature",
        ),
        (500, r#"{"error":{"message":"Unrecognized request argument supplied: seed"}}"#, "seed"),
    ] {
        assert_eq!(meant(status, body), Meaning::NotTaken { field: field.to_owned() }, "{body}");
    }
}

#[test]
fn keys_and_models_that_are_not_there_are_told_apart() {
    all_mean(
        |meaning| *meaning == Meaning::KeyRefused,
        &[
            (401, ""),
            (403, "<html>Forbidden</html>"),
            (
                400,
                r#"{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"#,
            ),
            (
                400,
                r#"{"error":{"code":400,"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}}"#,
            ),
            (
                400,
                r#"{"code":"Client specified an invalid argument","error":"Incorrect API key provided: x."}"#,
            ),
            (400, r#"{"type":"error","error":{"message":"This organization has been disabled."}}"#),
            (
                403,
                r#"{"error":{"message":"Country, region, or territory not supported","code":"unsupported_country_region_territory"}}"#,
            ),
            (401, r#"{"error":{"code":"1002","message":"token invalid"}}"#),
            (IN_BAND, r#"{"status_code":2049,"status_msg":"invalid api key"}"#),
        ],
    );
    all_mean(
        |meaning| *meaning == Meaning::NotFound,
        &[
            (404, ""),
            (404, r#"{"error":{"message":"Model m not found.","type":"not_found_error"}}"#),
            (
                403,
                r#"{"error":{"message":"Project does not have access to model m","code":"model_not_found"}}"#,
            ),
            (400, r#"{"error":{"message":"Model Not Exist","code":"invalid_request_error"}}"#),
            (400, r#"{"error":{"message":"m is not a valid model ID","code":400}}"#),
            (400, r#"{"message":"Invalid model: m","type":"invalid_model","code":"1500"}"#),
            (
                400,
                r#"{"error":{"message":"The model m has been decommissioned","code":"model_decommissioned"}}"#,
            ),
            (400, r#"{"code":20012,"message":"Model does not exist. Please check it carefully."}"#),
            (400, r#"{"error":{"code":"1211","message":"模型不存在，请检查模型代码。"}}"#),
            (404, r#"{"error":"model 'm' not found, try pulling it first"}"#),
            (404, r#"{"error":{"code":"InvalidEndpointOrModel.NotFound","message":"No."}}"#),
        ],
    );
}

#[test]
fn what_passes_is_told_apart_from_what_is_wrong() {
    all_mean(
        |meaning| *meaning == Meaning::Passing,
        &[
            (408, ""),
            (409, ""),
            (425, r#"{"detail":"too early"}"#),
            (500, "out of order"),
            (503, r#"{"error":{"message":"Loading model","type":"unavailable_error"}}"#),
            (529, r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#),
            (IN_BAND, r#"{"message":"Provider returned error"}"#),
            (502, "<html>Bad gateway</html>"),
        ],
    );
    all_mean(
        |meaning| *meaning == Meaning::Wrong,
        &[
            (400, r#"{"error":{"message":"max_tokens must be <= 8192"}}"#),
            (
                400,
                r#"{"error":{"message":"Invalid value for messages[0].content: unsupported characters.","param":"messages"}}"#,
            ),
            (422, r#"{"detail":"no user message"}"#),
            (400, ""),
            (IN_BAND, r#"{"status_code":2013,"status_msg":"invalid params"}"#),
        ],
    );
}
