//! Several runs beside each other: what may be compared, and what comes of it.

pub mod comparability;
pub mod compare;
pub mod leaderboard;
pub mod panel;
pub mod standings;
