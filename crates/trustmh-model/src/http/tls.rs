//! Encryption for https endpoints.
//!
//! reqwest is built without a crypto provider (its default one takes minutes to compile) and would
//! panic unless the process had installed one. So the configuration is built here, with ring named
//! outright: no process-wide state, nothing to remember for whoever uses this crate, and a machine
//! without certificates gets an error. Certificates are checked as the platform does it, so that a
//! company's own authority works; that is also what reqwest would do.

use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use std::sync::Arc;

use crate::error::ModelError;

/// Trusts whom the platform trusts.
pub(crate) fn platform() -> Result<ClientConfig, ModelError> {
    let builder = builder()?.with_platform_verifier().map_err(|error| failed(&error))?;
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Trusts nobody: for http endpoints, which must work on a machine without any certificates.
pub(crate) fn nobody() -> Result<ClientConfig, ModelError> {
    Ok(builder()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

type Builder = rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>;

fn builder() -> Result<Builder, ModelError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(&error))
}

fn failed(error: &rustls::Error) -> ModelError {
    ModelError::configuration(format!(
        "https cannot be used: {error}; it needs the system's trusted certificates, often in a package \
         named ca-certificates"
    ))
}
