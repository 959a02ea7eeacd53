//! The benchmark itself, pure: task files become trials, trials become calls, replies become scores,
//! scores become estimates. Nothing here talks to a model or touches the disk but the embedded files.

pub mod attack;
pub mod behind;
pub mod benchmark;
mod block;
pub mod caveats;
pub mod conversation;
pub mod error;
pub mod estimate;
mod exchanges;
pub mod expand;
pub mod fit;
pub mod gate;
pub mod identity;
pub mod judge;
pub mod kind;
pub mod parse;
pub mod perturb;
pub mod plain;
pub mod published;
pub mod rubric;
pub mod rules;
pub mod schema;
pub mod score;
pub mod select;
pub mod task;
mod template;
pub mod walk;
