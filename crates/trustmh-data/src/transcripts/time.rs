//! Times as logs write them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Numbers below are no times of a conversation, but numbers of something: 1973 in seconds.
const EARLIEST: i64 = 100_000_000;

/// From here on a number counts milliseconds, microseconds, nanoseconds.
const MILLIS: i64 = 100_000_000_000;
const MICROS: i64 = MILLIS * 1_000;
const NANOS: i64 = MICROS * 1_000;

/// A time as RFC 3339, as `2026-05-01 10:00:00` (UTC), or as seconds or milliseconds since 1970.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>() {
        return unix(number);
    }
    if let Ok(seconds) = text.parse::<f64>() {
        // A fraction of a second is told to the millisecond; one of a millisecond is not told.
        let is_seconds = seconds.abs() < MILLIS as f64;
        let millis = if is_seconds { seconds * 1_000.0 } else { seconds };
        return unix(millis.round() as i64).filter(|_| millis.abs() < MICROS as f64);
    }
    text.parse().ok().or_else(|| without_zone(text))
}

fn unix(number: i64) -> Option<Timestamp> {
    match number {
        ..EARLIEST => None,
        EARLIEST..MILLIS => Timestamp::from_second(number).ok(),
        MILLIS..MICROS => Timestamp::from_millisecond(number).ok(),
        MICROS..NANOS => Timestamp::from_microsecond(number).ok(),
        NANOS.. => Timestamp::from_nanosecond(i128::from(number)).ok(),
    }
}

/// Without a zone it is UTC.
fn without_zone(text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix(" UTC").or_else(|| text.strip_suffix(" GMT")).unwrap_or(text);
    let time: DateTime = text.replace('/', "-").parse().ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_moment_is_written_in_many_ways() {
        for text in [
            "2026-05-01T10:00:00Z",
            "2026-05-01T12:00:00+02:00",
            "2026-05-01 10:00:00",
            " 2026-05-01T10:00:00 ",
            "2026-05-01 10:00:00 UTC",
            "2026/05/01 10:00:00",
            "1777629600",
            "1777629600.0",
            "1777629600000",
            "1777629600000000",
            "1777629600000000000",
        ] {
            assert_eq!(
                read(text).map(|at| at.to_string()).as_deref(),
                Some("2026-05-01T10:00:00Z"),
                "{text}"
            );
        }
        assert_eq!(read("1777629600.25").unwrap().to_string(), "2026-05-01T10:00:00.25Z");
        assert_eq!(read("2026-05-01").unwrap().to_string(), "2026-05-01T00:00:00Z");
    }

    #[test]
    fn anything_else_is_no_time() {
        for text in
            ["", "yesterday", "0", "-1", "42", "01.05.2026", "NaN", "inf", "1e300", "2026-13-01"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
