//! Pure renderers of a scorecard: terminal, JSON, HTML. Text in, text out; nothing is read or written.

pub mod agreement;
pub mod comparison;
pub mod facts;
pub mod html;
pub mod json;
pub mod junit;
pub mod panel;
pub mod sections;
pub mod standings;
pub mod terminal;

mod chart;
mod inert;
pub mod number;
