//! What one run's journal says: scores, the facts beside them, people's ratings.

pub mod annotations;
pub mod baselines;
pub mod by_card;
pub mod calibrate;
pub mod caveats;
pub mod facts;
pub mod family;
pub mod inspect;
mod lines;
pub mod marks;
pub mod observed;
pub mod people;
pub mod ratings;
pub mod remains;
pub mod rows;
pub mod score;
pub mod setup;
pub mod terms;
pub mod validity;
pub mod worst;
