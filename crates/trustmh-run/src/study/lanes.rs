//! Which subjects are asked at the same time: those at different endpoints. Those at the same endpoint are asked one after the other, so
//! that none of them slows another down.

use std::collections::BTreeSet;

/// Where a subject is asked: addresses, or what else answers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint(BTreeSet<String>);

impl Endpoint {
    /// The endpoint behind addresses that are separated by commas.
    pub fn at(urls: &str) -> Self {
        let plain = |url: &str| {
            let url = url.trim().trim_end_matches('/').to_lowercase();
            url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').to_owned()
        };
        Self(urls.split(',').map(plain).collect())
    }

    /// What answers without an address.
    pub fn of(name: &str) -> Self {
        Self(BTreeSet::from([name.to_owned()]))
    }

    /// Whether both share an address.
    pub fn meets(&self, other: &Self) -> bool {
        self.0.intersection(&other.0).next().is_some()
    }
}

/// The places of `endpoints` in lanes: two whose endpoints meet are in the same, in their order.
pub fn lanes(endpoints: &[Endpoint]) -> Vec<Vec<usize>> {
    let mut lanes: Vec<Vec<usize>> = Vec::new();
    for (place, endpoint) in endpoints.iter().enumerate() {
        let meets = |lane: &Vec<usize>| lane.iter().any(|at| endpoints[*at].meets(endpoint));
        // One endpoint of several addresses may join lanes that were apart.
        let (joined, apart): (Vec<_>, Vec<_>) = lanes.into_iter().partition(meets);
        let mut lane: Vec<usize> = joined.into_iter().flatten().chain([place]).collect();
        lane.sort_unstable();
        lanes = apart;
        lanes.push(lane);
    }
    lanes.sort();
    lanes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_at_one_endpoint_share_a_lane() {
        let at = |urls: &[&str]| urls.iter().map(|url| Endpoint::at(url)).collect::<Vec<_>>();
        assert_eq!(
            lanes(&at(&["http://a/v1", "http://b/v1", "http://A/v1/"])),
            [vec![0, 2], vec![1]]
        );
        assert_eq!(lanes(&at(&["http://a", "http://b", "http://b, http://a"])), [vec![0, 1, 2]]);
        assert_eq!(lanes(&at(&["http://a?key=$X", "http://a"])), [vec![0, 1]]);
        assert!(lanes(&[]).is_empty());
    }
}
