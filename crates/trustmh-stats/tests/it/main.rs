//! Estimators, on published data and on simulations. One program, so that what tests share is built once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(dead_code, missing_docs, unreachable_pub)]

mod coverage;
mod esconv;
mod people;
mod prediction_powered;
mod repeats;
mod survival;
mod vera_mh;
