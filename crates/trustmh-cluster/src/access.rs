//! The way to the server: address, credentials, TLS.

use async_nats::connection::State;
use async_nats::jetstream::{self, Context};
use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event};
use secrecy::{ExposeSecret, SecretString};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::Notifier;
use crate::error::ClusterError;
use crate::names::WORKER_INBOX;

/// The first server version that has all that is needed.
const OLDEST: (u32, u32) = (2, 9);
/// How long a connection, and an answer of the server, may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// What of a message's largest size is left to headers.
const HEADERS: usize = 4096;

/// How to reach the server.
#[derive(Debug, Clone)]
pub struct Access {
    /// One address or several, comma separated: `nats://host:4222`, or `tls://host:4222` to insist on TLS.
    pub servers: String,
    /// Who we are.
    pub login: Login,
    /// A file with the certificates of the authority that vouches for the server, where the system does not know it.
    pub authority: Option<PathBuf>,
    /// Our own certificate and its key.
    pub certificate: Option<(PathBuf, PathBuf)>,
}

/// Who we are, to the server.
#[derive(Debug, Clone)]
pub enum Login {
    /// The server asks nobody.
    Nobody,
    /// A user with a password.
    User {
        /// Their name.
        name: String,
        /// Their password.
        password: SecretString,
    },
    /// A token.
    Token(SecretString),
    /// The seed of an NKey.
    NKey(SecretString),
    /// What a credentials file holds: a JWT and the seed of its NKey.
    Credentials(SecretString),
}

/// Whose connection it is: replies to each come to an inbox that the other cannot read, where the server's permissions say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Plans, publishes and records.
    Coordinator,
    /// Makes calls.
    Worker,
}

/// A connection.
#[derive(Clone)]
pub struct Link {
    pub(crate) client: Client,
    pub(crate) context: Context,
    pub(crate) notify: Notifier,
    servers: String,
    /// How often the connection broke.
    breaks: Arc<AtomicU64>,
}

impl Link {
    /// Connects, and looks whether the server can do what is needed. A connection that breaks later is made again.
    ///
    /// # Errors
    /// [`ClusterError`] that names what is wrong: address, credentials, no JetStream, too old a server.
    pub async fn connect(
        access: &Access,
        role: Role,
        notify: Notifier,
    ) -> Result<Self, ClusterError> {
        let servers = access.servers.clone();
        let addresses = addresses(&servers)?;
        let breaks = Arc::new(AtomicU64::new(0));
        let options = options(access, role, &notify, &breaks)?;
        let client = options.connect(addresses).await.map_err(|error| {
            let cause = causes(&error);
            match error.kind() {
                ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
                    ClusterError::Credentials { servers: servers.clone(), cause }
                }
                _ => ClusterError::Unreachable { servers: servers.clone(), cause },
            }
        })?;
        let version = client.server_info().version;
        if parsed(&version).is_some_and(|version| version < OLDEST) {
            return Err(ClusterError::TooOld { version });
        }
        let context = jetstream::context::ContextBuilder::new()
            .timeout(PATIENCE)
            .max_ack_inflight(100_000)
            .build(client.clone());
        Ok(Self { client, context, notify, servers, breaks })
    }

    /// Asks the server whether it keeps streams for us.
    ///
    /// Asked by hand: the client's own question wants fields in the answer that servers before 2.10 do not send.
    pub(crate) async fn need_streams(&self) -> Result<(), ClusterError> {
        let none = |cause: String| ClusterError::NoJetStream {
            version: self.client.server_info().version,
            cause,
        };
        let answer = self.client.request("$JS.API.INFO", "".into()).await;
        let answer = answer.map_err(|error| none(causes(&error)))?;
        let answer: serde_json::Value = serde_json::from_slice(&answer.payload).unwrap_or_default();
        match answer.pointer("/error/description").and_then(serde_json::Value::as_str) {
            Some(refused) => Err(none(refused.to_owned())),
            None => Ok(()),
        }
    }

    /// How often the connection broke so far.
    pub(crate) fn breaks(&self) -> u64 {
        self.breaks.load(Ordering::Relaxed)
    }

    /// Whether the server can be spoken to at the moment, as far as is known.
    pub(crate) fn is_up(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// The largest payload that a message carries; larger ones go in parts.
    pub(crate) fn inline_limit(&self) -> usize {
        self.client.server_info().max_payload.saturating_sub(HEADERS)
    }

    /// The addresses as they were given.
    pub fn servers(&self) -> &str {
        &self.servers
    }

    /// As [`Self::need_streams`], for those who may not ask: the server's greeting says it.
    pub(crate) fn need_streams_greeted(&self) -> Result<(), ClusterError> {
        let info = self.client.server_info();
        if info.jetstream {
            return Ok(());
        }
        Err(ClusterError::NoJetStream {
            version: info.version,
            cause: "it is not enabled".to_owned(),
        })
    }

    /// Sends what is under way and closes the connection.
    pub async fn close(&self) {
        // A server that is gone takes nothing more.
        let _ = tokio::time::timeout(PATIENCE, self.client.flush()).await;
        let _ = self.client.drain().await;
    }
}

fn addresses(servers: &str) -> Result<Vec<String>, ClusterError> {
    let wrong = |message: String| Err(ClusterError::Configuration { message });
    let addresses: Vec<String> = servers.split(',').map(|one| one.trim().to_owned()).collect();
    for address in &addresses {
        let Some((scheme, place)) = address.split_once("://") else {
            return wrong(format!(
                "`{address}` is no address of a NATS server; write nats://HOST:4222"
            ));
        };
        if !matches!(scheme, "nats" | "tls") || place.is_empty() {
            return wrong(format!(
                "`{scheme}://…` is no address of a NATS server; write nats:// or tls://"
            ));
        }
        if place.contains('@') {
            return wrong(
                "credentials do not belong in an address, where everybody on the machine can read them; set \
                 TRUSTMH_NATS_USER and TRUSTMH_NATS_PASSWORD, TRUSTMH_NATS_TOKEN or TRUSTMH_NATS_NKEY"
                    .to_owned(),
            );
        }
    }
    Ok(addresses)
}

fn options(
    access: &Access,
    role: Role,
    notify: &Notifier,
    breaks: &Arc<AtomicU64>,
) -> Result<ConnectOptions, ClusterError> {
    let breaks = Arc::clone(breaks);
    let (name, inbox) = match role {
        Role::Coordinator => ("trustmh coordinator", "_INBOX_COORDINATOR"),
        Role::Worker => ("trustmh worker", WORKER_INBOX),
    };
    let note = notify.clone();
    let lost = Arc::new(AtomicBool::new(false));
    let mut options = ConnectOptions::new()
        .name(name)
        .custom_inbox_prefix(inbox)
        .connection_timeout(PATIENCE)
        .request_timeout(Some(PATIENCE))
        .reconnect_delay_callback(|attempts| {
            Duration::from_millis((100 * attempts.min(20) as u64).min(2_000))
        })
        .event_callback(move |event| {
            let (note, lost) = (note.clone(), Arc::clone(&lost));
            if matches!(event, Event::Disconnected) {
                breaks.fetch_add(1, Ordering::Relaxed);
            }
            async move {
                match event {
                    Event::Disconnected if !lost.swap(true, Ordering::Relaxed) => {
                        note("the connection to the NATS server broke; trying again");
                    }
                    Event::Connected if lost.swap(false, Ordering::Relaxed) => {
                        note("connected to the NATS server again");
                    }
                    Event::ServerError(error) => note(&format!("the NATS server says: {error}")),
                    Event::Disconnected
                    | Event::Connected
                    | Event::ClientError(_)
                    | Event::LameDuckMode
                    | Event::Draining
                    | Event::Closed
                    | Event::SlowConsumer(_) => {}
                }
            }
        });
    options = match &access.login {
        Login::Nobody => options,
        Login::User { name, password } => {
            options.user_and_password(name.clone(), password.expose_secret().to_owned())
        }
        Login::Token(token) => options.token(token.expose_secret().to_owned()),
        Login::NKey(seed) => options.nkey(seed.expose_secret().trim().to_owned()),
        Login::Credentials(text) => options.credentials(text.expose_secret()).map_err(|error| {
            ClusterError::Configuration {
                message: format!("the credentials file cannot be used: {error}"),
            }
        })?,
    };
    if let Some(file) = &access.authority {
        options = options.add_root_certificates(file.clone()).require_tls(true);
    }
    if let Some((certificate, key)) = &access.certificate {
        options = options.add_client_certificate(certificate.clone(), key.clone());
    }
    Ok(options)
}

/// The first two numbers of a version.
fn parsed(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.trim_start_matches('v').split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// An error with what lies below it.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut below = error.source();
    while let Some(cause) = below {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        below = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked_before_anything_is_sent() {
        assert_eq!(addresses("nats://a:4222, tls://b:4222").map(|all| all.len()).ok(), Some(2));
        for wrong in ["host:4222", "http://host", "nats://", "nats://user:pass@host:4222"] {
            let refused = addresses(wrong).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(!refused.is_empty() && !refused.contains("pass@"), "{wrong}: {refused}");
        }
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(parsed("2.9.10").is_some_and(|version| version >= OLDEST));
        assert!(parsed("2.10.0").is_some_and(|version| version >= OLDEST));
        assert!(parsed("2.2.6").is_some_and(|version| version < OLDEST));
        assert_eq!(parsed("unknown"), None);
    }
}
