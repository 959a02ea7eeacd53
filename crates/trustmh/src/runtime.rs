//! The async runtime.

use tokio::runtime::{Builder, Runtime};

use crate::failure::Failure;

/// The runtime of commands that call models or write journals.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::usage(format!("the async runtime cannot start: {error}")))
}
