//! Models, against servers that answer as services do. One program, so that what tests share is built once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(dead_code, missing_docs, unreachable_pub)]

mod callable;
mod command;
mod docs;
mod openai_calls;
mod openai_errors;
mod plain_http;
mod providers;
mod scripted;
mod server;
mod thinking;
