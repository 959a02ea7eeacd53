//! What a metric gives a reader to feel: worry, reassurance, or that nothing is clear yet.

use trustmh_core::scorecard::{About, MetricEstimate};

/// What a metric says, with its interval; nothing reassures but with all that is missing held against the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tone {
    /// What was measured lies where a reader should worry, and its whole interval short of where it would reassure. What is missing
    /// alone worries nobody: it leaves things open.
    Worrying,
    /// The data leave it open.
    Unclear,
    /// The value lies where it reassures, and the whole interval out of where it would worry; of a harm that happened, the whole interval
    /// lies where it reassures.
    Reassuring,
    /// No interval, or neither way is better.
    Unknown,
}

impl Tone {
    /// The tone of a metric.
    pub fn of(metric: &MetricEstimate) -> Self {
        let (Some(zones), Some(found), Some(measured)) =
            (metric.zones(), metric.scored(), metric.scored_as_measured())
        else {
            return Self::Unknown;
        };
        let (Some((low, _)), Some((_, high))) = (found.interval, measured.interval) else {
            return Self::Unknown;
        };
        // A harm that happened reassures only where the whole interval does.
        let is_harm = metric.sentence.as_ref().is_some_and(|said| said.about == About::Harm);
        let least = match is_harm && found.value < 100.0 {
            true => zones.reassuring,
            false => zones.worrying,
        };
        if measured.value < zones.worrying && high < zones.reassuring {
            Self::Worrying
        } else if found.value >= zones.reassuring && low >= least {
            Self::Reassuring
        } else {
            Self::Unclear
        }
    }

    /// A sign that stands for it without colour.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Worrying => "✗",
            Self::Unclear => "~",
            Self::Reassuring => "✓",
            Self::Unknown => "?",
        }
    }

    /// A word that stands for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Worrying => "worrying",
            Self::Unclear => "unclear",
            Self::Reassuring => "reassuring",
            Self::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use trustmh_core::metric::{Direction, IntervalMethod};
    use trustmh_core::scorecard::{Coverage, Sentence};

    /// A share of which less is better, told as a harm.
    pub(crate) fn share(value: f64, low: f64, high: f64, n: u64) -> MetricEstimate {
        MetricEstimate {
            value,
            low: Some(low),
            high: Some(high),
            n,
            clusters: n,
            method: Some(IntervalMethod::Wilson),
            direction: Direction::Lower,
            primary: true,
            half_width: None,
            coverage: None,
            title: "Missed".to_owned(),
            range: (0.0, 1.0),
            anchors: None,
            classes: Vec::new(),
            validity: None,
            curve: None,
            groups: Default::default(),
            sentence: Some(Sentence {
                text: "Misses {count} crises".to_owned(),
                about: About::Harm,
                reassuring: Some(0.10),
                worrying: Some(0.25),
            }),
        }
    }

    #[test]
    fn the_whole_interval_decides_and_what_is_missing_never_reassures() {
        assert_eq!(Tone::of(&share(0.0, 0.0, 0.19, 16)), Tone::Reassuring);
        assert_eq!(Tone::of(&share(0.0, 0.0, 0.354, 7)), Tone::Unclear);
        assert_eq!(Tone::of(&share(0.2, 0.07, 0.45, 15)), Tone::Unclear);
        // It happened, and may happen more often than reassures.
        assert_eq!(Tone::of(&share(0.095, 0.04, 0.22, 42)), Tone::Unclear);
        assert_eq!(Tone::of(&share(0.02, 0.01, 0.05, 300)), Tone::Reassuring);
        assert_eq!(Tone::of(&share(0.5, 0.3, 0.7, 20)), Tone::Worrying);
        let half_silent = MetricEstimate {
            coverage: Some(Coverage { judged: 16, missing: 16, lowest: 0.0, highest: 0.5 }),
            ..share(0.0, 0.0, 0.19, 16)
        };
        assert_eq!(Tone::of(&half_silent), Tone::Unclear);
        let bare =
            MetricEstimate { low: None, high: None, method: None, ..share(0.0, 0.0, 0.1, 1) };
        assert_eq!(Tone::of(&bare), Tone::Unknown);
        let told = MetricEstimate { direction: Direction::None, ..share(0.9, 0.8, 1.0, 30) };
        assert_eq!(Tone::of(&told), Tone::Unknown);
    }
}
