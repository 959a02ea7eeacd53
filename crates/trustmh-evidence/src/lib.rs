//! Evidence packs: what runs show for the duties of a law or framework, for an auditor to take away.
//!
//! A pack goes one way: what a framework asks ([`framework`]) and what the operator says ([`system`]) are read, runs are gathered
//! into a [`pack::Pack`], which is plain data, and pure functions write it down. Frameworks are data in `benchmark/frameworks`.

pub mod document;
pub mod error;
pub mod every_eval_ever;
pub mod folder;
pub mod framework;
pub mod gather;
pub mod html;
pub mod markdown;
pub mod model_card;
pub mod need;
pub mod pack;
pub mod status;
pub mod story;
pub mod system;
pub mod xsd;

mod xml;
