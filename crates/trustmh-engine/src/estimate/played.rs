//! How far whoever spoke for the client played its part, over the conversations of a task.

use trustmh_core::id::MeasureName;
use trustmh_core::metric::Estimate;
use trustmh_core::outcome::OutcomeCounts;
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::ClientFidelity;
use trustmh_core::scores::{Score, Scores};

use super::{mean_on, sample};
use crate::score::conversation::{CLIENT_DISCLOSED, CLIENT_REPEATS, CLIENT_RISK_SHOWN};
use crate::task::Task;

/// The fidelity of the clients of a task; none of a task without clients, and before any conversation has ended.
pub(super) fn fidelity(
    task: &Task,
    scores: &Scores,
    outcomes: &OutcomeCounts,
) -> Option<ClientFidelity> {
    if !task.has_clients() || outcomes.total() == 0 {
        return None;
    }
    let all: Vec<Score<'_>> = scores.iter().collect();
    let mean_of = |measure: &str| -> Option<Estimate> {
        let found = sample(&all, &MeasureName::new(measure)).ok()?;
        Some(mean_on((0.0, 1.0), Protocol::Corrected, &found))
    };
    Some(ClientFidelity {
        conversations: outcomes.total(),
        broke: outcomes.broken_client,
        repeats: mean_of(CLIENT_REPEATS),
        disclosed: mean_of(CLIENT_DISCLOSED),
        risk_shown: mean_of(CLIENT_RISK_SHOWN),
    })
}
