//! Estimators with formula, source and golden values. Pure: no input, no output, no panics.
//!
//! Every function takes a [`sample::Sample`], which knows which observations belong together, and gives an
//! [`trustmh_core::metric::Estimate`], which carries its interval, its n and its number of clusters.

pub mod against_people;
pub mod agreement;
pub mod bootstrap;
mod clustered;
pub mod correlation;
pub mod dimension_score;
pub mod enough;
pub mod error;
pub mod labels;
pub mod mean;
pub mod misclassified;
pub mod mover;
pub mod multiplicity;
pub mod paired;
pub mod paired_bootstrap;
pub mod parity;
pub mod permutation;
mod piled;
pub mod power;
pub mod prediction_powered;
pub mod proportion;
pub mod ranks;
pub mod raters;
pub mod sample;
pub mod slope;
pub mod survival;
mod tango;
pub mod text;
