//! Calls and downloads through a proxy of ours, on loopback.
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::{self, Ended, certificates, ended, program};

/// What a proxy was asked: the first line of each request, and its credentials.
type Asked = Arc<Mutex<Vec<(String, Option<String>)>>>;

/// What a proxy does with a request.
#[derive(Clone, Copy)]
enum Manner {
    /// It answers in the place of whoever is asked, with this body.
    Serves(&'static str),
    /// It wants other credentials.
    Refuses,
}

const REPLY: &str = r#"{"choices": [{"message": {"role": "assistant", "content": "A"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 1, "completion_tokens": 1}}"#;

struct Proxy {
    port: u16,
    asked: Asked,
}

impl Proxy {
    fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Asked::default();
        let heard = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let heard = Arc::clone(&heard);
                std::thread::spawn(move || drop(serve(stream, manner, &heard)));
            }
        });
        Self { port, asked }
    }

    fn address(&self) -> String {
        format!("http://me:canary-p%40ss@127.0.0.1:{}", self.port)
    }

    fn asked(&self) -> Vec<(String, Option<String>)> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(stream: impl Read + Write, manner: Manner, asked: &Asked) -> std::io::Result<()> {
    let mut input = BufReader::new(stream);
    loop {
        let (mut head, mut length, mut credentials) = (String::new(), 0, None);
        loop {
            let mut line = String::new();
            if input.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            match line.split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("proxy-authorization") => {
                    credentials = Some(value.to_owned());
                }
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.parse().unwrap_or(0);
                }
                _ if head.is_empty() => head = line.to_owned(),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        input.read_exact(&mut body)?;
        let is_tunnel = head.starts_with("CONNECT ");
        asked.lock().unwrap().push((head, credentials));
        let out = input.get_mut();
        match manner {
            Manner::Refuses => {
                out.write_all(
                    b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
                )?;
            }
            Manner::Serves(_) if is_tunnel => out.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?,
            Manner::Serves(body) => write!(
                out,
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )?,
        }
    }
}

/// One question to a model at this address, with these variables set and no others of proxies.
fn ask(folder: &Path, base_url: &str, variables: &[(&str, &str)]) -> Ended {
    let mut command = program(folder);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command.args(["run", "--subject", "openai/x", "--base-url", base_url, "--allow-plain-http"]);
    command.args([
        "--tasks",
        "reliability/knowledge",
        "--items",
        "1",
        "--judge",
        "none",
        "--tries",
        "1",
    ]);
    command.envs(variables.iter().copied());
    ended(command.output().unwrap())
}

/// All files below a folder, as one text.
fn all_below(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| {
            if path.is_dir() {
                all_below(&path)
            } else {
                String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()
            }
        })
        .collect()
}

#[test]
fn calls_go_through_the_proxy_of_their_scheme_with_its_credentials() {
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::start(Manner::Serves(REPLY));
    let address = proxy.address();
    ask(folder.path(), "http://model.example/v1", &[("http_proxy", &address)]).with_code(0);
    let asked = proxy.asked();
    let (head, credentials) = asked.first().unwrap();
    assert!(head.starts_with("POST http://model.example/v1/chat/completions "), "{head}");
    // me:canary-p@ss
    assert_eq!(credentials.as_deref(), Some("Basic bWU6Y2FuYXJ5LXBAc3M="));
    assert!(
        !all_below(folder.path()).contains("canary"),
        "credentials of a proxy are recorded nowhere"
    );
    let tunnelled = Proxy::start(Manner::Serves(""));
    let address = tunnelled.address();
    let broken =
        ask(folder.path(), "https://model.example/v1", &[("ALL_PROXY", &address)]).with_code(3);
    let (head, credentials) = tunnelled.asked().first().cloned().unwrap();
    assert!(head.starts_with("CONNECT model.example:443 ") && credentials.is_some(), "{head}");
    assert!(
        broken.err.contains(&format!(
            "through the proxy http://127.0.0.1:{} (ALL_PROXY)",
            tunnelled.port
        )),
        "{}",
        broken.err
    );
    assert!(!broken.err.contains("canary"), "{}", broken.err);
}

#[test]
fn a_proxy_that_refuses_or_is_not_there_is_named_without_its_credentials() {
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::start(Manner::Refuses);
    let address = proxy.address();
    for (base_url, variable) in
        [("http://model.example/v1", "HTTP_PROXY"), ("https://model.example/v1", "HTTPS_PROXY")]
    {
        let refused = ask(folder.path(), base_url, &[(variable, &address)]);
        assert_ne!(refused.code, Some(0));
        let told = format!(
            "the proxy http://127.0.0.1:{} ({variable}) wants other credentials",
            proxy.port
        );
        assert!(refused.err.contains(&told) && !refused.err.contains("canary"), "{}", refused.err);
    }
    let absent = ask(
        folder.path(),
        "http://model.example/v1",
        &[("ALL_PROXY", "http://me:canary@127.0.0.1:9")],
    );
    assert_eq!(absent.code, Some(3));
    assert!(
        absent.err.contains("through the proxy http://127.0.0.1:9 (ALL_PROXY)"),
        "{}",
        absent.err
    );
    let unknown =
        ask(folder.path(), "http://model.example/v1", &[("ALL_PROXY", "socks5://me:canary@p:1")]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.err.contains("the proxy in ALL_PROXY cannot be used"), "{}", unknown.err);
    let words = [absent.err, unknown.err, all_below(folder.path())].concat();
    assert!(!words.contains("canary"), "{words}");
}

#[test]
fn what_is_here_or_excepted_is_asked_without_a_proxy() {
    let folder = tempfile::tempdir().unwrap();
    let provider = support::Provider::start(&[]);
    let nobody = [("ALL_PROXY", "http://127.0.0.1:9"), ("HTTP_PROXY", "http://127.0.0.1:9")];
    ask(folder.path(), &provider.url, &nobody).with_code(0);
    let proxy = Proxy::start(Manner::Serves(REPLY));
    let address = proxy.address();
    let excepted = [("http_proxy", address.as_str()), ("no_proxy", ".example, other")];
    let alone = ask(folder.path(), "http://model.example/v1", &excepted);
    assert_eq!(alone.code, Some(3), "{}", alone.err);
    assert!(!alone.err.contains("proxy") && proxy.asked().is_empty(), "{}", alone.err);
}

/// A service whose certificate is of an authority of ours, as behind a proxy that opens https; its port.
fn service_of_our_authority(folder: &Path, asked: Asked) -> u16 {
    certificates::write(folder);
    let chain = CertificateDer::pem_file_iter(folder.join("server.pem")).unwrap();
    let chain: Vec<CertificateDer<'static>> = chain.map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let session = ServerConnection::new(Arc::clone(&config)).unwrap();
            let asked = Arc::clone(&asked);
            let stream = StreamOwned::new(session, stream);
            std::thread::spawn(move || drop(serve(stream, Manner::Serves(REPLY), &asked)));
        }
    });
    port
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "the system's store alone says whom to trust")]
fn an_authority_of_ones_own_is_trusted_once_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let asked = Asked::default();
    let port = service_of_our_authority(folder.path(), Arc::clone(&asked));
    let base_url = format!("https://localhost:{port}/v1");
    let unknown = ask(folder.path(), &base_url, &[]).with_code(3);
    assert!(unknown.err.contains("certificate"), "{}", unknown.err);
    assert!(asked.lock().unwrap().is_empty(), "nothing is sent to whom nobody vouches for");
    let authority = folder.path().join("ca.pem").display().to_string();
    ask(folder.path(), &base_url, &[("SSL_CERT_FILE", &authority)]).with_code(0);
    let asked = asked.lock().unwrap().clone();
    assert!(
        asked.iter().any(|(head, _)| head.starts_with("POST /v1/chat/completions ")),
        "{asked:?}"
    );
}

#[test]
fn downloads_go_through_the_proxy_too() {
    let folder = tempfile::tempdir().unwrap();
    let fetch = |variables: &[(&str, &str)]| {
        let mut command = program(folder.path());
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
            command.env_remove(name).env_remove(name.to_lowercase());
        }
        command.args([
            "data",
            "fetch",
            "usmle-mental",
            "--mirror",
            "http://mirror.example",
            "--data",
            "data",
        ]);
        ended(command.envs(variables.iter().copied()).output().unwrap())
    };
    let proxy = Proxy::start(Manner::Serves("no such file"));
    let address = proxy.address();
    let other = fetch(&[("HTTP_PROXY", &address)]);
    assert!(other.err.contains("after 12 of 861081 bytes"), "{}", other.err);
    let asked = proxy.asked();
    assert!(asked.iter().any(|(head, _)| head.contains("mirror.example")), "{asked:?}");
    assert!(asked.first().unwrap().1.is_some(), "{asked:?}");
    let refusing = Proxy::start(Manner::Refuses);
    let address = refusing.address();
    let refused = fetch(&[("HTTP_PROXY", &address)]);
    let told = format!("through the proxy http://127.0.0.1:{} (HTTP_PROXY)", refusing.port);
    assert!(refused.err.contains(&told), "{}", refused.err);
    assert!(![other.err, refused.err].concat().contains("canary"));
}
