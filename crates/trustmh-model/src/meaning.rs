//! What an answer that brings no reply means: one table for all services, from status, names of errors and words.
//!
//! It asks for no dialect. Gateways pass on what other services said, within bodies of their own and under other statuses, so that
//! Gemini's words come from OpenAI-compatible servers and the other way round; the names of errors are told apart by themselves.

mod access;
mod credit;
mod echo;
mod length;
pub(crate) mod parameter;
pub(crate) mod report;
pub(crate) mod wait;
mod withheld;
mod words;

use std::time::Duration;

use crate::error::Size;
use report::Report;

/// What an answer without a reply means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The service withholds prompt or reply for what they say.
    Withheld,
    /// The prompt does not fit the model.
    TooLong(Option<Size>),
    /// The account is empty, or the quota of the day is spent.
    NoCredit,
    /// The key is not accepted, or may not do this.
    KeyRefused,
    /// There is no such model, or nothing below the base URL.
    NotFound,
    /// A parameter is not taken.
    NotTaken {
        /// Its path in the request.
        field: String,
    },
    /// Too many calls at once.
    TooFast,
    /// The server is at fault, or wants the call again.
    Passing,
    /// The call goes elsewhere.
    Redirected,
    /// This call is wrong.
    Wrong,
}

/// What an answer of this status means. `parameters` are those that were sent or had been left out already.
pub(crate) fn of(status: u16, report: &Report, parameters: &[String]) -> Meaning {
    let client = matches!(status, 400..=499);
    if matches!(status, 300..=399) {
        Meaning::Redirected
    } else if withheld::is_meant(status, report) {
        Meaning::Withheld
    } else if length::is_meant(status, report) {
        Meaning::TooLong(length::size(report))
    } else if credit::is_meant(status, report) {
        Meaning::NoCredit
    } else if let Some(field) = named_parameter(status, report, parameters) {
        Meaning::NotTaken { field: field.to_owned() }
    } else if access::is_model(status, report) {
        Meaning::NotFound
    } else if status == 403 && report.names(&["ratelimit", "toomanyrequests"]) {
        Meaning::TooFast
    } else if access::is_key(status, report) {
        Meaning::KeyRefused
    } else if status == 429 || ((client || status == IN_BAND) && is_rate(report)) {
        Meaning::TooFast
    } else if is_passing(status, report) {
        Meaning::Passing
    } else if client || (status == IN_BAND && is_wrong(report)) || status >= 500 {
        Meaning::Wrong
    } else {
        // An error that came with a status of success and names no other.
        Meaning::Passing
    }
}

/// The status of an error that came with a status of success and names none itself.
pub(crate) const IN_BAND: u16 = 0;

fn named_parameter<'p>(status: u16, report: &Report, parameters: &'p [String]) -> Option<&'p str> {
    let may_be = matches!(status, IN_BAND | 400 | 404 | 405 | 406 | 409..=428 | 500 | 501);
    may_be.then(|| parameter::not_taken(report, parameters)).flatten()
}

fn is_rate(report: &Report) -> bool {
    report.names(&[
        "ratelimit",
        "toomanyrequests",
        "throttling",
        "resourceexhausted",
        "requestlimit",
    ]) || report.is_named(&["1302", "1303", "1305", "1002", "1041"])
        || report.says(&["concurrency", "限流", "频率", "并发", "频繁"])
}

/// What is said under the status of a bad request by services that are at fault themselves.
const BUSY: [&str; 14] = [
    "is busy",
    "server busy",
    "overloaded",
    "temporarily unavailable",
    "timed out",
    "again later",
    "retry later",
    "retry shortly",
    "稍后再试",
    "稍后重试",
    "繁忙",
    "超时",
    "过载",
    "访问量过大",
];

fn is_passing(status: u16, report: &Report) -> bool {
    match status {
        // There will not be more memory the next time.
        500.. => !report.says(&["more system memory"]),
        408 | 409 | 424 | 425 | 498 | 499 => true,
        _ => {
            report.names(&[
                "overloaded",
                "modelisloading",
                "engineisbusy",
                "loadingmodel",
                "servicebusy",
                "serverbusy",
            ]) || report.says(&BUSY)
        }
    }
}

/// Whether an error that came with a status of success blames the request.
fn is_wrong(report: &Report) -> bool {
    report.names(&["invalidrequest", "invalidparam", "invalidargument", "badrequest"])
        || report.is_named(&["2013"])
}

/// When the service wants to be asked again, by what its answer says.
pub(crate) fn wait(body: &[u8], report: &Report) -> Option<Duration> {
    wait::retry_info(body).or(report.wait).or_else(|| wait::said(report))
}

#[cfg(test)]
mod tests;
