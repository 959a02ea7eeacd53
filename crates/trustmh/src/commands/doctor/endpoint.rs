//! Whether an endpoint takes connections.

use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use trustmh_core::id::ModelId;
use trustmh_model::provider::Provider;
use url::Url;

/// Host and port of each endpoint; none for models that need none.
pub(super) fn addresses(id: &ModelId, base_url: Option<&str>) -> Vec<String> {
    let usual = Provider::of_model(id.as_str()).map(|(provider, _)| provider.base_url());
    let Some(urls) = base_url.or(usual) else { return Vec::new() };
    let of_url = |url: &str| {
        let url = Url::parse(url.trim()).ok()?;
        Some(format!("{}:{}", url.host()?, url.port_or_known_default()?))
    };
    urls.split(',').filter_map(of_url).collect()
}

/// Whether any of the addresses that the name stands for takes a connection; why not, if none does.
pub(super) fn connects(address: &str, timeout: Duration) -> Result<(), String> {
    let found = address.to_socket_addrs().map_err(|error| error.to_string())?;
    let mut why = "the name has no address".to_owned();
    for one in found {
        match TcpStream::connect_timeout(&one, timeout) {
            Ok(_) => return Ok(()),
            Err(error) => why = error.to_string(),
        }
    }
    Err(why)
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
}
