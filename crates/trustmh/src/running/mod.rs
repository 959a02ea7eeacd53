//! A run, from what was asked for to its report: prepared, executed, finished.

pub(crate) mod effect;
mod finished;
mod judge;
mod models;
pub(crate) mod observed;
mod open_files;
pub(crate) mod panel;
mod prepared;
mod prices;
mod request;
mod reuse;
pub(crate) mod together;

pub(crate) use finished::{Output, how_to_resume, shortfalls};
pub(crate) use judge::JudgeRequest;
pub(crate) use open_files::within as within_open_files;
pub(crate) use prepared::{GRACE, PreparedRun};
pub(crate) use prices::{dollars, judge_tokens_at_most, prices, tokens_at_most, unpriced};
pub(crate) use request::{
    chosen_tasks, conversations, judges, plan, plan_with_notes, requests_in_words,
};
