//! Functions of the process that started this one. The Python package says where it serves them.

use secrecy::SecretString;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use trustmh_core::id::ModelId;
use trustmh_model::callable::{CallableModel, Served};
use trustmh_model::http::Timeouts;

use crate::failure::Failure;

/// Where they are served.
const URL: &str = "TRUSTMH_CALLABLE_URL";
/// What calls are let in by.
const TOKEN: &str = "TRUSTMH_CALLABLE_TOKEN";
/// How many calls each takes at once, as a JSON object by name.
const FUNCTIONS: &str = "TRUSTMH_CALLABLE_FUNCTIONS";

/// Opens the function `name`.
pub(super) fn open(id: &ModelId, name: &str, timeouts: Timeouts) -> Result<CallableModel, Failure> {
    let of = |variable: &str| std::env::var(variable).ok().filter(|value| !value.is_empty());
    let (Some(url), Some(token)) = (of(URL), of(TOKEN)) else {
        return Err(Failure::usage(format!("{id} is a Python function, and nobody serves it"))
            .with_hint(
                "the Python package serves functions: trustmh.run(my_function), or \
                 trustmh.open(RUN).resume(subject=my_function) for a run that there is (docs/python.md)",
            ));
    };
    let functions = of(FUNCTIONS).unwrap_or_default();
    let functions: BTreeMap<String, NonZeroUsize> = serde_json::from_str(&functions)
        .map_err(|error| Failure::usage(format!("{FUNCTIONS}: {error}")))?;
    let served = Served { url, token: SecretString::from(token), functions };
    Ok(CallableModel::new(id.clone(), name, &served, timeouts)?)
}
