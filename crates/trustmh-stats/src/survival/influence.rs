//! What each conversation adds to the curve.

use super::{Course, End, Step, Survival};
use crate::clustered::{ClusterError, design_effect};
use crate::sample::Sample;

/// How well a share is known: as well as from so many independent observations, at this quantile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    pub(super) size: f64,
    pub(super) quantile: f64,
}

/// The infinitesimal jackknife of the log of the survival after each turn: what one more of this conversation would add to it. Of
/// all conversations together it comes to 0, and the sum of its squares is Greenwood's. Turns at which all fail add nothing.
pub(super) fn influences(course: Course, steps: &[Step]) -> Vec<f64> {
    let mut sum = 0.0;
    let at = |step: &Step| {
        let (n, d) = (step.at_risk as f64, step.failed as f64);
        if course.turn >= step.turn && step.failed < step.at_risk {
            let fails = course.end == End::Failed && course.turn == step.turn;
            sum -= (f64::from(u8::from(fails)) - d / n) / (n - d);
        }
        sum
    };
    steps.iter().map(at).collect()
}

/// The spread of the share after a step at which some have failed and not all, conversations of one item being alike.
pub(super) fn clustered(survival: &Survival, step: &Step) -> Option<Spread> {
    let sample = pseudo_values(survival, step)?;
    let error = ClusterError::of(&sample)?;
    let own = step.survival * (1.0 - step.survival) / step.greenwood;
    let failed_is_rarer = step.survival > 0.5;
    let is_rarer = |course: &Course| {
        let failed = course.has_failed_by(step.turn);
        course.is_known_at(step.turn) && failed == failed_is_rarer
    };
    let rarer = survival.courses.iter().map(|course| f64::from(u8::from(is_rarer(course))));
    let rarer = Sample::clustered(rarer.collect(), &survival.clusters).ok()?;
    let rarer = rarer.cluster_sums(|value| value);
    let effect = design_effect(error, step.greenwood, &rarer, &sample.cluster_sizes());
    Some(Spread { size: own / effect, quantile: error.quantile()? })
}

/// A number for each conversation, so that their mean is the survival after the step and their spread its own: the
/// survival and n times the conversation's influence on it. Without censoring it is whether the conversation is clear.
fn pseudo_values(survival: &Survival, step: &Step) -> Option<Sample> {
    let n = survival.courses.len() as f64;
    let steps = survival.steps.get(..step.turn as usize)?;
    let value = |course: &Course| {
        let influence = influences(*course, steps).last().copied().unwrap_or_default();
        step.survival * (1.0 + n * influence)
    };
    Sample::clustered(survival.courses.iter().map(value).collect(), &survival.clusters).ok()
}
