//! Rating scales: the numbers a rating may be.

use serde::{Deserialize, Serialize};

use super::Fault;
use crate::id::ScaleName;

/// A scale: from one number to another, in steps or without, or a list of values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatingScale {
    /// The name by which items refer to it, that of its file.
    pub name: ScaleName,
    /// What is rated, in a few words.
    pub title: String,
    /// The lowest rating.
    #[serde(default)]
    pub from: Option<f64>,
    /// The highest rating.
    #[serde(default)]
    pub to: Option<f64>,
    /// From one rating to the next; without it every number between the ends is one.
    #[serde(default)]
    pub step: Option<f64>,
    /// All ratings, the lowest first, in the place of `from`, `to` and `step`.
    #[serde(default)]
    pub values: Vec<f64>,
    /// The words for the lowest and the highest rating.
    #[serde(default)]
    pub ends: Option<(String, String)>,
}

/// How far a number may be off for reasons of arithmetic alone.
const SAME: f64 = 1e-9;

/// More ratings than this are no scale that anybody could be shown.
const MOST: f64 = 1000.0;

/// More steps than this are not listed one by one.
const MOST_LISTED: f64 = 20.0;

impl RatingScale {
    /// The lowest and the highest rating.
    pub fn range(&self) -> (f64, f64) {
        let of_list = || self.values.first().copied().zip(self.values.last().copied());
        self.from.zip(self.to).or_else(of_list).unwrap_or_default()
    }

    /// From one rating to the next, the widest step where they differ; none where every number is a rating.
    pub fn widest_step(&self) -> Option<f64> {
        let gaps = self.values.windows(2).filter_map(|pair| Some(pair.last()? - pair.first()?));
        self.step.or_else(|| gaps.reduce(f64::max))
    }

    /// Whether a number is a rating of the scale.
    pub fn has(&self, value: f64) -> bool {
        let (low, high) = self.range();
        let inside = (low - SAME..=high + SAME).contains(&value);
        inside
            && match self.step {
                Some(step) => is_whole((value - low) / step),
                None if self.values.is_empty() => true,
                None => self.values.iter().any(|known| (known - value).abs() < SAME),
            }
    }

    /// Whether any rating has a fraction.
    pub fn has_fractions(&self) -> bool {
        match self.step {
            Some(step) => !is_whole(step) || !is_whole(self.range().0),
            None => self.values.is_empty() || self.values.iter().any(|value| !is_whole(*value)),
        }
    }

    /// All ratings, the lowest first; none where there are too many to be listed.
    pub fn ratings(&self) -> Vec<f64> {
        let (low, high) = self.range();
        match self.step {
            Some(step) if (high - low) / step <= MOST_LISTED => {
                let steps = ((high - low) / step).round() as u32;
                (0..=steps).map(|number| low + step * f64::from(number)).collect()
            }
            Some(_) => Vec::new(),
            None => self.values.clone(),
        }
    }

    /// The ratings as a prompt prints them: all of them, or the ends of many.
    pub fn listed(&self) -> String {
        let (low, high) = self.range();
        let ratings = self.ratings();
        match self.step {
            _ if !ratings.is_empty() => {
                ratings.into_iter().map(shown).collect::<Vec<_>>().join(", ")
            }
            Some(step) => {
                format!("{} to {} in steps of {}", shown(low), shown(high), shown(step))
            }
            None => format!("any number from {} to {}", shown(low), shown(high)),
        }
    }

    /// The rating farthest from a key; of two that are as far the lower one.
    pub fn farthest(&self, key: f64) -> f64 {
        let (low, high) = self.range();
        if high - key > key - low { high } else { low }
    }

    /// What a scale must keep to beyond its form.
    ///
    /// # Errors
    /// [`Fault`], with the field.
    pub fn check(&self) -> Result<(), Fault> {
        if let Some((low, high)) = &self.ends
            && (low.trim().is_empty() || low.trim().to_lowercase() == high.trim().to_lowercase())
        {
            return Err(Fault::new("ends", "must be two different words or phrases"));
        }
        match (self.from, self.to) {
            (Some(from), Some(to)) if self.values.is_empty() => self.check_steps(from, to),
            (None, None) if self.step.is_none() && !self.values.is_empty() => self.check_values(),
            _ => Err(Fault::new(
                "from",
                "a scale has `from` and `to`, and mostly `step`, or else `values` alone",
            )),
        }
    }

    fn check_steps(&self, from: f64, to: f64) -> Result<(), Fault> {
        if !(from.is_finite() && to.is_finite() && from < to) {
            return Err(Fault::new("to", format!("{} is not above {}", shown(to), shown(from))));
        }
        let Some(step) = self.step else { return Ok(()) };
        if step.is_nan() || step <= 0.0 {
            return Err(Fault::new("step", format!("{} is not above 0", shown(step))));
        }
        let steps = (to - from) / step;
        if steps > MOST {
            return Err(Fault::new(
                "step",
                format!("makes more than {MOST} ratings; leave it out where every number is one"),
            ));
        }
        if !is_whole(steps) {
            let reached = from + step * steps.floor();
            let message = format!(
                "{} does not divide the scale: from {} its steps reach {}, not {}",
                shown(step),
                shown(from),
                shown(reached),
                shown(to)
            );
            return Err(Fault::new("step", message));
        }
        Ok(())
    }

    fn check_values(&self) -> Result<(), Fault> {
        if self.values.len() < 2 {
            return Err(Fault::new("values", "a choice takes at least two values"));
        }
        for pair in self.values.windows(2) {
            if let [one, next] = pair
                && (!next.is_finite() || one + SAME >= *next)
            {
                let message = format!(
                    "{} does not come after {}: the lowest is first, and each stands there once",
                    shown(*next),
                    shown(*one)
                );
                return Err(Fault::new("values", message));
            }
        }
        Ok(())
    }
}

/// A number without what arithmetic adds to it.
pub fn shown(number: f64) -> String {
    let rounded = (number * 1e9).round() / 1e9;
    // No minus before a nought.
    format!("{}", rounded + 0.0)
}

fn is_whole(number: f64) -> bool {
    (number - number.round()).abs() < 1e-6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(text: &str) -> RatingScale {
        toml::from_str(&format!("name = \"fit\"\ntitle = \"Fit\"\n{text}")).unwrap()
    }

    fn fault(text: &str) -> String {
        let Fault { field, message } = scale(text).check().unwrap_err();
        format!("{field}: {message}")
    }

    #[test]
    fn steps_lists_and_all_numbers() {
        let steps = scale("from = -3\nto = 3\nstep = 0.5");
        steps.check().unwrap();
        assert!(steps.has(-2.5) && steps.has(0.0) && !steps.has(0.25) && !steps.has(3.5));
        assert_eq!((steps.widest_step(), steps.has_fractions()), (Some(0.5), true));
        let list = scale("values = [-100, -50, 0, 50, 100]");
        list.check().unwrap();
        assert!(list.has(-50.0) && !list.has(25.0) && !list.has_fractions());
        assert_eq!((list.range(), list.widest_step()), ((-100.0, 100.0), Some(50.0)));
        assert_eq!(list.listed(), "-100, -50, 0, 50, 100");
        let all = scale("from = 0\nto = 10");
        all.check().unwrap();
        assert!(all.has(7.25) && !all.has(10.5));
        assert_eq!((all.listed().as_str(), all.widest_step()), ("any number from 0 to 10", None));
        assert_eq!(
            scale("from = -0.3\nto = 0.3\nstep = 0.1").listed(),
            "-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3"
        );
        assert_eq!(
            (steps.farthest(1.0), steps.farthest(0.0), steps.farthest(-0.5)),
            (-3.0, -3.0, 3.0)
        );
    }

    #[test]
    fn faults_say_what_would_be_right() {
        assert_eq!(
            fault("from = -3\nto = 3\nstep = 4"),
            "step: 4 does not divide the scale: from -3 its steps reach 1, not 3"
        );
        assert_eq!(fault("from = 3\nto = -3\nstep = 1"), "to: -3 is not above 3");
        assert_eq!(fault("from = 0\nto = 3\nstep = 0"), "step: 0 is not above 0");
        assert!(fault("from = 0\nstep = 1").starts_with("from: a scale has"));
        assert!(fault("from = 0\nto = 1\nvalues = [0, 1]").starts_with("from: a scale has"));
        assert!(fault("values = [0, 2, 1]").starts_with("values: 1 does not come after 2"));
        assert!(fault("values = [1]").starts_with("values: a choice takes"));
        assert!(fault("from = 0\nto = 1\nends = [\"bad\", \"Bad\"]").starts_with("ends: "));
        assert!(fault("from = 0\nto = 1\nstep = 0.0001").contains("more than 1000 ratings"));
    }
}
