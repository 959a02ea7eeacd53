//! The words every room of TrustMH speaks: pillars, tasks, items, trials, calls, outcomes, estimates.
//!
//! Nothing here reads or writes anything; the types travel from benchmark data to reports.

pub mod call;
pub mod codebook;
pub mod comparison;
pub mod digest;
pub mod facts;
pub mod id;
pub mod inert;
pub mod item;
pub mod message;
pub mod metric;
pub mod outcome;
pub mod panel;
pub mod perturbation;
pub mod pillar;
pub mod protocol;
pub mod reply;
pub mod request;
pub mod row;
pub mod scorecard;
pub mod scores;
pub mod thought;
pub mod trial;
pub mod unlike;
