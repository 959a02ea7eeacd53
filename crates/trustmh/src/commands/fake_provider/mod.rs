//! A server that speaks the protocols of OpenAI, Anthropic, Gemini and Ollama and replies by a
//! script: for tests and for trying the program without a model. It listens on loopback only.

mod dialect;
mod reply;
mod trouble;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use clap::{Args, ValueEnum};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use trustmh_core::digest::Digest;
use trustmh_core::id::ModelId;
use trustmh_engine::benchmark::Benchmark;
use trustmh_model::scripted::{Script, Scripted};

use crate::failure::{Exit, Failure};
use crate::screen;
use dialect::Dialect;
use trouble::Trouble;

/// Serve scripted replies over the OpenAI chat protocol on loopback, for tests
#[derive(Debug, Args)]
pub(crate) struct FakeProviderArguments {
    /// Port on loopback; 0 takes a free one. The first line printed is the address
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// The scripted behaviour that replies; `thinks:TOKENS:BEHAVIOUR` puts a thought of TOKENS
    /// tokens before each reply
    #[arg(long, default_value = "random")]
    pub(crate) behaviour: String,
    /// Where thoughts are put
    #[arg(long, value_enum, default_value = "tags")]
    pub(crate) thoughts: ThoughtsChoice,
    /// Milliseconds before each reply; the median, where they are spread.
    #[arg(long, default_value_t = 0)]
    pub(crate) latency: u64,
    /// Standard deviation of the logarithm of the latency: 0 for none, 0.5 for a tail as providers
    /// have it.
    #[arg(long, default_value_t = 0.0)]
    pub(crate) latency_spread: f64,
    /// Seed of the latencies.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Log file: one line per request served, the blake3 of its body
    #[arg(long)]
    pub(crate) log: Option<PathBuf>,
    /// A fault to answer with instead of replies.
    #[arg(long, value_enum)]
    pub(crate) fault: Option<FaultChoice>,
    /// Answer with the fault only every n-th request.
    #[arg(long, default_value_t = 1)]
    pub(crate) fault_every: u64,
    /// Answer with the fault N times in a row each time
    #[arg(long, default_value_t = 1)]
    pub(crate) fault_burst: u64,
    /// Answer this share of all requests with the fault, at random: 0.02 for one in fifty
    #[arg(long, value_name = "SHARE", requires = "fault")]
    pub(crate) fault_share: Option<f64>,
    /// Answer every request with the fault the first time it arrives
    #[arg(long, requires = "fault")]
    pub(crate) first_tries: bool,
    /// Answer requests beyond N a second with the fault
    #[arg(long, value_name = "N", requires = "fault")]
    pub(crate) rate: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ThoughtsChoice {
    /// Between tags, before the answer.
    Tags,
    /// In a field or block of their own, as each protocol has it.
    Apart,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FaultChoice {
    /// 401 with an OpenAI error body.
    Unauthorized,
    /// 403 of a moderator, with reasons.
    Flagged,
    /// 429 of an account without credit.
    NoCredit,
    /// 400 that blames nothing.
    BadRequest,
    /// 429 with Retry-After: 0.
    RateLimit,
    /// 429 without a word on when to come back.
    RateLimitSilent,
    /// 503.
    Unavailable,
    /// 500.
    ServerError,
    /// 200 with JSON of another shape.
    WrongJson,
    /// 200 with JSON cut short.
    CutJson,
    /// 200 with an empty body.
    EmptyBody,
    /// 200 with an empty reply.
    EmptyReply,
    /// 200 with finish_reason content_filter.
    ContentFilter,
    /// 200 with HTML.
    WrongType,
    /// 200, and the connection breaks in the middle of the body.
    BrokenOff,
    /// The connection breaks before anything is said.
    Reset,
    /// 200 with the same body twice.
    Twice,
    /// 200 with a stream of events that ends in the middle.
    CutStream,
    /// 200 with a body longer than is read.
    HugeBody,
    /// 200 with a body that comes in drips, a byte every 100 ms.
    SlowDrip,
}

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
pub(crate) fn run(arguments: &FakeProviderArguments) -> Result<Exit, Failure> {
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
