//! The signature of a run's seal.

use std::path::Path;

use crate::error::RunError;
use crate::integrity::finding::{Finding, State, finding};
use crate::integrity::signature::{Signed, is_signed_by};

/// Whether the run in `folder` is signed by the owner of the public key in the file `key`.
///
/// # Errors
/// [`RunError::Io`], [`RunError::Seal`] for a key that cannot be used.
pub fn of_signature(folder: &Path, key: &Path) -> Result<Finding, RunError> {
    let pem = std::fs::read_to_string(key).map_err(RunError::io(key, "reading"))?;
    Ok(match is_signed_by(folder, &pem, key)? {
        Signed::ByThisKey => {
            finding("signature", State::Ok, format!("the seal is signed by {}", key.display()))
        }
        Signed::NotByThisKey => finding(
            "signature",
            State::Broken,
            format!(
                "it is not one of this seal by {}: the seal is another, or the signer is",
                key.display()
            ),
        ),
        Signed::ByNobody => finding("signature", State::Broken, "there is none"),
    })
}
