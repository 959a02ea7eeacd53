//! What streams, subjects, buckets and consumers are called.

use trustmh_core::call::CallKey;
use trustmh_core::digest::Digest;
use trustmh_core::id::{ModelId, RunId};

/// The version of what coordinators and workers say to each other.
pub const PROTOCOL: u32 = 2;

/// The stream of calls that are to be made.
pub(crate) const JOBS: &str = "TRUSTMH_JOBS";
/// The stream of calls that were made and are not yet recorded.
pub(crate) const RESULTS: &str = "TRUSTMH_RESULTS";
/// Bucket: which protocol is spoken here.
pub(crate) const CLUSTER: &str = "trustmh-cluster";
/// Bucket: which coordinator works on which run.
pub(crate) const RUNS: &str = "trustmh-runs";
/// Bucket: which workers are there.
pub(crate) const WORKERS: &str = "trustmh-workers";
/// Bucket: what of each quota is used.
pub(crate) const QUOTA: &str = "trustmh-quota";
/// Bucket: calls that more than one worker had leave to make.
pub(crate) const GRANTS: &str = "trustmh-grants";
/// Object store: payloads that fit no message.
pub(crate) const PAYLOADS: &str = "trustmh-payloads";

pub(crate) const JOB_SUBJECTS: &str = "trustmh.jobs.>";
pub(crate) const RESULT_SUBJECTS: &str = "trustmh.results.>";

/// The header that names the object in which a payload is.
pub(crate) const OBJECT_HEADER: &str = "Trustmh-Object";

/// `text` as one token of a subject: signs that a token may not hold become `_`, and a piece of the hash keeps different texts apart.
pub(crate) fn token(text: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let plain: String = text.chars().map(|c| if fits(c) { c } else { '_' }).take(64).collect();
    let hash = Digest::of(text.as_bytes());
    format!("{plain}-{}", hash.as_str().get(..8).unwrap_or_default())
}

/// Where the jobs of a model are, of all runs.
pub(crate) fn jobs_of(model: &ModelId) -> String {
    format!("trustmh.jobs.{}.>", token(model.as_str()))
}

/// Where the jobs of a run are, of all models.
pub(crate) fn jobs_of_run(run: &RunId) -> String {
    format!("trustmh.jobs.*.{}.*", token(run.as_str()))
}

/// Which call the subject of a job or result ends with.
pub(crate) fn key_of(subject: &str) -> Option<CallKey> {
    let (_, key) = subject.rsplit_once('.')?;
    serde_json::from_value(serde_json::Value::String(key.to_owned())).ok()
}

/// Where the job of a call is.
pub(crate) fn job(model: &ModelId, run: &RunId, key: &CallKey) -> String {
    format!("trustmh.jobs.{}.{}.{key}", token(model.as_str()), token(run.as_str()))
}

/// Where the results of a run are.
pub(crate) fn results_of(run: &RunId) -> String {
    format!("trustmh.results.{}.*", token(run.as_str()))
}

/// Where the result of a call is, of a run whose subject has this token for it.
pub(crate) fn result(run_token: &str, key: &CallKey) -> String {
    format!("trustmh.results.{run_token}.{key}")
}

/// Where workers ask the coordinator of a run, whose subject has this token for it.
pub(crate) fn questions_of(run_token: &str) -> String {
    format!("trustmh.questions.{run_token}")
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
    fn the_job_of_a_model_is_among_its_jobs() {
        let (model, run) = (ModelId::new("openai/gpt-5.1"), RunId::new("20261123T101500Z-a.b"));
        let jobs = jobs_of(&model);
        assert!(jobs.starts_with("trustmh.jobs.openai_gpt-5_1-"), "{jobs}");
        let call = trustmh_core::call::CallSpec {
            purpose: trustmh_core::call::Purpose::Subject { turn: 0 },
            messages: Vec::new(),
            sampling: trustmh_core::call::Sampling {
                temperature: 0.0,
                max_tokens: 1,
                seed: None,
                thinking_tokens: None,
            },
            repeat: 0,
            trial: None,
            options: trustmh_core::request::RequestOptions::default(),
        };
        let key = CallKey::of(&model, &call);
        let job = job(&model, &run, &key);
        assert!(job.starts_with(jobs.trim_end_matches('>')), "{job}");
        assert!(job.ends_with(key.as_str()));
        assert!(results_of(&run).starts_with("trustmh.results.20261123T101500Z-a_b-"));
    }
}
