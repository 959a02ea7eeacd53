//! Where models are reached, and whose key goes there.

use trustmh_core::id::ModelId;
use trustmh_model::provider::Provider;
use url::Url;

/// Host and port of each endpoint; none for models that need none.
pub(crate) fn addresses(id: &ModelId, base_url: Option<&str>) -> Vec<String> {
    let usual = Provider::of_model(id.as_str()).map(|(provider, _)| provider.base_url());
    let Some(urls) = base_url.or(usual) else { return Vec::new() };
    let of_url = |url: &str| {
        let url = Url::parse(url.trim()).ok()?;
        Some(format!("{}:{}", url.host()?, url.port_or_known_default()?))
    };
    urls.split(',').filter_map(of_url).collect()
}

/// The variable with the key of a judge or client for which none is named: the subject's, if both are at one endpoint or the subject is at
/// none. A key is sent nowhere else.
pub(crate) fn shared_key<'k>(
    key_env: Option<&'k str>,
    (subject, subject_url): (&ModelId, Option<&str>),
    (other, other_url): (&ModelId, Option<&str>),
) -> Option<&'k str> {
    let there = addresses(subject, subject_url);
    let here = addresses(other, other_url);
    key_env.filter(|_| there.is_empty() || here.iter().all(|address| there.contains(address)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_hosts_with_ports() {
        let of = |id: &str, url: Option<&str>| addresses(&ModelId::new(id), url);
        assert_eq!(of("openai/x", None), ["api.openai.com:443"]);
        assert_eq!(
            of("openai/x", Some("http://10.0.0.1:8000/v1, https://b.example/v1")),
            ["10.0.0.1:8000", "b.example:443"]
        );
        assert_eq!(of("scripted/echo", None), [""; 0]);
    }

    #[test]
    fn the_subjects_key_goes_to_its_own_endpoint_alone() {
        let own = Some("https://coach.example/v1");
        let shared = |subject: &str, url, judge: &str, judge_url| {
            let (subject, judge) = (ModelId::new(subject), ModelId::new(judge));
            shared_key(Some("COACH_KEY"), (&subject, url), (&judge, judge_url)).is_some()
        };
        assert!(!shared("openai/coach", own, "openai/gpt-4.1", None));
        assert!(!shared("openai/gpt-4.1", None, "anthropic/x", None));
        assert!(!shared("openai/coach", own, "openai/y", Some("https://coach.example:8443/v1")));
        assert!(shared("openai/coach", own, "openai/y", Some("https://coach.example/v1/")));
        assert!(shared("openai/gpt-5.1", None, "openai/gpt-4.1", None));
        assert!(shared("scripted/random", None, "openai/gpt-4.1", None));
    }
}
