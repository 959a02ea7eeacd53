//! Accounts that are empty, and quotas that are spent for the day or longer.

use super::report::Report;
use super::wait;
use super::words::holds;

/// Names of errors, anywhere in the body.
const NAMES: [&str; 31] = [
    "insufficientquota",
    "insufficientbalance",
    "insufficientcredit",
    "insufficientfunds",
    "insufficientuserquota",
    "preconsumetokenquotafailed",
    "creditbalanceexhausted",
    "billinghardlimit",
    "billingnotactive",
    "billinglimit",
    "billingerror",
    "exceededcurrentquota",
    "arrearage",
    "accessdeniedarrears",
    "accountoverdue",
    "overduebalance",
    "postpaidbilloverdue",
    "prepaidbilloverdue",
    "paymentrequired",
    "freetieronly",
    "spendlimitreached",
    "spendinglimit",
    "setlimitexceeded",
    "budgetexceeded",
    "exceededbudget",
    "budgethasbeenexceeded",
    "usagelimitreached",
    "overbudget",
    "creditlimitexceeded",
    "outofcredits",
    "billingdisabled",
];

/// Numbers by which Zhipu, MiniMax, SiliconFlow and Spark name it.
const NUMBERS: [&str; 8] = ["1113", "1008", "2056", "30001", "1308", "1309", "1310", "11201"];

/// What is said to people.
const PHRASES: [&str; 45] = [
    "no quota left",
    "no credit left",
    "credit balance",
    "insufficient balance",
    "insufficient credit",
    "insufficient fund",
    "insufficient account balance",
    "balance is insufficient",
    "balance insufficient",
    "balance is too low",
    "balance too low",
    "balance is not enough",
    "not enough credit",
    "not enough balance",
    "out of credit",
    "no credits",
    "no remaining credits",
    "credits remaining",
    "available credits",
    "included credits",
    "credits have been exhausted",
    "credits exhausted",
    "credit limit exceeded",
    "spending limit",
    "spend limit",
    "monthly limit",
    "monthly budget",
    "billing hard limit",
    "billing limit",
    "api usage limits",
    "regain access",
    "key limit exceeded",
    "quota has been used up",
    "quota is used up",
    "quota used up",
    "quota exhausted",
    "free tier of the model has been exhausted",
    "free quota",
    "free allocated quota",
    "overdue",
    "past invoices",
    "unpaid invoice",
    "payment required",
    "calls / month",
    "not purchased",
];

/// The same in Chinese.
const CHINESE: [&str; 13] = [
    "余额不足",
    "欠费",
    "额度不足",
    "额度已用",
    "额度用完",
    "额度失败",
    "额度已耗尽",
    "额度耗尽",
    "免费额度",
    "配额不足",
    "配额已用",
    "资源包",
    "套餐已到期",
];

/// What a service sells: said of an empty account, and as an advertisement beside a limit that passes.
const OFFERS: &[&str] =
    &["payment method", "more credits", "充值", "billing to be enabled", "enable billing"];

/// What calls are paid with, and what becomes of it.
const MEANS: &[&str] = &[
    "free plan",
    "free tier",
    "credit",
    "balance ",
    "account balance",
    "funds",
    "prepaid",
    "prepayment",
    "trial",
    "subscription",
    "余额",
    "额度",
    "限额",
    "配额",
    "免费次数",
    "资源包",
    "套餐",
    "token quota",
    "wallet",
    "quota of this",
];
const SPENT: &[&str] = &[
    "consumed",
    "insufficient",
    "exhausted",
    "depleted",
    "run out",
    "ran out",
    "used up",
    "used all",
    "not enough",
    "too low",
    "expired",
    "has ended",
    "period ended",
    "ended",
    "no remaining",
    "overdue",
    "have been used",
    "negative",
    "不足",
    "不够",
    "用完",
    "用尽",
    "用光",
    "耗尽",
    "到期",
    "过期",
    "已达上限",
    "为零",
    "欠",
];

/// What is short for a moment only.
const RATES: &[&str] = &[
    "rate limit",
    "rate-limit",
    "rpm",
    "tpm",
    "concurren",
    "per minute",
    "every minute",
    "requests/min",
    "并发",
    "频率",
    "每分钟",
    "限流",
];

/// Quotas of a day; a few calls a minute may still get through where the service says to come back soon.
const DAILY: &[&str] = &[
    "rpd ",
    "tpd ",
    "per day",
    "per-day",
    "daily",
    "(rpd)",
    "(tpd)",
    "for the day",
    "for today",
    "per month",
    "per-month",
    "monthly",
    "weekly",
    "per week",
    "this month",
    "this week",
    "midnight",
    "今日",
    "当日",
    "每日",
    "每天",
    "每月",
    "每周",
];

/// Whether no call can be paid for any more.
pub(super) fn is_meant(status: u16, report: &Report) -> bool {
    if report.page {
        return status == 402;
    }
    if status == 402 || report.is_named(&NUMBERS) {
        return true;
    }
    // Who cannot look up an account has not found it empty.
    if status >= 500 && report.is_of_now() {
        return false;
    }
    let limited = status == 429
        || (status == super::IN_BAND
            && report.says(&["limit", "quota", "used up", "用完", "上限"]))
        || report.names(&["resourceexhausted", "ratelimit", "toomanyrequests", "throttling"]);
    let of_day = report.names(&["perday", "permonth"]) || report.says(DAILY);
    let of_minute = report.names(&["perminute", "persecond"]) || report.says(&["(rpm)", "(tpm)"]);
    if limited {
        if grants_nothing(report) {
            return true;
        }
        if of_day && (!of_minute || report.names(&["perdayper"])) {
            // Of a window that slides, a place comes free in time; the quota of Gemini's day names a wait that does not help.
            let soon = wait::said(report).is_some_and(|wait| wait <= wait::WORTH_WAITING);
            return !soon || report.names(&["perdayper"]);
        }
        if report.names(&["resourceexhausted"]) && (of_minute || wait::said(report).is_some()) {
            return false;
        }
    }
    if of_minute && !report.is_named(&["insufficientquota"]) {
        return false;
    }
    let told = report.names(&NAMES)
        || report.says(&PHRASES)
        || report
            .words
            .sentences()
            .any(|sentence| holds(sentence, &CHINESE) && !holds(sentence, RATES));
    status != 404 && (told || is_said(status, report))
}

/// Whether an error that is about nothing else says so in words of its own.
fn is_said(status: u16, report: &Report) -> bool {
    let may_be = matches!(status, super::IN_BAND | 400 | 401 | 403 | 412 | 429);
    let offered = report.says(OFFERS) && !super::is_rate(report);
    let spent = |sentence: &str| {
        holds(sentence, MEANS) && holds(sentence, SPENT) && !holds(sentence, RATES)
    };
    may_be && (offered || report.words.sentences().any(spent))
}

/// A quota of nothing at all.
fn grants_nothing(report: &Report) -> bool {
    report.words.text().split("limit: 0").skip(1).any(|after| {
        !after.starts_with(|c: char| c.is_ascii_digit())
            && !after
                .strip_prefix('.')
                .is_some_and(|after| after.starts_with(|c: char| c.is_ascii_digit()))
    })
}
