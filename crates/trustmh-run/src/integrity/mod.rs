//! Whether a run is what it says it is: seals, signatures, checks, bundles, repair.

pub mod bundle;
pub mod finding;
pub mod repair;
pub mod sealing;
pub mod signature;
pub mod verify;
