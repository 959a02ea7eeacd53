//! A server that speaks the protocols of OpenAI, Anthropic, Gemini and Ollama and replies by a script: for tests and for trying the program
//! without a model. It listens on loopback only.

mod dialect;
mod reply;
mod trouble;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use trustmh_core::digest::Digest;
use trustmh_core::id::ModelId;
use trustmh_engine::benchmark::Benchmark;
use trustmh_model::scripted::{Script, Scripted};

use crate::arguments::{FakeProviderArguments, FaultChoice, ThoughtsChoice};
use crate::failure::{Exit, Failure};
use crate::screen;
use dialect::Dialect;
use trouble::Trouble;

struct Provider {
    script: Scripted,
    thoughts: ThoughtsChoice,
    /// Its list of words scores toxicity.
    offline: Benchmark,
    latency: Latency,
    log: Option<Mutex<File>>,
    fault: Option<FaultChoice>,
    trouble: Trouble,
    served: AtomicU64,
    faults: AtomicU64,
}

/// How long replies take.
struct Latency {
    median: Duration,
    /// Standard deviation of the logarithm.
    spread: f64,
    seed: u64,
}

impl Latency {
    /// Of the request with this number: log-normal, the same for the same seed.
    fn of(&self, number: u64) -> Duration {
        if self.spread <= 0.0 {
            return self.median;
        }
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed ^ number);
        // Box & Muller 1958, doi 10.1214/aoms/1177706645.
        let (u, v): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
        let normal = (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos();
        self.median.mul_f64((self.spread * normal).exp().min(1000.0))
    }
}

/// Serves until the process is stopped. The first line on stdout is the base URL.
pub(crate) fn serve(arguments: &FakeProviderArguments) -> Result<Exit, Failure> {
    let script: Script = arguments.behaviour.parse().map_err(Failure::from)?;
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
        script: Scripted::new(ModelId::new("scripted/fake-provider"), script),
        thoughts: arguments.thoughts,
        latency: Latency {
            median: Duration::from_millis(arguments.latency),
            spread: arguments.latency_spread,
            seed: arguments.seed,
        },
        log,
        fault: arguments.fault,
        trouble: Trouble::of(arguments),
        served: AtomicU64::new(0),
        faults: AtomicU64::new(0),
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
        .route("/v1/chat/completions", post(|state, body| chat(Dialect::OpenAi, state, body)))
        .route("/v1/messages", post(|state, body| chat(Dialect::Anthropic, state, body)))
        .route("/v1beta/models/{call}", post(|state, body| chat(Dialect::Gemini, state, body)))
        .route("/api/chat", post(|state, body| chat(Dialect::Ollama, state, body)))
        .route("/v1alpha1/{analyze}", post(toxicity))
        .route("/counts", get(counts))
        .with_state(provider);
    axum::serve(listener, routes).await.map_err(taken)?;
    Ok(Exit::Ok)
}

async fn chat(dialect: Dialect, State(provider): State<Arc<Provider>>, body: Bytes) -> Response {
    let number = provider.served.fetch_add(1, Ordering::Relaxed) + 1;
    provider.note(&body);
    let latency = provider.latency.of(number);
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    match provider.fault.filter(|_| provider.trouble.is_due(number, &body)) {
        Some(fault) => {
            provider.faults.fetch_add(1, Ordering::Relaxed);
            reply::fault(fault, dialect)
        }
        None => reply::scripted(&provider.script, provider.thoughts, dialect, &body).await,
    }
}

/// How many requests were served, and how many of them with the fault.
async fn counts(State(provider): State<Arc<Provider>>) -> Json<BTreeMap<&'static str, u64>> {
    let served = provider.served.load(Ordering::Relaxed);
    Json(BTreeMap::from([("served", served), ("faults", provider.faults.load(Ordering::Relaxed))]))
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
