//! What the calls of a run cost.

use trustmh_run::dispatch::ModelPrices;
use trustmh_run::manifest::Manifest;
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
    for model in std::iter::once(&manifest.subject.id).chain(judge).chain(client) {
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
