//! Small SVG drawings; each has a title and a description, and its numbers stand beside it.

mod dose;
mod stack;
mod steps;
mod track;

pub(crate) use dose::dose;
pub(crate) use stack::{Part, stack};
pub(crate) use steps::steps;
pub(crate) use track::{Line, banded, track};

fn fixed(value: f64) -> String {
    format!("{value:.2}")
}
