//! Who judges, as it was typed, and as a manifest has it.

use std::io::IsTerminal;
use std::sync::LazyLock;

use trustmh_core::request::Asking;
use trustmh_core::scorecard::JudgeName;
use trustmh_engine::benchmark::Benchmark;
use trustmh_run::manifest::JudgeRecord;

use crate::arguments::{CallArguments, EndpointArguments, RequestArguments};
use crate::failure::Failure;
use crate::models::{self, Role, Typed};
use crate::screen;

/// A judge as it was typed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JudgeRequest<'a> {
    pub(crate) name: &'a JudgeName,
    pub(crate) address: Option<&'a str>,
}

static BY_RULES: JudgeName = JudgeName::Offline;
static BY_HEADS: LazyLock<JudgeName> = LazyLock::new(|| JudgeName::from("embedded"));

/// Who judges where nobody is named: the embedded judge if its weights are at hand, else the offline rules. Nothing is fetched unasked.
pub(super) fn default_judge(calls: &CallArguments) -> &'static JudgeName {
    if calls.workers.cluster.is_none() && models::has_encoder(&calls.endpoints) {
        return &BY_HEADS;
    }
    if std::io::stderr().is_terminal() {
        screen::note(
            "the offline rules judge: the weights of the embedded judge are not here (`trustmh weights fetch minilm`, 91 MB)",
        );
    }
    &BY_RULES
}

/// Options of a judge's requests need a judge that is sent some.
pub(super) fn check_options(
    names: &[&JudgeName],
    requests: &RequestArguments,
) -> Result<(), Failure> {
    let by_model = names.iter().any(|name| matches!(name, JudgeName::Model(_)));
    let given = requests.judge_thinking_tokens.is_some() || !requests.judge_option.is_empty();
    match given && !by_model {
        true => Err(without_effect()),
        false => Ok(()),
    }
}

/// What is said of options that no judge heeds.
pub(super) fn without_effect() -> Failure {
    Failure::usage("no model judges: the options for its requests have no effect")
        .with_hint("name a model with --judge")
}

/// With a cluster, endpoints that were given here would be nobody's.
pub(super) fn check_no_cluster(calls: &CallArguments) -> Result<(), Failure> {
    match &calls.workers.cluster {
        Some(_) => Err(Failure::usage("with --cluster, endpoints belong to the workers")
            .with_hint("start `trustmh worker --model-endpoint NAME=URL`")),
        None => Ok(()),
    }
}

impl JudgeRequest<'_> {
    /// The judge as a manifest has it: short names resolved, the heads of the embedded judge named.
    pub(super) fn record(
        self,
        benchmark: &Benchmark,
        requests: &RequestArguments,
        endpoints: &EndpointArguments,
    ) -> Result<JudgeRecord, Failure> {
        let name = match self.name {
            JudgeName::Embedded(_) => JudgeName::Embedded(benchmark.heads().model()),
            JudgeName::Offline => JudgeName::Offline,
            JudgeName::None => JudgeName::None,
            JudgeName::Model(typed) => {
                let typed = typed.as_str();
                let (id, base_url) =
                    models::resolved(Typed::JUDGE, typed, self.address, endpoints)?;
                let address = base_url.as_deref();
                let asked =
                    models::asking(typed, &id, address, Role::Judge, requests, None, endpoints)?;
                return Ok(JudgeRecord { name: JudgeName::Model(id), base_url, asked });
            }
        };
        Ok(JudgeRecord { name, base_url: self.address.map(str::to_owned), asked: Asking::USUAL })
    }
}
