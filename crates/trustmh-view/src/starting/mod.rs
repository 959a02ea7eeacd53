//! Runs that are started from pages: what may be asked for, the processes that do it, and what is known while they go on.

mod form;
mod interim;
mod process;
mod program;
mod registry;
pub(crate) mod routes;
mod told;

pub use program::{
    Check, CheckState, DataFolder, KeyState, Offers, Outlook, Program, Refusal, SetHere,
    StopRequest, TestResult,
};
pub use registry::Starting;

pub(crate) use form::{Fault, Limits, Profile, STANDARD_ITEMS, Typed, Wanted};
pub(crate) use interim::{Figure, Freshness, Interim, PillarRow};
pub(crate) use process::{Now, Phase};
pub(crate) use told::Numbers;
