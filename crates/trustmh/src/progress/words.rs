//! Numbers of a run's progress as people read them.

use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The two largest units: `45s`, `2m38s`, `1h05m`, `2d03h`.
pub(super) fn time(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        ..MINUTE => format!("{seconds}s"),
        MINUTE..HOUR => format!("{}m{:02}s", seconds / MINUTE, seconds % MINUTE),
        HOUR..DAY => format!("{}h{:02}m", seconds / HOUR, seconds % HOUR / MINUTE),
        DAY.. => format!("{}d{:02}h", seconds / DAY, seconds % DAY / HOUR),
    }
}

/// Trials a second with one decimal, or a minute where that would be next to none.
pub(super) fn rate(per_second: f64) -> String {
    if per_second >= 0.1 {
        format!("{per_second:.1}/s")
    } else {
        format!("{:.1}/min", per_second * MINUTE as f64)
    }
}

/// `$0.12`, and of how many dollars at the most.
pub(super) fn money(dollars: f64, bound: Option<f64>) -> String {
    match bound {
        Some(bound) => format!("${dollars:.2} of ${bound:.2}"),
        None => format!("${dollars:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_their_two_largest_units() {
        let of = |seconds| time(Duration::from_secs(seconds));
        assert_eq!([of(0), of(59), of(158), of(3600)], ["0s", "59s", "2m38s", "1h00m"]);
        assert_eq!([of(3_905), of(86_399), of(183_600)], ["1h05m", "23h59m", "2d03h"]);
    }

    #[test]
    fn rates_have_one_decimal_and_money_two() {
        assert_eq!([rate(3.12), rate(0.1), rate(0.02)], ["3.1/s", "0.1/s", "1.2/min"]);
        assert_eq!(money(0.1249, None), "$0.12");
        assert_eq!(money(0.5, Some(5.0)), "$0.50 of $5.00");
    }
}
