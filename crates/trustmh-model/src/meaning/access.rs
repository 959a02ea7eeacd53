//! Keys that are not accepted, and models that are not there.

use super::report::Report;

/// Names of errors about keys, accounts and places, anywhere in the body.
const KEYS: [&str; 30] = [
    "authfailure",
    "invalidapikey",
    "apikeyinvalid",
    "apikeynotvalid",
    "incorrectapikey",
    "apikeyexpired",
    "expiredapikey",
    "apikeyismissing",
    "apikeymissing",
    "missingapikey",
    "noapikey",
    "invalidauthentication",
    "authenticationerror",
    "authenticationfailed",
    "authenticationfails",
    "unauthenticated",
    "unauthorized",
    "accesstokenexpired",
    "permissiondenied",
    "permissionerror",
    "accessdenied",
    "accountdeactivated",
    "consumersuspended",
    "servicedisabled",
    "unsupportedcountry",
    "unsupportedregion",
    "unsupporteduserlocation",
    "invalidiamtoken",
    "invalidsubscriptionkey",
    "unrecognizedclient",
];

/// What is said to people about them.
const KEY_PHRASES: [&str; 22] = [
    "user location is not supported",
    "country, region, or territory",
    "not available in your country",
    "not available in your region",
    "region is not supported",
    "organization has been disabled",
    "organization has been restricted",
    "organization is disabled",
    "account has been disabled",
    "account has been suspended",
    "account is not active",
    "account is inactive",
    "account is suspended",
    "your access was terminated",
    "must be a member of an organization",
    "ip not authorized",
    "no auth credentials",
    "token is invalid",
    "invalid credentials",
    "无效的令牌",
    "令牌",
    "身份验证",
];

/// What lets a caller in, and what may be wrong with it.
const ACCESS: &[&str] = &[
    "api key",
    "api-key",
    "api_key",
    "apikey",
    "access key",
    "secret key",
    "密钥",
    "access token",
    "credential",
];
const FAULTS: &[&str] = &[
    "invalid",
    "not valid",
    "incorrect",
    "expired",
    "missing",
    "revoked",
    "disabled",
    "malformed",
    "no longer",
    "provide a valid",
    "provide valid",
    "not provided",
    "does not exist",
    "not recognized",
    "leaked",
    "wrong",
    "无效",
    "过期",
    "错误",
    "不存在",
];

/// Accounts that are barred.
const ACCOUNTS: &[&str] = &["account", "organization", "workspace", "账户", "账号"];
const BARRED: &[&str] =
    &["suspended", "disabled", "deactivated", "banned", "terminated", "封禁", "停用"];

/// Numbers by which MiniMax and Spark name a bad key.
const KEY_NUMBERS: [&str; 4] = ["1004", "2049", "11200", "10005"];

/// Names of errors about models, anywhere in the body.
const MODELS: [&str; 17] = [
    "modelnotfound",
    "modelnotexist",
    "modeldoesnotexist",
    "modelnotopen",
    "modelnotavailable",
    "modelnotsupported",
    "modeldecommissioned",
    "invalidendpointormodel",
    "deploymentnotfound",
    "unknownmodel",
    "invalidmodel",
    "nosuchmodel",
    "notavalidmodel",
    "nomodelsloaded",
    "modelnotloaded",
    "unsupportedmodel",
    "modelnotallowed",
];

/// What is said to people about them.
const MODEL_PHRASES: [&str; 8] = [
    "未开通",
    "decommissioned",
    "no endpoints found",
    "no allowed providers",
    "try pulling it",
    "模型不存在",
    "无可用渠道",
    "does not have access to model",
];

/// Numbers by which Zhipu and SiliconFlow name an unknown model.
const MODEL_NUMBERS: [&str; 3] = ["1211", "20012", "1220"];

/// Whether the key, or what it may do, is at fault.
pub(super) fn is_key(status: u16, report: &Report) -> bool {
    match status {
        401 | 407 => true,
        403 => !is_model(status, report),
        _ if report.page || status >= 500 || status == 429 => false,
        _ => {
            report.names(&KEYS)
                || report.says(&KEY_PHRASES)
                || report.is_named(&KEY_NUMBERS)
                || report.is_named(&["invalidtoken"])
                || report.joins(&[ACCESS, FAULTS])
                || report.joins(&[ACCOUNTS, BARRED])
        }
    }
}

/// Whether the model, or the endpoint below the base URL, is not there.
pub(super) fn is_model(status: u16, report: &Report) -> bool {
    match status {
        404 | 405 | 410 => true,
        429 => false,
        // A gateway that has nobody to send the call to now.
        500.. => report.is_named(&["modelnotfound"]),
        _ if report.page => false,
        _ => {
            let named = report.names(&MODELS) || report.is_named(&MODEL_NUMBERS);
            // "Model m does not exist", "models/m is not found"
            let gone = [
                "does not exist",
                "not exist",
                "not found",
                "unknown",
                "not a valid",
                "is not available",
                "not be found",
            ];
            named
                || report.joins(&[&["模型"], &["不存在", "未找到", "已下线"]])
                || report.says(&MODEL_PHRASES)
                || (says_near(report, "model", &gone))
        }
    }
}

/// Whether one of `phrases` follows `word` within the same sentence.
fn says_near(report: &Report, word: &str, phrases: &[&str]) -> bool {
    const NEAR: usize = 80;
    report.words.text().match_indices(word).any(|(at, _)| {
        let after: String =
            report.words.text().get(at..).unwrap_or_default().chars().take(NEAR).collect();
        let sentence = after.split(['\n', ';']).next().unwrap_or_default();
        phrases.iter().any(|phrase| sentence.contains(phrase))
    })
}
