//! Options that were given and would change nothing: they are refused, so that nobody believes that they did.

mod request;

pub(super) use request::Asked;

use trustmh_core::id::ModelId;
use trustmh_core::scorecard::JudgeName;
use trustmh_model::name::{ModelName, Place};
use trustmh_run::manifest::{Manifest, Origin};

use crate::arguments::{
    CONNECT_TIMEOUT, CallArguments, DELIVERIES, LEASE, PATIENCE, REPLICAS, TIMEOUT,
    TOXICITY_KEY_ENV,
};
use crate::failure::Failure;

/// Who answers calls, in the order of how much there is to say of the way to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answers {
    /// Nobody, for nobody is asked.
    Nobody,
    /// This program: scripts, records, its own models.
    Itself,
    /// A program on this machine, or a function of one.
    Command,
    /// A model or an endpoint behind an address.
    Remote,
}

impl Answers {
    /// Whoever goes by this name; names that nobody serves are refused elsewhere.
    pub(crate) fn of(id: &ModelId) -> Self {
        match id.as_str().parse::<ModelName>().map(|name| name.place()) {
            Ok(Place::Address) | Err(_) => Self::Remote,
            Ok(Place::Machine) => Self::Command,
            Ok(Place::Process) => Self::Itself,
        }
    }

    pub(crate) fn of_judge(judge: &JudgeName) -> Self {
        judge.model().map_or(Self::Nobody, Self::of)
    }
}

/// Who answers the calls of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answering {
    pub(crate) subject: Answers,
    pub(crate) judge: Answers,
    pub(crate) client: Answers,
    /// What scores toxicity in the judge's place.
    pub(crate) toxicity: Answers,
}

impl Answering {
    /// Those of a planned run.
    pub(crate) fn of(manifest: &Manifest) -> Self {
        let client = manifest.client.as_ref().map(|client| Answers::of(&client.id));
        Self {
            subject: match manifest.origin {
                Origin::Asked | Origin::Imported { .. } => Answers::of(&manifest.subject.id),
                Origin::Observed(_) => Answers::Nobody,
            },
            judge: Answers::of_judge(&manifest.judge.name),
            client: client.unwrap_or(Answers::Nobody),
            toxicity: manifest.toxicity_url.as_ref().map_or(Answers::Nobody, |_| Answers::Remote),
        }
    }

    fn any(&self, of: &[Answers]) -> bool {
        [self.subject, self.judge, self.client, self.toxicity].iter().any(|one| of.contains(one))
    }
}

/// An option, and what there is to heed it.
#[derive(Debug)]
pub(crate) struct Heed {
    pub(crate) option: &'static str,
    pub(crate) is_given: bool,
    pub(crate) is_heeded: bool,
    /// Why it is not heeded, where it is not.
    pub(crate) why: &'static str,
}

impl Heed {
    pub(crate) const fn new(
        option: &'static str,
        is_given: bool,
        is_heeded: bool,
        why: &'static str,
    ) -> Self {
        Self { option, is_given, is_heeded, why }
    }
}

/// Refuses options that were given and that nothing heeds, those with the same reason together.
pub(crate) fn refuse_idle(options: impl IntoIterator<Item = Heed>) -> Result<(), Failure> {
    let mut idle = options.into_iter().filter(|heed| heed.is_given && !heed.is_heeded).peekable();
    let Some(why) = idle.peek().map(|heed| heed.why) else { return Ok(()) };
    let named: Vec<&str> = idle.filter(|heed| heed.why == why).map(|heed| heed.option).collect();
    let have = if named.len() == 1 { "has" } else { "have" };
    Err(Failure::usage(format!("{} {have} no effect: {why}", named.join(", ")))
        .with_hint("leave out what has no effect, so that nobody believes that it had one"))
}

const NO_JUDGE_CALLS: &str = "the judge is asked nothing; --judge names a model that is";
const NO_CLIENT_CALLS: &str = "no model plays clients; --client names one";
const NO_ADDRESS: &str = "no model of the run is reached through the network";
const NO_TOXICITY: &str = "nothing scores toxicity but the judge; --toxicity-url names an endpoint";
const NO_CLUSTER: &str = "no workers make the calls; --cluster names their server";
const OF_WORKERS: &str = "workers make the calls; give it to `trustmh worker`";

/// Refuses options of calls that nothing in the run heeds.
pub(crate) fn check(answering: Answering, calls: &CallArguments) -> Result<(), Failure> {
    let by_workers = calls.workers.cluster.is_some();
    refuse_idle(limits(answering, calls))?;
    match by_workers {
        true => refuse_idle(of_workers(calls)),
        false => refuse_idle(endpoints(answering, calls).into_iter().chain(cluster(calls))),
    }
}

fn limits(answering: Answering, calls: &CallArguments) -> [Heed; 8] {
    let limits = &calls.limits;
    let Answering { subject, judge, client, .. } = answering;
    let subject = subject != Answers::Nobody;
    let (judge, client) = (judge != Answers::Nobody, client != Answers::Nobody);
    let nobody = "nobody is asked for replies: they are in the transcripts";
    [
        Heed::new("--rpm", limits.rpm.is_some(), subject, nobody),
        Heed::new("--tpm", limits.tpm.is_some(), subject, nobody),
        Heed::new("--judge-rpm", limits.judge_rpm.is_some(), judge, NO_JUDGE_CALLS),
        Heed::new("--judge-tpm", limits.judge_tpm.is_some(), judge, NO_JUDGE_CALLS),
        Heed::new("--client-rpm", limits.client_rpm.is_some(), client, NO_CLIENT_CALLS),
        Heed::new("--client-tpm", limits.client_tpm.is_some(), client, NO_CLIENT_CALLS),
        Heed::new("--max-client-calls", limits.max_client_calls.is_some(), client, NO_CLIENT_CALLS),
        Heed::new(
            "--max-client-tokens",
            limits.max_client_tokens.is_some(),
            client,
            NO_CLIENT_CALLS,
        ),
    ]
}

fn endpoints(answering: Answering, calls: &CallArguments) -> [Heed; 9] {
    let given = &calls.endpoints;
    let remote = answering.any(&[Answers::Remote]);
    let timed = answering.any(&[Answers::Remote, Answers::Command]);
    let Answering { subject, judge, client, toxicity } = answering;
    let keyed = [subject, judge, client].contains(&Answers::Remote);
    let judge = judge == Answers::Remote;
    let client = client == Answers::Remote;
    let not_remote = "the judge is not reached through the network";
    let timeout = given.timeout != TIMEOUT;
    let connect = given.connect_timeout != CONNECT_TIMEOUT;
    let first_byte = given.first_byte_timeout.is_some();
    let other_toxicity = given.toxicity_key_env != TOXICITY_KEY_ENV;
    [
        Heed::new("--key-env", given.key_env.is_some(), keyed, NO_ADDRESS),
        Heed::new("--stream", given.stream, keyed, NO_ADDRESS),
        Heed::new("--allow-plain-http", given.allow_plain_http, remote, NO_ADDRESS),
        Heed::new("--connect-timeout", connect, remote, NO_ADDRESS),
        Heed::new("--first-byte-timeout", first_byte, remote, NO_ADDRESS),
        Heed::new("--timeout", timeout, timed, NO_ADDRESS),
        Heed::new("--judge-key-env", given.judge_key_env.is_some(), judge, not_remote),
        Heed::new("--client-key-env", given.client_key_env.is_some(), client, NO_CLIENT_CALLS),
        Heed::new("--toxicity-key-env", other_toxicity, toxicity != Answers::Nobody, NO_TOXICITY),
    ]
}

/// What is of use with workers alone. Credentials may come from the environment, and say nothing.
fn cluster(calls: &CallArguments) -> [Heed; 6] {
    let given = &calls.workers;
    let other = |option, is_given| Heed::new(option, is_given, false, NO_CLUSTER);
    [
        other("--lease", given.lease != LEASE),
        other("--cluster-replicas", given.cluster_replicas != REPLICAS),
        other("--cluster-patience", given.cluster_patience != PATIENCE),
        other("--max-deliveries", given.max_deliveries != DELIVERIES),
        other("--cluster-ca", given.server.cluster_ca.is_some()),
        other("--cluster-cert", given.server.cluster_cert.is_some()),
    ]
}

fn of_workers(calls: &CallArguments) -> [Heed; 8] {
    let given = &calls.endpoints;
    let of_workers = |option, is_given| Heed::new(option, is_given, false, OF_WORKERS);
    [
        of_workers("--key-env", given.key_env.is_some()),
        of_workers("--judge-key-env", given.judge_key_env.is_some()),
        of_workers("--client-key-env", given.client_key_env.is_some()),
        of_workers("--stream", given.stream),
        of_workers("--allow-plain-http", given.allow_plain_http),
        of_workers("--connect-timeout", given.connect_timeout != CONNECT_TIMEOUT),
        of_workers("--first-byte-timeout", given.first_byte_timeout.is_some()),
        of_workers("--timeout", given.timeout != TIMEOUT),
    ]
}
