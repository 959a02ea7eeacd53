//! The proxies of this process: libraries are handed them, and read no variable.

use trustmh_core::proxy::Proxies;

use crate::failure::Failure;

/// What the usual variables say.
pub(crate) fn of_process() -> Result<Proxies, Failure> {
    Proxies::of(|name| std::env::var(name).ok()).map_err(|error| Failure::usage(error.to_string()))
}
