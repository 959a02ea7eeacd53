//! Runs: plan, dispatch, journal, resume, score. The journal is the truth; everything else is derived.

pub mod atomic_file;
pub mod derived;
pub mod dispatch;
pub mod driven;
pub mod error;
pub mod forgetting;
pub mod import;
pub mod integrity;
pub mod journal;
pub mod manifest;
pub mod observed;
pub mod plan;
pub mod several;
pub mod study;
pub mod validate;
