//! The benchmark itself, pure: task files become trials, trials become calls, replies become scores,
//! scores become estimates. Nothing here talks to a model or touches the disk but the embedded files.

pub mod attack;
pub mod benchmark;
pub mod caveats;
pub mod error;
pub mod estimate;
pub mod expand;
pub mod gate;
pub mod identity;
pub mod judge;
pub mod parse;
pub mod perturb;
pub mod published;
pub mod rubric;
pub mod score;
pub mod select;
pub mod task;
mod template;
mod terms;
pub mod walk;
