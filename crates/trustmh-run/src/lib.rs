//! Runs: plan, dispatch, journal, resume, score. The journal is the truth; everything else is derived.

pub mod annotations;
pub mod baselines;
pub mod calibrate;
pub mod comparability;
pub mod compare;
pub mod cuts;
pub mod dispatch;
pub mod error;
pub mod facts;
pub mod family;
pub mod forecast;
pub mod import;
pub mod inspect;
pub mod journal;
pub mod leaderboard;
pub mod manifest;
pub mod panel;
pub mod people;
pub mod plan;
pub mod prices;
pub mod ratings;
pub mod rows;
pub mod score;
pub mod standings;
pub mod verify;
pub mod worst;
