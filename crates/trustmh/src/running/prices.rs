//! What the calls of a run cost.

use trustmh_core::call::Usage;
use trustmh_run::dispatch::ModelPrices;
use trustmh_run::manifest::Manifest;
use trustmh_run::plan::forecast::TaskForecast;
use trustmh_run::plan::prices::Prices;

use crate::arguments::CallLimits;
use crate::failure::Failure;

/// The prices of the run's models. A limit on money needs them all.
pub(crate) fn prices(manifest: &Manifest, limits: &CallLimits) -> Result<ModelPrices, Failure> {
    let table = match &limits.prices {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| Failure::io(path, "reading", &error))?;
            Prices::parse(&path.display().to_string(), &text)?
        }
        None => Prices::embedded()?,
    };
    let judge = manifest.judge.name.model();
    let client = manifest.client.as_ref().map(|client| &client.id);
    // Whoever replied in transcripts is not asked.
    let subject = manifest.origin.observed().is_none().then_some(&manifest.subject.id);
    for model in subject.into_iter().chain(judge).chain(client) {
        if limits.max_cost.is_some() && table.of(model).is_none() {
            let missing = format!("{model} has no price in the table of {}", table.as_of);
            return Err(Failure::usage(missing).with_hint(
                "give a table that lists it with --prices FILE, laid out like benchmark/prices.toml",
            ));
        }
    }
    Ok(ModelPrices {
        subject: table.of(&manifest.subject.id),
        judge: judge.and_then(|id| table.of(id)),
        client: client.and_then(|id| table.of(id)),
    })
}

/// The models that are asked and have no price.
pub(crate) fn unpriced(
    manifest: &Manifest,
    all: &TaskForecast,
    prices: &ModelPrices,
) -> Vec<String> {
    let judge = manifest.judge.name.model();
    let client = manifest.client.as_ref().map(|client| &client.id);
    let asked = [
        (all.subject_calls, prices.subject, Some(&manifest.subject.id)),
        (all.judge_calls, prices.judge, judge),
        (all.client_calls, prices.client, client),
    ];
    let without = asked.into_iter().filter(|(calls, price, _)| *calls > 0 && price.is_none());
    without.filter_map(|(_, _, id)| id.map(ToString::to_string)).collect()
}

/// Tokens of a verdict: about as many as one prompt's criteria need.
const VERDICT_TOKENS: u64 = 120;

/// Tokens that the judge would take at most.
pub(crate) const fn judge_tokens_at_most(all: &TaskForecast) -> u64 {
    all.judge_prompt_tokens + VERDICT_TOKENS * all.judge_calls + all.judge_thinking_tokens
}

/// Tokens that it would take at most, of all models.
pub(crate) const fn tokens_at_most(all: &TaskForecast) -> u64 {
    all.subject_prompt_tokens
        + all.subject_reply_tokens
        + judge_tokens_at_most(all)
        + all.client_prompt_tokens
        + all.client_reply_tokens
}

/// What it would cost at most; `None` if a model that is asked has no price.
pub(crate) fn dollars(all: &TaskForecast, prices: &ModelPrices) -> Option<f64> {
    let subject =
        Usage { prompt_tokens: all.subject_prompt_tokens, reply_tokens: all.subject_reply_tokens };
    let judge = Usage {
        prompt_tokens: all.judge_prompt_tokens,
        reply_tokens: VERDICT_TOKENS * all.judge_calls + all.judge_thinking_tokens,
    };
    let judged = match (all.judge_calls, prices.judge) {
        (0, _) => 0.0,
        (_, price) => price?.of(judge),
    };
    let client =
        Usage { prompt_tokens: all.client_prompt_tokens, reply_tokens: all.client_reply_tokens };
    let played = match (all.client_calls, prices.client) {
        (0, _) => 0.0,
        (_, price) => price?.of(client),
    };
    let asked = match (all.subject_calls, prices.subject) {
        (0, _) => 0.0,
        (_, price) => price?.of(subject),
    };
    Some(asked + judged + played)
}
