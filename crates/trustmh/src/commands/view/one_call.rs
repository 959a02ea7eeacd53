//! One call to a model, after the checks of `trustmh doctor`.

use std::time::{Duration, Instant};

use trustmh_core::call::{CallSpec, Purpose, Sampling};
use trustmh_core::message::Message;
use trustmh_view::{Check, CheckState, Refusal, TestResult};

use crate::arguments::{EndpointArguments, ProductArguments, RequestArguments};
use crate::commands::doctor;
use crate::failure::Failure;
use crate::models::{self, Role, Typed};
use crate::runtime::runtime;

/// A model that takes longer answers no test.
const PATIENCE: Duration = Duration::from_secs(60);
/// Room for a few words; thinking comes on top.
const TOKENS: u32 = 64;
const PROMPT: &str = "This is a test of the connection. Answer with one short sentence.";

/// What was found, and what came of the call; none where nothing could be called.
pub(super) fn tried(
    model: &str,
    base_url: Option<&str>,
    endpoints: &EndpointArguments,
) -> (Vec<Check>, Option<TestResult>) {
    let found = doctor::model("subject", Typed::SUBJECT, model, base_url, None, endpoints);
    let checks: Vec<Check> = found.into_iter().map(shown).collect();
    if checks.iter().any(|check| check.state == CheckState::Problem) {
        return (checks, None);
    }
    let result = match call(model, base_url, endpoints) {
        Ok(result) => result,
        Err(failure) => TestResult::Failed(failure.into()),
    };
    (checks, Some(result))
}

fn shown(check: doctor::Check) -> Check {
    let state = match check.state {
        doctor::State::Ok => CheckState::Ok,
        doctor::State::Note => CheckState::Note,
        doctor::State::Problem => CheckState::Problem,
    };
    Check { state, found: check.found, fix: check.fix }
}

fn call(
    typed: &str,
    base_url: Option<&str>,
    endpoints: &EndpointArguments,
) -> Result<TestResult, Failure> {
    let (id, base_url) = models::resolved(Typed::SUBJECT, typed, base_url, endpoints)?;
    let base_url = base_url.as_deref();
    let product = ProductArguments::default();
    let (role, requests) = (Role::Subject(&product), RequestArguments::default());
    let asked = models::asking(typed, &id, base_url, role, &requests, None, endpoints)?;
    let model = models::open(&id, base_url, None, endpoints)?;
    let spec = CallSpec {
        purpose: Purpose::Subject { turn: 0 },
        messages: vec![Message::user(PROMPT)],
        sampling: Sampling {
            temperature: 0.0,
            max_tokens: TOKENS,
            seed: None,
            thinking_tokens: asked.thinking_tokens,
        },
        repeat: 0,
        trial: None,
        options: asked.options,
    };
    let begun = Instant::now();
    let replied =
        runtime()?.block_on(async { tokio::time::timeout(PATIENCE, model.complete(&spec)).await });
    let after = begun.elapsed();
    Ok(match replied {
        Ok(Ok(completion)) => {
            TestResult::Replied { after, characters: completion.reply.text.chars().count() }
        }
        Ok(Err(error)) => TestResult::Failed(Failure::from(error).into()),
        Err(_) => TestResult::Failed(Refusal {
            message: format!("no reply came within {} s", PATIENCE.as_secs()),
            hint: Some("a model that is being loaded may answer a second test".to_owned()),
        }),
    })
}
