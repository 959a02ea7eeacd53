//! Calls of other runs, where they are the very same: of the same model at the same endpoint.

use trustmh_core::id::ModelId;
use trustmh_model::redact::without_secrets;
use trustmh_run::manifest::Manifest;

use crate::arguments::CallLimits;
use crate::failure::Failure;

/// Whether the runs of `--reuse` asked the models of `manifest` where it asks them. Servers serve
/// other weights, formats and precisions under the same name.
pub(super) fn check(manifest: &Manifest, limits: &CallLimits) -> Result<(), Failure> {
    if limits.reuse_any_endpoint {
        return Ok(());
    }
    for run in &limits.reuse {
        let other = Manifest::read(run)?;
        for (model, there) in asked(&other) {
            let here = asked(manifest).into_iter().find(|(own, _)| *own == model);
            if let Some((_, here)) = here.filter(|(_, here)| !is_same(*here, there)) {
                let (here, there) = (shown(here), shown(there));
                return Err(Failure::usage(format!(
                    "{} used {model} at {there}, but this run uses it at {here}",
                    run.display()
                ))
                .with_hint(
                    "if both serve the same model, add --reuse-any-endpoint; otherwise drop --reuse",
                ));
            }
        }
    }
    Ok(())
}

/// The models of a run, with their endpoints.
fn asked(manifest: &Manifest) -> Vec<(&ModelId, Option<&str>)> {
    let subject = &manifest.subject;
    let judge = manifest.judge.name.model();
    let judge = judge.map(|id| (id, manifest.judge.base_url.as_deref()));
    let client = manifest.client.as_ref();
    let client = client.map(|client| (&client.id, client.base_url.as_deref()));
    let subject = std::iter::once((&subject.id, subject.base_url.as_deref()));
    subject.chain(judge).chain(client).collect()
}

pub(super) fn is_same(one: Option<&str>, other: Option<&str>) -> bool {
    let plain = |url: &str| {
        let mut parts: Vec<String> =
            url.split(',').map(|part| part.trim().trim_end_matches('/').to_lowercase()).collect();
        parts.sort();
        parts
    };
    one.map(plain) == other.map(plain)
}

/// Where it is served, without a query, in which an older run may hold a credential.
fn shown(url: Option<&str>) -> String {
    let Some(urls) = url else { return "its usual endpoint".to_owned() };
    urls.split(',').map(|url| without_secrets(url.trim())).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_the_same_whatever_their_order_and_last_slash() {
        assert!(is_same(Some("http://a/v1/"), Some("http://A/v1")));
        assert!(is_same(Some("http://a/v1, http://b/v1"), Some("http://b/v1,http://a/v1")));
        assert!(is_same(None, None));
        assert!(!is_same(Some("http://a/v1"), Some("http://b/v1")));
        assert!(!is_same(Some("http://a/v1"), None));
    }
}
