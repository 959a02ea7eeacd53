//! The program as its users meet it. One program, so that what tests share is built once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(dead_code, missing_docs, unreachable_pub)]

mod agreement;
mod bad_input;
mod baselines;
mod browser;
mod calibration;
mod cluster;
mod cluster_access;
mod cluster_faults;
mod cluster_isolation;
mod cluster_nodes;
mod cluster_strays;
mod compare;
mod crisis;
mod data;
mod docs;
mod engine;
mod export;
mod faults;
mod gate;
mod inert;
mod inspect_logs;
mod offline;
mod options;
mod own_schemes;
mod own_task;
mod panel;
mod providers;
mod rating;
mod recompute;
mod record;
mod records;
mod reliability;
mod report;
mod resume;
mod robustness;
mod secrets;
mod shell;
mod silence;
mod stop;
mod support;
mod unlike;
mod vera;
mod view;
mod viewer_promises;
