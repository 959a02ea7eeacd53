//! A study: one file that says which subjects are asked, by whom they are judged, on what, and within which limits. Here it is read and
//! checked, and what it was is locked; nothing is asked.

mod credentials;
mod differences;
mod error;
mod file;
mod lanes;
mod lock;
mod names;
mod place;
mod read;
mod recorded;

pub use error::StudyError;
pub use file::{
    About, Calls, Client, Data, Judge, Limits, Options, Profile, Prompt, Questions, StudyFile,
    Subject, Toxicity, schema,
};
pub use lanes::{Endpoint, lanes};
pub use lock::{
    FILE as LOCK, Lock, LockFault, LockedFile, LockedJudge, LockedModel, LockedPrices, LockedRun,
    LockedTask, Made, RUNS, STUDY,
};
pub use names::{folder_name, folder_names};
pub use read::{StudySource, template};
pub use recorded::{Counted, RunRecord, recorded};
