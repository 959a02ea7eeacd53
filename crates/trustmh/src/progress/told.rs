//! Progress for pipes and programs: plain lines, and objects of JSON.

use serde_json::{Map, Value, json};
use std::time::Duration;

use super::fitted::{Piece, Seen, cost, going_on, label, time_left};
use super::tally::Ended;
use super::words::rate;

/// All that the two lines on a terminal say, as one line.
pub(super) fn line(seen: &Seen<'_>) -> String {
    let tally = seen.tally;
    let far = [
        Some(format!("{}/{} trials", tally.trials, tally.planned())),
        tally.under_way().map(label),
        Some(tally.rate(seen.since).map_or_else(|| "no rate yet".to_owned(), rate)),
        time_left(seen),
        cost(seen),
    ];
    let far: Vec<String> = far.into_iter().flatten().collect();
    let going_on = going_on(seen);
    let going_on: Vec<&str> = going_on.iter().map(Piece::plain).collect();
    format!("{}; {}", far.join(", "), going_on.join(", "))
}

/// The same for programs; docs/exit-codes.md describes it. `elapsed` is the time since the run was begun or resumed.
pub(super) fn object(seen: &Seen<'_>, elapsed: Duration) -> Value {
    let tally = seen.tally;
    let pillars = tally.by_pillar().into_iter().map(|(pillar, Ended { ended, planned })| {
        (pillar.slug().to_owned(), json!({ "ended": ended, "planned": planned }))
    });
    json!({
        "trials": tally.trials,
        "of": tally.planned(),
        "recorded_before": tally.trials - tally.fresh,
        "seconds": elapsed.as_secs_f64(),
        "trials_per_second": tally.rate(seen.since).unwrap_or_default(),
        "seconds_to_go": tally.seconds_left(seen.since),
        "calls": tally.calls,
        "retries": tally.retries,
        "failures": tally.failures,
        "tokens": tally.tokens,
        "dollars": tally.dollars,
        "in_flight": seen.traffic.in_flight,
        "waiting": seen.traffic.waiting(),
        "by_pillar": pillars.collect::<Map<String, Value>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::tally::Tally;
    use trustmh_model::traffic::Moment;
    use trustmh_run::dispatch::Work;

    #[test]
    fn a_line_and_an_object_say_the_same() {
        let (one, other) = ("crisis/severity", "ethics/reasoning");
        let planned = [(one.parse().unwrap(), 4), (other.parse().unwrap(), 6)];
        let mut tally = Tally::of(planned);
        tally.trial_ended(one.parse().unwrap(), Work::Recorded);
        tally.trial_ended(one.parse().unwrap(), Work::Made);
        tally.calls = 1;
        let seen = Seen {
            tally: &tally,
            traffic: Moment { in_flight: 3, limited: 1, retrying: 1 },
            bound: None,
            since: Duration::from_secs(2),
        };
        assert_eq!(
            line(&seen),
            "2/10 trials, Crisis 2/4, 0.5/s, 16s left; 3 in flight, 1 waiting (rate limit), 1 waiting to retry, 1 call"
        );
        let object = object(&seen, Duration::from_secs(5));
        assert_eq!(object["in_flight"], 3);
        assert_eq!(object["waiting"], 2);
        assert_eq!(object["recorded_before"], 1);
        let pillars = json!({
            "crisis": { "ended": 2, "planned": 4 },
            "ethics": { "ended": 0, "planned": 6 },
        });
        assert_eq!(object["by_pillar"], pillars);
    }
}
