//! `trustmh`: how far can a language model be trusted with someone's mental health?

mod arguments;
mod atomic_file;
mod benchmark;
mod command_line;
mod commands;
mod dataset_folder;
mod failure;
mod figures;
mod heading;
mod matrices;
mod models;
mod nats;
mod progress;
mod proxies;
mod report_beside;
mod report_extras;
mod run_folder;
mod running;
mod runtime;
mod scorecards;
mod screen;
mod signals;
mod studying;
mod suggest;
mod user_folders;

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything starts a thread.
    #[cfg(feature = "local")]
    trustmh_local::one_thread_per_instance();
    match command_line::parse().command.run() {
        Ok(end) => end.into(),
        Err(failure) => {
            screen::say_failure(&failure);
            failure.exit.into()
        }
    }
}
