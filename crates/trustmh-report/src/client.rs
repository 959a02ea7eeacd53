//! What is said of the clients of conversations.

use trustmh_core::metric::Estimate;
use trustmh_core::scorecard::ClientFidelity;

use crate::number::{count, decimal, estimate_interval};

/// How far the clients of a task played their part, in a sentence.
pub fn fidelity(found: &ClientFidelity) -> String {
    let left = match found.broke {
        0 => "none broke its role".to_owned(),
        broke => format!("{broke} broke their role and are left out, with bounds"),
    };
    let shares = [
        ("turns that repeat an earlier one", found.repeats),
        ("told, of what they were to tell,", found.disclosed),
        ("showed the danger that they were to show", found.risk_shown),
    ];
    let said = shares
        .into_iter()
        .filter_map(|(what, share)| Some(format!("{what} {}", of_share(&share?))));
    let parts: Vec<String> = std::iter::once(left).chain(said).collect();
    format!("Clients of {} conversations: {}.", found.conversations, parts.join("; "))
}

fn of_share(share: &Estimate) -> String {
    let interval = estimate_interval(share);
    format!("{} {interval} (n {})", decimal(share.value), count(share.n, share.clusters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_not_said() {
        let share = Estimate { value: 0.5, interval: None, n: 4, clusters: 4 };
        let found = ClientFidelity {
            conversations: 5,
            broke: 1,
            repeats: None,
            disclosed: Some(share),
            risk_shown: None,
        };
        let said = fidelity(&found);
        assert!(said.starts_with("Clients of 5 conversations: 1 broke"), "{said}");
        assert!(said.contains("0.500") && !said.contains("repeat"), "{said}");
    }
}
