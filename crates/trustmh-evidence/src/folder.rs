//! A pack as a folder: its files, their hashes, its seal; and the check of one that somebody was given.

mod files;
mod verify;
mod write;

pub use files::{File, MANIFEST, files};
pub use verify::verify;
pub use write::write;
