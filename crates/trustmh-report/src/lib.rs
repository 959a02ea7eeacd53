//! Pure renderers: terminal, JSON, HTML, Markdown, LaTeX, JUnit, and tables of trials. Nothing is read; only tables of trials are
//! written as they come, for there may be very many.

pub mod agreement;
pub mod citation;
pub mod client;
pub mod comparison;
pub mod dataset_card;
pub mod document;
pub mod ending;
pub mod facts;
pub mod figure;
pub mod findings;
pub mod html;
pub mod json;
pub mod junit;
pub mod label;
pub mod matrix;
pub mod panel;
pub mod scale;
pub mod sections;
pub mod sentences;
pub mod several;
pub mod standing;
pub mod standings;
pub mod study;
pub mod terminal;
pub mod tone;
pub mod trials;

mod chart;
mod escape;
pub mod number;
mod survival;
pub mod validity;
