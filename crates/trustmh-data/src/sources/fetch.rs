//! Fetching a set's files: whole, checked, or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use trustmh_core::proxy::{Proxies, Proxy};

use super::{Card, CardFile, SourceError, member, sums};

/// How long and how large a download may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Until a connection stands.
    pub connect: Duration,
    /// Without a byte.
    pub stall: Duration,
    /// For one file in all.
    pub file: Duration,
    /// For a file whose length no card knows.
    pub bytes: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            stall: Duration::from_secs(30),
            file: Duration::from_secs(1800),
            bytes: 256 << 20,
        }
    }
}

/// Where files come from.
pub struct Fetch {
    direct: ureq::Agent,
    /// What goes through a proxy, by the proxy.
    proxied: Vec<(Proxy, ureq::Agent)>,
    proxies: Proxies,
    mirror: Option<String>,
    bounds: Bounds,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Got {
    /// It was there already.
    There,
    /// It was fetched; so many bytes came over the network, less than its length where an earlier attempt was gone on with.
    Fetched(u64),
}

impl Fetch {
    /// From the publishers, or from `mirror`: an address below which files stand by the paths of their own addresses.
    ///
    /// # Errors
    /// [`SourceError::Proxy`] for a proxy that cannot be used.
    pub fn new(
        mirror: Option<&str>,
        bounds: Bounds,
        proxies: Proxies,
    ) -> Result<Self, SourceError> {
        let https_only = mirror.is_none();
        let proxied = proxies.all().map(|proxy| {
            let through = ureq::Proxy::new(proxy.address())
                .map_err(|_| SourceError::Proxy { proxy: proxy.shown() })?;
            Ok((proxy.clone(), agent(bounds, https_only, Some(through))))
        });
        Ok(Self {
            direct: agent(bounds, https_only, None),
            proxied: proxied.collect::<Result<_, SourceError>>()?,
            proxies,
            mirror: mirror.map(|base| base.trim_end_matches('/').to_owned()),
            bounds,
        })
    }

    /// Who asks for what is at an address, and the proxy on the way.
    fn agent(&self, url: &str) -> (&ureq::Agent, Option<&Proxy>) {
        let through = self.proxies.through(url);
        let found = self.proxied.iter().find(|(proxy, _)| Some(proxy) == through);
        found.map_or((&self.direct, None), |(proxy, agent)| (agent, Some(proxy)))
    }

    /// Fetches what is missing of a set into `folder`; `told` hears of every file. A file that is there but is not the published
    /// one is replaced.
    ///
    /// # Errors
    /// [`SourceError`]; what was checked before stays, and of the file at fault no more than an attempt below `.partial` that the
    /// next one goes on with.
    pub fn set(
        &self,
        card: &Card,
        folder: &Path,
        told: &mut dyn FnMut(&CardFile, Got),
    ) -> Result<(), SourceError> {
        if card.terms.are_met_by_hand() {
            let how = card.how.clone().unwrap_or_default();
            return Err(SourceError::Gated { id: card.id.clone(), how });
        }
        for file in &card.files {
            let path = folder.join(&file.path);
            let there = fs::read(&path).is_ok_and(|bytes| sums::check(file, &bytes).is_ok());
            let got = if there { Got::There } else { self.file(file, folder, &path)? };
            told(file, got);
        }
        Ok(())
    }

    fn file(&self, file: &CardFile, folder: &Path, path: &Path) -> Result<Got, SourceError> {
        let url = self.address(file.url.as_deref().unwrap_or_default());
        let partial = folder.join(".partial").join(file.path.replace('/', "%"));
        make_room(&partial)?;
        let came = self.download(&url, file, &partial)?;
        let bytes = fs::read(&partial).map_err(SourceError::disk(&partial))?;
        let kept = match &file.member {
            Some(name) => member::member(&url, &bytes, name),
            None => Ok(bytes),
        };
        let checked = kept.and_then(|bytes| match sums::check(file, &bytes) {
            Ok(()) => Ok(bytes),
            Err(mismatch) => Err(SourceError::NotPublished { file: file.path.clone(), mismatch }),
        });
        // Whatever came of it, this attempt is over: going on with wrong bytes would never end well.
        fs::remove_file(&partial).map_err(SourceError::disk(&partial))?;
        let scratch = path.with_extension("new");
        let bytes = checked?;
        // Not before: an empty folder looks like a set that is there in part.
        make_room(path)?;
        fs::write(&scratch, bytes).map_err(SourceError::disk(&scratch))?;
        fs::rename(&scratch, path).map_err(SourceError::disk(path))?;
        Ok(Got::Fetched(came))
    }

    fn address(&self, url: &str) -> String {
        let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
        match (&self.mirror, path) {
            (Some(base), Some((_, path))) => format!("{base}/{path}"),
            _ => url.to_owned(),
        }
    }

    /// Brings `partial` to the whole file, from where it ends; gives how many bytes came.
    fn download(&self, url: &str, file: &CardFile, partial: &Path) -> Result<u64, SourceError> {
        let (agent, proxy) = self.agent(url);
        let network = |message: String| {
            let message = match proxy {
                Some(proxy) => format!("{message}, through the proxy {}", proxy.shown()),
                None => message,
            };
            SourceError::Network { url: url.to_owned(), message }
        };
        let answer = |message: String| SourceError::Answer { url: url.to_owned(), message };
        let most = match (&file.member, file.bytes) {
            (None, Some(bytes)) => bytes,
            _ => self.bounds.bytes,
        };
        let mut have = fs::metadata(partial).map_or(0, |found| found.len());
        let mut request = agent.get(url);
        if have > 0 {
            request = request.header("range", format!("bytes={have}-"));
        }
        let mut response = request.call().map_err(|error| network(error.to_string()))?;
        match response.status().as_u16() {
            200 => have = 0,
            206 if have > 0 => {}
            416 if have > 0 => {
                fs::remove_file(partial).map_err(SourceError::disk(partial))?;
                return Err(answer(
                    "it does not go on from where an earlier attempt ended; ask again".to_owned(),
                ));
            }
            status @ 300..=399 => {
                let to = response.headers().get("location").and_then(|to| to.to_str().ok());
                return Err(answer(format!(
                    "status {status}: it wants to lead elsewhere ({}), which is not followed",
                    to.unwrap_or("nowhere").escape_debug()
                )));
            }
            407 => return Err(network("status 407: credentials are wanted".to_owned())),
            status => return Err(answer(format!("status {status}"))),
        }
        let mut out = begun(partial, have)?;
        let until = Instant::now() + self.bounds.file;
        let mut body = response.body_mut().as_reader();
        let mut buffer = vec![0; 64 * 1024];
        let mut came = 0;
        loop {
            let length = body.read(&mut buffer).map_err(|error| {
                network(format!(
                    "broke off after {} bytes: {error}; the next attempt goes on there",
                    have + came
                ))
            })?;
            if length == 0 {
                break;
            }
            came += length as u64;
            if have + came > most {
                drop(out);
                fs::remove_file(partial).map_err(SourceError::disk(partial))?;
                return Err(answer(format!(
                    "more than the {most} bytes that it may have; nothing was kept"
                )));
            }
            if Instant::now() > until {
                return Err(network(format!("took longer than {} s", self.bounds.file.as_secs())));
            }
            let read = &buffer[..length];
            out.write_all(read).map_err(SourceError::disk(partial))?;
        }
        out.sync_all().map_err(SourceError::disk(partial))?;
        match (&file.member, file.bytes) {
            (None, Some(wanted)) if have + came < wanted => Err(network(format!(
                "ended after {} of {wanted} bytes; the next attempt goes on there",
                have + came
            ))),
            _ => Ok(came),
        }
    }
}

fn begun(partial: &Path, have: u64) -> Result<File, SourceError> {
    let mut options = OpenOptions::new();
    if have > 0 {
        options.append(true);
    } else {
        options.write(true).create(true).truncate(true);
    }
    options.open(partial).map_err(SourceError::disk(partial))
}

fn make_room(path: &Path) -> Result<(), SourceError> {
    let folder: PathBuf = path.parent().map(Path::to_owned).unwrap_or_default();
    fs::create_dir_all(&folder).map_err(SourceError::disk(&folder))
}

/// Who asks, by this way and no other: without a proxy none is looked for in the variables of the process.
fn agent(bounds: Bounds, https_only: bool, proxy: Option<ureq::Proxy>) -> ureq::Agent {
    let tls = ureq::tls::TlsConfig::builder()
        .root_certs(ureq::tls::RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    ureq::Agent::config_builder()
        .tls_config(tls)
        .proxy(proxy)
        .https_only(https_only)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_connect(Some(bounds.connect))
        .timeout_per_read(Some(bounds.stall))
        .timeout_recv_response(Some(bounds.stall))
        .build()
        .new_agent()
}
