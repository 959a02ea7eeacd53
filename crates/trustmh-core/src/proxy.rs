//! Proxies: which of them a request goes through, by the variables that everybody knows. Nothing here reads them: whoever may do so hands
//! their values in.
//!
//! `HTTPS_PROXY` is for https addresses, `HTTP_PROXY` for http ones, `ALL_PROXY` for both where theirs is missing; `NO_PROXY` lists what is
//! reached without. Names in lower case go before those in capitals, as curl has it. What is on this machine is never reached by a proxy.

use std::fmt;
use std::net::IpAddr;

/// A proxy, and the variable that names it.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    variable: &'static str,
    address: String,
    shown: String,
    secrets: Vec<String>,
}

impl Proxy {
    /// Its address, with credentials if it has any: for whoever opens the connection, and for nobody else.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its address without credentials, and the variable that names it.
    pub fn shown(&self) -> String {
        format!("{} ({})", self.shown, self.variable)
    }

    /// What in its address is nobody's business.
    pub fn secrets(&self) -> &[String] {
        &self.secrets
    }
}

/// Without credentials.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({})", self.shown())
    }
}

/// A variable whose value cannot be used. It holds nothing of the value but its scheme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the proxy in {variable} cannot be used: {why}; expected an address such as http://proxy.example:3128"
)]
pub struct ProxyError {
    /// The variable.
    pub variable: &'static str,
    /// Why not.
    pub why: String,
}

/// The proxies at hand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    https: Option<Proxy>,
    http: Option<Proxy>,
    exceptions: Vec<Exception>,
}

/// What is reached without a proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Exception {
    /// Everything.
    All,
    /// A host and all below it, at one port or at any.
    Host(String, Option<u16>),
    /// The addresses whose first so many bits are these.
    Network(IpAddr, u8),
}

impl Proxies {
    /// Reads the variables through `value`.
    ///
    /// # Errors
    /// [`ProxyError`] for an address that is none, or of a kind that is not spoken here.
    pub fn of(value: impl Fn(&str) -> Option<String>) -> Result<Self, ProxyError> {
        let set = |name: &'static str| {
            let text = value(name).map(|text| text.trim().to_owned());
            Some((name, text.filter(|text| !text.is_empty())?))
        };
        let either = |names: &[&'static str]| names.iter().find_map(|name| set(name));
        // A server that runs programs hands them the header `Proxy` of a request as HTTP_PROXY.
        let is_served = value("REQUEST_METHOD").is_some();
        let http: &[&'static str] =
            if is_served { &["http_proxy"] } else { &["http_proxy", "HTTP_PROXY"] };
        let all = ["all_proxy", "ALL_PROXY"];
        let proxy =
            |own: &[&'static str]| either(own).or_else(|| either(&all)).map(parse).transpose();
        let no = either(&["no_proxy", "NO_PROXY"]).map(|(_, list)| list).unwrap_or_default();
        Ok(Self {
            https: proxy(&["https_proxy", "HTTPS_PROXY"])?,
            http: proxy(http)?,
            exceptions: no.split(',').filter_map(exception).collect(),
        })
    }

    /// The proxy for a URL; none for one that is reached without.
    pub fn through(&self, url: &str) -> Option<&Proxy> {
        let (scheme, rest) = url.trim().split_once("://")?;
        let is_https = scheme.eq_ignore_ascii_case("https");
        let proxy = if is_https { self.https.as_ref() } else { self.http.as_ref() }?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let (host, port) = parted(authority.rsplit('@').next()?);
        let host = host.trim_end_matches('.').to_lowercase();
        let port = port.unwrap_or(if is_https { 443 } else { 80 });
        let excepted =
            is_this_machine(&host) || self.exceptions.iter().any(|one| one.takes(&host, port));
        (!excepted).then_some(proxy)
    }

    /// All of them, the one for https first.
    pub fn all(&self) -> impl Iterator<Item = &Proxy> {
        let other = self.http.as_ref().filter(|http| self.https.as_ref() != Some(*http));
        self.https.iter().chain(other)
    }
}

impl Exception {
    fn takes(&self, host: &str, port: u16) -> bool {
        match self {
            Self::All => true,
            Self::Host(name, at) => {
                let below = host.strip_suffix(name.as_str());
                at.is_none_or(|at| at == port)
                    && below.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            Self::Network(network, bits) => {
                host.parse().is_ok_and(|ip: IpAddr| first_bits_alike(*network, ip, *bits))
            }
        }
    }
}

fn first_bits_alike(one: IpAddr, two: IpAddr, bits: u8) -> bool {
    let same = |one: &[u8], two: &[u8]| {
        let (whole, rest) = (usize::from(bits / 8), bits % 8);
        let shift = 8 - rest;
        one.get(..whole) == two.get(..whole)
            && (rest == 0
                || one.get(whole).map(|byte| byte >> shift)
                    == two.get(whole).map(|byte| byte >> shift))
    };
    match (one, two) {
        (IpAddr::V4(one), IpAddr::V4(two)) => same(&one.octets(), &two.octets()),
        (IpAddr::V6(one), IpAddr::V6(two)) => same(&one.octets(), &two.octets()),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

fn exception(text: &str) -> Option<Exception> {
    let text = text.trim().to_lowercase();
    if text == "*" {
        return Some(Exception::All);
    }
    if let Some((network, bits)) = text.split_once('/') {
        return Some(Exception::Network(network.parse().ok()?, bits.parse().ok()?));
    }
    let (host, port) = parted(&text);
    let host = host.trim_start_matches('*').trim_start_matches('.').trim_end_matches('.');
    if let Ok(ip) = host.parse::<IpAddr>()
        && port.is_none()
    {
        return Some(Exception::Network(ip, if ip.is_ipv4() { 32 } else { 128 }));
    }
    (!host.is_empty()).then(|| Exception::Host(host.to_owned(), port))
}

/// A host without the brackets of IPv6, and the port.
fn parted(authority: &str) -> (&str, Option<u16>) {
    if let Some((host, rest)) = authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (host, rest.strip_prefix(':').and_then(|port| port.parse().ok()));
    }
    match authority.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => (host, port.parse().ok()),
        _ => (authority, None),
    }
}

fn is_this_machine(host: &str) -> bool {
    let here = |ip: IpAddr| ip.to_canonical().is_loopback() || ip.is_unspecified();
    host == "localhost" || host.ends_with(".localhost") || host.parse().is_ok_and(here)
}

fn parse((variable, text): (&'static str, String)) -> Result<Proxy, ProxyError> {
    let wrong = |why: &str| ProxyError { variable, why: why.to_owned() };
    // Without a scheme a proxy is spoken to in plain http, as everywhere.
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", &text));
    let scheme = scheme.to_ascii_lowercase();
    if !matches!(scheme.as_str(), "http" | "https") {
        let is_word = scheme.bytes().all(|sign| sign.is_ascii_alphanumeric());
        let named = if is_word { format!("{scheme}:// is") } else { "its scheme is".to_owned() };
        return Err(wrong(&format!("{named} not spoken here, only http:// and https:// are")));
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (credentials, place) = match authority.rsplit_once('@') {
        Some((credentials, place)) => (Some(credentials), place),
        None => (None, authority),
    };
    let (host, _) = parted(place);
    let is_host = !host.is_empty()
        && host.chars().all(|sign| sign.is_ascii_alphanumeric() || "-._:".contains(sign));
    if !is_host {
        return Err(wrong("it names no host"));
    }
    let secrets = credentials.into_iter().flat_map(|both| {
        let (user, password) = both.split_once(':').unwrap_or((both, ""));
        [both.to_owned(), password.to_owned(), user.to_owned()]
    });
    let secrets = secrets.filter(|secret| !secret.is_empty()).collect();
    let before = credentials.map_or_else(String::new, |credentials| format!("{credentials}@"));
    Ok(Proxy {
        variable,
        address: format!("{scheme}://{before}{place}"),
        shown: format!("{scheme}://{place}"),
        secrets,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn of(variables: &[(&str, &str)]) -> Result<Proxies, ProxyError> {
        let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
        Proxies::of(|name| variables.get(name).map(|value| (*value).to_owned()))
    }

    fn through(variables: &[(&str, &str)], url: &str) -> Option<String> {
        of(variables).unwrap().through(url).map(Proxy::shown)
    }

    #[test]
    fn each_scheme_has_its_variable_and_lower_case_goes_first() {
        let both =
            [("HTTPS_PROXY", "http://one:1"), ("HTTP_PROXY", "two:2"), ("ALL_PROXY", "three")];
        assert_eq!(
            through(&both, "https://a.example").as_deref(),
            Some("http://one:1 (HTTPS_PROXY)")
        );
        assert_eq!(
            through(&both, "http://a.example").as_deref(),
            Some("http://two:2 (HTTP_PROXY)")
        );
        let all = [("ALL_PROXY", "three:3"), ("https_proxy", "four:4"), ("HTTPS_PROXY", "five:5")];
        assert_eq!(
            through(&all, "https://a.example").as_deref(),
            Some("http://four:4 (https_proxy)")
        );
        assert_eq!(
            through(&all, "http://a.example").as_deref(),
            Some("http://three:3 (ALL_PROXY)")
        );
        let served = [("HTTP_PROXY", "two:2"), ("REQUEST_METHOD", "GET")];
        assert_eq!(through(&served, "http://a.example"), None);
        assert_eq!(through(&[("HTTPS_PROXY", " ")], "https://a.example"), None);
    }

    #[test]
    fn this_machine_and_exceptions_are_reached_without() {
        let set = |no: &'static str| [("ALL_PROXY", "http://p:1"), ("NO_PROXY", no)];
        for url in
            ["http://localhost:8000/v1", "https://127.0.0.9/", "http://[::1]:3", "http://0.0.0.0"]
        {
            assert_eq!(through(&set(""), url), None, "{url}");
        }
        for (no, url, is_through) in [
            ("example.com", "https://example.com/x", false),
            ("example.com", "https://api.example.com:8443", false),
            (".example.com, other", "https://api.example.com", false),
            ("*.example.com", "https://api.example.com", false),
            ("example.com", "https://notexample.com", true),
            ("example.com:8443", "https://example.com", true),
            ("example.com:443", "https://example.com", false),
            ("10.0.0.0/8", "http://10.9.8.7:80/v1", false),
            ("10.0.0.0/8", "http://11.0.0.1", true),
            ("10.0.0.128/25", "http://10.0.0.127", true),
            ("10.1.1.1", "http://10.1.1.1", false),
            ("fd00::/8", "http://[fd12::1]:8000", false),
            ("*", "https://anything.example", false),
            ("EXAMPLE.com", "https://Example.COM.", false),
        ] {
            assert_eq!(through(&set(no), url).is_some(), is_through, "{no}: {url}");
        }
    }

    #[test]
    fn credentials_show_nowhere() {
        let with = of(&[("HTTPS_PROXY", "http://me:canary@p.example:3128/")]).unwrap();
        let proxy = with.through("https://a.example").unwrap();
        assert_eq!(proxy.address(), "http://me:canary@p.example:3128");
        assert_eq!(proxy.secrets(), ["me:canary", "canary", "me"]);
        assert!(!format!("{with:?} {}", proxy.shown()).contains("canary"));
        for wrong in ["socks5://me:canary@p:1", "http://me:canary@", "http://a b:canary@x y"] {
            let error = of(&[("ALL_PROXY", wrong)]).unwrap_err();
            assert!(!error.to_string().contains("canary"), "{error}");
            assert!(error.to_string().contains("ALL_PROXY"), "{error}");
        }
    }
}
