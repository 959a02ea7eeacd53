//! A study, from its file to its comparison: opened, planned, worked on, reported.

mod folder;
mod opened;
mod outcome;
mod pages;
mod place;
mod planned;
mod requests;
mod said;
mod work;

pub(crate) use folder::{Kept, create, occupied};
pub(crate) use opened::{Elsewhere, OpenStudy};
pub(crate) use outcome::{Tried, graver};
pub(crate) use pages::{Reported, RunState, report};
pub(crate) use place::{Named, usual_folder};
pub(crate) use planned::{PlannedRun, again, lock, planned};
pub(crate) use said::changes_since;
pub(crate) use work::{Bounds, Work};
