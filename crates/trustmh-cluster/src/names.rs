//! What streams, subjects, buckets and consumers are called.

use trustmh_core::digest::Digest;

/// The version of what coordinators and workers say to each other.
pub const PROTOCOL: u32 = 4;

/// The stream of results that are not yet recorded.
pub(crate) const RESULTS: &str = "TRUSTMH_RESULTS";
/// The stream of what was handed out and is not over yet.
pub(crate) const HANDED: &str = "TRUSTMH_HANDED";
/// Bucket: which protocol is spoken here, and which models were ever asked for.
pub(crate) const CLUSTER: &str = "trustmh-cluster";
/// Bucket: which coordinator works on which run.
pub(crate) const RUNS: &str = "trustmh-runs";
/// Bucket: which workers are there.
pub(crate) const WORKERS: &str = "trustmh-workers";
/// Bucket: what of each quota is used.
pub(crate) const QUOTA: &str = "trustmh-quota";
/// What earlier versions kept on the server and this one does not.
pub(crate) const ONCE: [&str; 3] = ["TRUSTMH_JOBS", "KV_trustmh-grants", "OBJ_trustmh-payloads"];

pub(crate) const RESULT_SUBJECTS: &str = "trustmh.results.*";
pub(crate) const HANDED_SUBJECTS: &str = "trustmh.handed.*";
/// Where coordinators say that they have calls to give.
pub(crate) const OFFERS: &str = "trustmh.offers";
/// Where the inbox of every worker is.
pub(crate) const WORKER_INBOX: &str = "_INBOX_WORKER";
/// Where servers put the inbox of somebody who asks from another account.
const REWRITTEN: &str = "_R_";

/// `text` as one token of a subject: signs that a token may not hold become `_`, and a piece of the hash keeps different texts apart.
pub(crate) fn token(text: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let plain: String = text.chars().map(|c| if fits(c) { c } else { '_' }).take(64).collect();
    let hash = Digest::of(text.as_bytes());
    format!("{plain}-{}", hash.as_str().get(..8).unwrap_or_default())
}

/// Where the results of a run are brought.
pub(crate) fn results_of(run_token: &str) -> String {
    format!("trustmh.results.{run_token}")
}

/// Where it is kept what of a run was handed out.
pub(crate) fn handed_of(run_token: &str) -> String {
    format!("trustmh.handed.{run_token}")
}

/// Where workers speak to the coordinator of a run.
pub(crate) fn work_of(run_token: &str) -> String {
    format!("trustmh.work.{run_token}")
}

/// Whether an answer may be sent to `inbox`. Whoever asks names it, and a coordinator may do more on the server than a worker: it answers to the
/// inboxes of workers, and to what servers make of those, and nowhere else.
pub(crate) fn is_workers_inbox(inbox: &str) -> bool {
    let mut tokens = inbox.split('.');
    matches!(tokens.next(), Some(WORKER_INBOX | REWRITTEN)) && tokens.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_token_is_one_token_and_different_texts_have_different_ones(left in ".*", right in ".*") {
            let (a, b) = (token(&left), token(&right));
            for one in [&a, &b] {
                prop_assert!(one.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'));
                prop_assert!(one.len() <= 73);
            }
            prop_assert_eq!(left == right, a == b);
        }
    }

    #[test]
    fn answers_go_to_inboxes_of_workers_alone() {
        for inbox in ["_INBOX_WORKER.abc.def", "_R_.8BVa.x"] {
            assert!(is_workers_inbox(inbox), "{inbox}");
        }
        for elsewhere in [
            "$JS.API.STREAM.DELETE.TRUSTMH_RESULTS",
            "$JS.ACK.TRUSTMH_RESULTS.x.1.2.3.4.5",
            "_INBOX_COORDINATOR.abc",
            "_INBOX_WORKERS.abc",
            "trustmh.results.run",
            "_R_",
            "",
        ] {
            assert!(!is_workers_inbox(elsewhere), "{elsewhere}");
        }
    }
}
