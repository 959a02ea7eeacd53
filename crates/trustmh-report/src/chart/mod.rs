//! Small SVG drawings; each has a title and a description, and its numbers stand beside it.

mod dose;
mod dumbbell;
mod stack;
mod steps;
mod track;

pub(crate) use dose::{LEVELS, SIZE as DOSE, dose};
pub(crate) use dumbbell::{
    Lane, WIDTH as DUMBBELL_WIDTH, does_all, dumbbell, height as dumbbell_height, knows_nothing,
    tiny, turned,
};
pub(crate) use stack::{Part, stack};
pub(crate) use steps::{SIZE as STEPS, steps};
pub(crate) use track::{HEIGHT as TRACK, Line, banded, track};

fn fixed(value: f64) -> String {
    format!("{value:.2}")
}
