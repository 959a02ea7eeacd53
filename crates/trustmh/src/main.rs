//! `trustmh`: how far can a language model be trusted with someone's mental health?

mod arguments;
mod commands;
mod failure;
mod fake_provider;
mod models;
mod progress;
mod screen;
mod user_folders;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;

fn main() -> ExitCode {
    // Before anything starts a thread.
    #[cfg(feature = "local")]
    trustmh_local::one_thread_per_instance();
    let arguments = Arguments::parse();
    match commands::dispatch(arguments) {
        Ok(end) => end.into(),
        Err(failure) => {
            screen::say_failure(&failure);
            failure.exit.into()
        }
    }
}
