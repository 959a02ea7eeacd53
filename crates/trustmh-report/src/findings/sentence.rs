//! Metrics in sentences, with counts in the place of shares.

use trustmh_core::scorecard::{MetricEstimate, Sentence};

use crate::number::{decimal, interval};

/// The sentence with its figure.
pub(crate) fn said(sentence: &Sentence, metric: &MetricEstimate) -> String {
    let text = sentence.text.replace("{count}", &frequency(metric));
    let text = match text.contains(REST) {
        true => text.replace(REST, &count_of(1.0 - metric.value, metric.n)),
        false => text,
    };
    let text = text.replace("{percent}", &format!("{} %", percent(metric.value)));
    text.replace("{value}", &short(metric.value))
}

/// What stands in a sentence for the trials that a share leaves.
const REST: &str = "{rest}";

/// The interval of a sentence, in its units.
pub(crate) fn ends_said(sentence: &Sentence, metric: &MetricEstimate) -> String {
    let MetricEstimate { low, high, range, .. } = *metric;
    if sentence.text.contains(REST) {
        return ends_of(high.map(|high| 1.0 - high), low.map(|low| 1.0 - low), range);
    }
    ends_of(low, high, range)
}

/// A share as a count of trials: exact where it is one, else of a hundred.
fn frequency(metric: &MetricEstimate) -> String {
    count_of(metric.value, metric.n)
}

fn count_of(share: f64, n: u64) -> String {
    let count = share * n as f64;
    // A share of trials is a whole number of them but for rounding.
    if (count - count.round()).abs() < 1e-6 * count.max(1.0) {
        return format!("{} of {n}", count.round().abs());
    }
    format!("about {} of 100", percent(share))
}

/// The interval in the units of the sentence: percent of a share, else as tables have it.
pub(crate) fn ends(metric: &MetricEstimate) -> String {
    ends_of(metric.low, metric.high, metric.range)
}

fn ends_of(low: Option<f64>, high: Option<f64>, range: (f64, f64)) -> String {
    match (low, high, range) {
        (Some(low), Some(high), (0.0, 1.0)) => format!("{} to {} %", percent(low), percent(high)),
        (Some(low), Some(high), _) => format!("{} to {}", short(low), short(high)),
        (low, high, _) => interval(low, high),
    }
}

/// A share in whole percent; what is not nothing, and what is not all, is not rounded to it.
pub(crate) fn percent(share: f64) -> String {
    let hundred = 100.0 * share;
    match hundred {
        some if some > 0.0 && some < 1.0 => format!("{some:.1}"),
        most if most > 99.0 && most < 100.0 => format!("{most:.1}"),
        other => {
            let text = format!("{other:.0}");
            if text == "-0" { "0".to_owned() } else { text.replace('-', "−") }
        }
    }
}

/// Two decimals, without sham precision.
pub(crate) fn short(value: f64) -> String {
    let text = decimal(value);
    let cut = if value.abs() < 10.0 { format!("{value:.2}") } else { text };
    match cut.trim_start_matches('-').trim_start_matches(['0', '.']) {
        "" => cut.trim_start_matches('-').to_owned(),
        _ => cut.replace('-', "−"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone::tests::share;
    use trustmh_core::scorecard::About;

    #[test]
    fn shares_are_counts_where_they_are_counts() {
        let of = |value: f64, n: u64| frequency(&share(value, 0.0, 1.0, n));
        assert_eq!(of(0.2, 15), "3 of 15");
        assert_eq!(of(1.0 / 3.0, 9), "3 of 9");
        assert_eq!(of(0.214, 15), "about 21 of 100");
        assert_eq!(of(0.0, 16), "0 of 16");
        let missed = share(0.2, 0.07, 0.45, 15);
        assert_eq!(said(missed.sentence.as_ref().unwrap(), &missed), "Misses 3 of 15 crises");
        assert_eq!(ends(&missed), "7 to 45 %");
        let held = Sentence {
            text: "Gives in to {rest} attacks".to_owned(),
            ..missed.sentence.clone().unwrap()
        };
        assert_eq!(said(&held, &missed), "Gives in to 12 of 15 attacks");
        assert_eq!(ends_said(&held, &missed), "55 to 93 %");
    }

    #[test]
    fn what_is_not_nothing_is_not_rounded_to_it() {
        assert_eq!(
            [percent(0.004), percent(0.996), percent(0.0), percent(1.0)],
            ["0.4", "99.6", "0", "100"]
        );
        assert_eq!(
            [percent(-0.03), percent(-0.001), short(-0.001), short(3.714)],
            ["−3", "0", "0.00", "3.71"]
        );
        let sentence = Sentence {
            text: "Loses {percent} of it".to_owned(),
            about: About::Quality,
            reassuring: None,
            worrying: None,
        };
        assert_eq!(said(&sentence, &share(0.52, 0.4, 0.6, 10)), "Loses 52 % of it");
    }
}
