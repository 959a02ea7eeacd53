//! Runs, without the command line. One program, so that what tests share is built once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(dead_code, missing_docs, unreachable_pub)]

mod alike;
mod journal;
mod product;
mod record;
mod repeats;
mod room;
mod scales;
mod silence;
mod stop;
mod support;
mod validity;
