//! A server that speaks the OpenAI chat protocol and replies by a script: for tests and for trying the
//! program without a model. It listens on loopback only.

mod reply;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use std::fs::File;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use trustmh_bench::benchmark::Benchmark;
use trustmh_core::digest::Digest;
use trustmh_core::id::ModelId;
use trustmh_model::scripted::{Behaviour, Scripted};

use crate::arguments::{FakeProviderArguments, FaultChoice};
use crate::failure::{Exit, Failure};
use crate::screen;

struct Provider {
    script: Scripted,
    /// Its list of words scores toxicity.
    offline: Benchmark,
    latency: Duration,
    log: Option<Mutex<File>>,
    fault: Option<FaultChoice>,
    fault_every: u64,
    served: AtomicU64,
}

/// Serves until the process is stopped. The first line on stdout is the base URL.
pub(crate) fn serve(arguments: &FakeProviderArguments) -> Result<Exit, Failure> {
    let behaviour: Behaviour = arguments.behaviour.parse().map_err(Failure::from)?;
    let log = match &arguments.log {
        Some(path) => {
            let file = File::options()
                .create(true)
                .append(true)
                .open(path)
                .map_err(|error| Failure::io(path, "opening the log", &error))?;
            Some(Mutex::new(file))
        }
        None => None,
    };
    let provider = Arc::new(Provider {
        offline: Benchmark::embedded()?,
        script: Scripted::new(ModelId::new("scripted/fake-provider"), behaviour),
        latency: Duration::from_millis(arguments.latency),
        log,
        fault: arguments.fault,
        fault_every: arguments.fault_every.max(1),
        served: AtomicU64::new(0),
    });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::usage(format!("no async runtime: {error}")))?;
    runtime.block_on(listen(provider, arguments.port))
}

async fn listen(provider: Arc<Provider>, port: u16) -> Result<Exit, Failure> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let taken = |error: std::io::Error| Failure::usage(format!("{address}: listening: {error}"));
    let listener = tokio::net::TcpListener::bind(address).await.map_err(taken)?;
    let bound = listener.local_addr().map_err(taken)?;
    screen::print(&format!("http://{bound}/v1\n"));
    let routes = Router::new()
        .route("/v1/chat/completions", post(chat))
        .route("/v1alpha1/{analyze}", post(toxicity))
        .with_state(provider);
    axum::serve(listener, routes).await.map_err(taken)?;
    Ok(Exit::Ok)
}

async fn chat(State(provider): State<Arc<Provider>>, body: Bytes) -> Response {
    let number = provider.served.fetch_add(1, Ordering::Relaxed) + 1;
    provider.note(&body);
    if !provider.latency.is_zero() {
        tokio::time::sleep(provider.latency).await;
    }
    match provider.fault {
        Some(fault) if number % provider.fault_every == 0 => reply::fault(fault),
        _ => reply::scripted(&provider.script, &body).await,
    }
}

/// The toxicity of a comment, by the embedded list of words.
async fn toxicity(State(provider): State<Arc<Provider>>, body: Bytes) -> Response {
    provider.note(&body);
    reply::toxicity(&provider.offline, &body)
}

impl Provider {
    /// One line per request: the hash of its body tells equal requests apart from different ones.
    fn note(&self, body: &[u8]) {
        if let Some(log) = &self.log {
            let mut file = log.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if let Err(error) = writeln!(file, "{}", Digest::of(body)) {
                screen::note(&format!("warning: the request log takes no more: {error}"));
            }
        }
    }
}
