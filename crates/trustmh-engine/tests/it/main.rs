//! The engine, with its built-in benchmark. One program, so that what tests share is built once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(dead_code, missing_docs, unreachable_pub)]

mod anchors;
mod behind;
mod bounds;
mod conversations;
mod extended;
mod fit;
mod judge_address;
mod judged_talks;
mod label_and_rating_replies;
mod messages;
mod offline_judge;
mod over_turns;
mod parity;
mod perturb;
mod replies;
mod reply_examples_labels;
mod reply_examples_ratings;
mod reply_examples_refusals;
mod reply_examples_turns;
mod robustness;
mod scorers;
mod support;
mod trees;
mod two_runs;
mod vera;
mod verdict_replies;
mod walk;
