//! What the headers of an answer say of limits: when to come back, what is left, and when that is renewed.

use reqwest::header::HeaderMap;
use std::time::Duration;

use crate::limit::Quota;
use crate::meaning::wait::spoken;

/// What is left of what a provider allows.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Quotas {
    /// Calls.
    pub(crate) calls: Option<Quota>,
    /// Tokens.
    pub(crate) tokens: Option<Quota>,
}

impl Quotas {
    /// In calls, where one takes so many tokens.
    pub(crate) fn in_calls(self, tokens: Option<u64>) -> Option<Quota> {
        let each = tokens.filter(|tokens| *tokens > 0).map(|tokens| tokens as f64);
        let by_tokens = self.tokens.zip(each).map(|(left, each)| Quota {
            limit: left.limit.map(|limit| limit / each),
            remaining: left.remaining / each,
            resets_in: left.resets_in,
        });
        match (self.calls, by_tokens) {
            (Some(calls), Some(tokens)) if tokens.remaining < calls.remaining => Some(tokens),
            (calls, tokens) => calls.or(tokens),
        }
    }
}

/// Limit, what is left and when it is renewed, by the names that providers give them.
pub(crate) fn quotas(headers: &HeaderMap) -> Quotas {
    const CALLS: [[&str; 3]; 4] = [
        [
            "x-ratelimit-limit-requests",
            "x-ratelimit-remaining-requests",
            "x-ratelimit-reset-requests",
        ],
        [
            "anthropic-ratelimit-requests-limit",
            "anthropic-ratelimit-requests-remaining",
            "anthropic-ratelimit-requests-reset",
        ],
        ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"],
        ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"],
    ];
    const TOKENS: [[&str; 3]; 2] = [
        ["x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"],
        [
            "anthropic-ratelimit-tokens-limit",
            "anthropic-ratelimit-tokens-remaining",
            "anthropic-ratelimit-tokens-reset",
        ],
    ];
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let count = |name: &str| {
        let count = text(name)?.parse::<f64>().ok()?;
        (count.is_finite() && count >= 0.0).then_some(count)
    };
    let quota = |[limit, left, reset]: &[&str; 3]| {
        let (remaining, resets_in) = (count(left)?, text(reset).and_then(moment)?);
        Some(Quota { limit: count(limit), remaining, resets_in })
    };
    Quotas { calls: CALLS.iter().find_map(quota), tokens: TOKENS.iter().find_map(quota) }
}

/// When the server wants to be asked again: `retry-after-ms`, or `retry-after` in seconds or as a date.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let seconds = |text: &str| text.parse::<f64>().ok();
    let from = |seconds: f64| Duration::try_from_secs_f64(seconds).ok();
    let millis = ["retry-after-ms", "x-ms-retry-after-ms"].into_iter().find_map(text);
    if let Some(wait) = millis.and_then(seconds).and_then(|ms| from(ms / 1000.0)) {
        return Some(wait);
    }
    let value = ["retry-after", "x-retry-after"].into_iter().find_map(text)?;
    seconds(value).map_or_else(|| until(value).or_else(|| spoken(value)), from)
}

/// When the limits end that are spent: of requests or tokens, as a span, a moment, or seconds from now or from 1970.
pub(crate) fn reset_after(headers: &HeaderMap) -> Option<Duration> {
    const LIMITS: [(&str, &str); 6] = [
        ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
        ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
        ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
        ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"),
        ("x-ratelimit-remaining", "x-ratelimit-reset"),
        ("ratelimit-remaining", "ratelimit-reset"),
    ];
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let waits = LIMITS.into_iter().filter_map(|(left, reset)| {
        let spent = text(left).is_none_or(|left| left.parse::<f64>().is_ok_and(|left| left <= 0.0));
        text(reset).filter(|_| spent).and_then(moment)
    });
    waits.max()
}

/// A moment to come: seconds or milliseconds since 1970, seconds from now, a span or a date.
fn moment(text: &str) -> Option<Duration> {
    const YEAR_2001: f64 = 1.0e9;
    let Ok(number) = text.parse::<f64>() else {
        let date = text.parse::<jiff::Timestamp>().ok().map(from_now);
        return date.or_else(|| until(text)).or_else(|| spoken(text));
    };
    let seconds = if number >= YEAR_2001 * 1000.0 { number / 1000.0 } else { number };
    if seconds < YEAR_2001 {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let now = jiff::Timestamp::now().as_millisecond() as f64 / 1000.0;
    Duration::try_from_secs_f64((seconds - now).max(0.0)).ok()
}

/// From now until an HTTP date; none if it is no date, zero if it is past.
fn until(date: &str) -> Option<Duration> {
    let then = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
    Some(from_now(then))
}

fn from_now(then: jiff::Timestamp) -> Duration {
    Duration::try_from(then.duration_since(jiff::Timestamp::now())).unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wait(name: &'static str, value: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        retry_after(&headers)
    }

    #[test]
    fn retry_after_takes_seconds_milliseconds_and_dates() {
        assert_eq!(wait("retry-after", "7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("retry-after", "0.5"), Some(Duration::from_millis(500)));
        assert_eq!(wait("retry-after-ms", "250"), Some(Duration::from_millis(250)));
        assert_eq!(wait("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        let far = wait("retry-after", "Thu, 21 Oct 2100 07:28:00 GMT").unwrap();
        assert!(far > Duration::from_secs(1_000_000));
        assert_eq!(wait("retry-after", "soon"), None);
        assert_eq!(wait("retry-after", "-3"), None);
        assert_eq!(wait("retry-after", "NaN"), None);
    }

    #[test]
    fn a_spent_limit_tells_when_it_ends() {
        let reset = |fields: &[(&'static str, String)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in fields {
                headers.insert(*name, value.parse().unwrap());
            }
            reset_after(&headers)
        };
        let spent = |left: &str, span: &str| {
            reset(&[
                ("x-ratelimit-remaining-requests", left.to_owned()),
                ("x-ratelimit-reset-requests", span.to_owned()),
            ])
        };
        assert_eq!(spent("0", "1m2s"), Some(Duration::from_secs(62)));
        assert_eq!(spent("7", "1m2s"), None);
        let soon = jiff::Timestamp::now().as_millisecond() + 30_000;
        for value in [soon.to_string(), (soon / 1000).to_string(), "30".to_owned()] {
            let wait = reset(&[("x-ratelimit-reset", value.clone())]).unwrap();
            assert!((25..=30).contains(&wait.as_secs()), "{value}: {wait:?}");
        }
    }

    proptest! {
        #[test]
        fn retry_after_takes_any_text(value in "[ -~]{0,40}") {
            let _ = wait("retry-after", &value);
        }
    }

    #[test]
    fn what_is_left_is_read_by_the_names_of_each_provider() {
        let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(30);
        let read = |fields: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in fields {
                headers.insert(*name, value.parse().unwrap());
            }
            quotas(&headers)
        };
        let openai = read(&[
            ("x-ratelimit-limit-requests", "500"),
            ("x-ratelimit-remaining-requests", "499"),
            ("x-ratelimit-reset-requests", "120ms"),
            ("x-ratelimit-limit-tokens", "30000"),
            ("x-ratelimit-remaining-tokens", "1000"),
            ("x-ratelimit-reset-tokens", "58s"),
        ]);
        let calls =
            Quota { limit: Some(500.0), remaining: 499.0, resets_in: Duration::from_millis(120) };
        assert_eq!(openai.calls, Some(calls));
        // Of calls that take 200 tokens only five are left.
        let tight =
            Quota { limit: Some(150.0), remaining: 5.0, resets_in: Duration::from_secs(58) };
        assert_eq!(openai.in_calls(Some(200)), Some(tight));
        assert_eq!(openai.in_calls(None), Some(calls));
        let anthropic = read(&[
            ("anthropic-ratelimit-requests-remaining", "7"),
            ("anthropic-ratelimit-requests-reset", &soon.to_string()),
        ]);
        let seconds = anthropic.calls.unwrap().resets_in.as_secs();
        assert!((28..=30).contains(&seconds), "{seconds}");
        for value in ["-1", "NaN", "inf", "many", ""] {
            let none = read(&[("ratelimit-remaining", value), ("ratelimit-reset", "5")]);
            assert_eq!(none.in_calls(Some(1)), None, "{value}");
        }
    }
}
