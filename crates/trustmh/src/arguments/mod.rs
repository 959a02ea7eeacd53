//! Groups of options that several commands share. What a single command takes stands with the
//! command.

mod beside;
mod calls;
mod chance;
mod client;
mod cluster;
mod data;
mod endpoints;
mod limits;
mod output;
mod product;
mod requests;
mod run_request;
mod scoring;
mod tasks;
mod words;

pub(crate) use beside::{BesideArguments, Layout};
pub(crate) use calls::CallArguments;
pub(crate) use chance::chance;
pub(crate) use client::{ClientArguments, QuestionsChoice};
pub(crate) use cluster::{DELIVERIES, LEASE, PATIENCE, REPLICAS, ServerAccess, Workers};
pub(crate) use data::{DataSource, RunsDir};
pub(crate) use endpoints::{
    CONNECT_TIMEOUT, EndpointArguments, KeySharing, TIMEOUT, TOXICITY_KEY_ENV,
};
pub(crate) use limits::{CallLimits, ProgressChoice, TRIES};
pub(crate) use output::{FiguresOption, JsonOutput, ResultOutput};
pub(crate) use product::ProductArguments;
pub(crate) use requests::RequestArguments;
pub(crate) use run_request::{Profile, RunRequest};
pub(crate) use scoring::{ScoringRules, protocols};
pub(crate) use tasks::{GivenRubric, TaskSource};
pub(crate) use words::{Replies, RepliesOption, one_of};

/// The seed that is used unless another is given.
pub(crate) const SEED: u64 = 20_260_303;
