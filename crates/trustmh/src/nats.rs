//! The way to the NATS server, from arguments and environment.

use secrecy::SecretString;
use std::sync::Arc;

use trustmh_cluster::Notifier;
use trustmh_cluster::access::{Access, Link, Login, Role};
use trustmh_cluster::error::ClusterError;

use crate::arguments::ServerAccess;
use crate::failure::Failure;
use crate::screen;

const USER: &str = "TRUSTMH_NATS_USER";
const PASSWORD: &str = "TRUSTMH_NATS_PASSWORD";
const TOKEN: &str = "TRUSTMH_NATS_TOKEN";
const NKEY: &str = "TRUSTMH_NATS_NKEY";

/// Where the server is and who we are to it.
pub(crate) fn access(servers: &str, server: &ServerAccess) -> Result<Access, Failure> {
    for file in
        [&server.cluster_ca, &server.cluster_cert, &server.cluster_key].into_iter().flatten()
    {
        // Said here, since a connection that fails for want of a file names none.
        std::fs::metadata(file).map_err(|error| Failure::io(file, "reading", &error))?;
    }
    Ok(Access {
        servers: servers.to_owned(),
        login: login(server)?,
        authority: server.cluster_ca.clone(),
        certificate: server.cluster_cert.clone().zip(server.cluster_key.clone()),
    })
}

fn login(server: &ServerAccess) -> Result<Login, Failure> {
    if let Some(path) = &server.cluster_creds {
        let text =
            std::fs::read_to_string(path).map_err(|error| Failure::io(path, "reading", &error))?;
        return Ok(Login::Credentials(SecretString::from(text)));
    }
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Ok(match (set(USER), set(PASSWORD), set(TOKEN), set(NKEY)) {
        (None, None, None, None) => Login::Nobody,
        (Some(name), Some(password), None, None) => {
            Login::User { name, password: SecretString::from(password) }
        }
        (None, None, Some(token), None) => Login::Token(SecretString::from(token)),
        (None, None, None, Some(seed)) => Login::NKey(SecretString::from(seed)),
        _ => {
            let several = format!("{USER} with {PASSWORD}, {TOKEN} and {NKEY} cannot be combined");
            return Err(
                Failure::usage(several).with_hint("set only those that the server asks for")
            );
        }
    })
}

pub(crate) async fn connect(access: &Access, role: Role) -> Result<Link, Failure> {
    let notify: Notifier = Arc::new(|text: &str| screen::note(text));
    Ok(Link::connect(access, role, notify).await?)
}

/// Host and process, for others to see.
pub(crate) fn whereabouts() -> String {
    #[cfg(unix)]
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    let host = std::env::var("COMPUTERNAME").unwrap_or_else(|_| "host".to_owned());
    format!("{host}:{}", std::process::id())
}

impl From<ClusterError> for Failure {
    fn from(error: ClusterError) -> Self {
        trustmh_run::error::RunError::from(error).into()
    }
}
