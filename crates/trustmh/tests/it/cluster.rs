//! Runs whose calls are made by workers, through a NATS server that each test starts for itself.
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::cluster::{asked, calls, cluster_run, spawn, the_run, wait_until};
use crate::support::nats::{Nats, Worker};
use crate::support::questions::{Draws, QUESTIONS, generated_questions};
use crate::support::{Ended, Provider, only_run, trustmh};
use serde_json::{Value, json};
use trustmh_core::call::CallEnd;

/// The only scorecard, without the name of its run.
fn card(ended: &Ended) -> Value {
    let mut card = ended.json()[0].take();
    card["run"] = Value::Null;
    card
}

#[test]
fn local_and_cluster_runs_give_equal_scorecards() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let Some(nats) = Nats::start(here) else { return };
    let subject = Provider::start(&["--behaviour", "random:3"]);
    let judge = Provider::start(&["--behaviour", "judge:5"]);
    let asked = ["--subject", "openai/subject", "--judge", "openai/judge", "--items", "6"];
    let local = [
        &["run", "--json", "--runs-dir", "local", "--base-url", &subject.url][..],
        &["--judge-base-url", &judge.url][..],
        &asked[..],
    ]
    .concat();
    let local = trustmh(here, local);

    let server = nats.url();
    let subject_model = format!("openai/subject={}", subject.url);
    let judge_model = format!("openai/judge={}", judge.url);
    let more = ["--model-endpoint", &judge_model];
    let workers: Vec<Worker> = ["one", "two"]
        .iter()
        .map(|name| Worker::start(here, &server, &subject_model, name, &more))
        .collect();
    let remote = trustmh(here, cluster_run(&server, &asked));
    assert_eq!(remote.code, local.code, "{}", remote.err);
    assert_eq!(card(&remote), card(&local));
    // Another seed would have given another scorecard: they are not equal for want of content.
    let other = [&asked[..], &["--seed", "5", "--runs-dir", "other"]].concat();
    assert_ne!(card(&trustmh(here, cluster_run(&server, &other))), card(&local));
    // Both had a part in it.
    let run = only_run(&here.join("runs"));
    assert!(calls(&run).iter().all(|call| call.handed_out.is_none()));
    for (worker, name) in workers.into_iter().zip(["one", "two"]) {
        let mut worker = worker;
        assert_eq!(worker.terminate(), Some(0));
        let said = fs::read_to_string(here.join(format!("{name}.log"))).unwrap();
        assert!(said.contains("draining") && !said.contains("\n0 results"), "{said}");
    }
}

/// What is killed besides workers, not before this second.
#[derive(Clone, Copy)]
enum Fault {
    Server(u32),
    Coordinator(u32),
}

impl Fault {
    fn second(self) -> u32 {
        match self {
            Self::Server(second) | Self::Coordinator(second) => second,
        }
    }
}

#[test]
fn twenty_thousand_trials_survive_killed_workers_servers_and_coordinator() {
    const TRIALS: usize = 20_000;
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let Some(mut nats) = Nats::start(here) else { return };
    generated_questions(here, TRIALS, "");
    let log = here.join("requests.log");
    let provider = Provider::start(&[
        "--behaviour",
        "random:3",
        "--latency",
        "20",
        "--log",
        log.to_str().unwrap(),
    ]);
    let server = nats.url();
    let model = format!("openai/subject={}", provider.url);
    let worker =
        |name: &str| Worker::start(here, &server, &model, name, &["--max-connections", "16"]);
    let names = ["one", "two", "three", "four"];
    let mut workers: Vec<Worker> = names.iter().map(|name| worker(name)).collect();
    let more =
        [&["--subject", "openai/subject", "--lease", "2", "--connections", "256"][..], &QUESTIONS]
            .concat();
    let mut coordinator = spawn(here, &cluster_run(&server, &more), "coordinator.log");
    let run = the_run(here);
    let recorded = || {
        let bytes = fs::read(run.join("journal.jsonl")).unwrap_or_default();
        bytes.windows(16).filter(|window| window == b"\"event\":{\"call\":").count()
    };
    let resume =
        ["resume", run.to_str().unwrap(), "--tasks-dir", "tasks", "--json", "--cluster", &server];
    let resume = [&resume[..], &["--lease", "2", "--connections", "256"]].concat();

    let mut draws = Draws(7);
    let (mut kills, mut second, mut before) = (0, 0, 0);
    let mut faults = &[Fault::Server(4), Fault::Coordinator(6), Fault::Server(9)][..];
    let ended = loop {
        std::thread::sleep(Duration::from_secs(1));
        second += 1;
        if let Some(ended) = coordinator.try_wait().unwrap() {
            break ended;
        }
        let which = usize::try_from(draws.below(4)).unwrap();
        workers[which].kill();
        kills += 1;
        workers[which] = worker(names[which]);
        // A coordinator that is not at work yet has no connection that could survive a restart.
        match faults.first() {
            Some(fault) if second >= fault.second() && recorded() > before => {
                match fault {
                    Fault::Server(_) => nats.restart(),
                    Fault::Coordinator(_) => {
                        drop(coordinator.kill());
                        drop(coordinator.wait());
                        // Its own journal says what must not be asked again.
                        coordinator = spawn(here, &resume, "coordinator.log");
                    }
                }
                before = recorded();
                faults = &faults[1..];
            }
            _ => {}
        }
        assert!(second < 400, "{} of {TRIALS} recorded", recorded());
    };
    let said = || fs::read_to_string(here.join("coordinator.log")).unwrap();
    assert!(ended.success(), "{}", said());
    assert!(faults.is_empty() && kills > 9, "it was over after {second} s");
    // Requests that were under way when a worker died reach the log a moment later.
    std::thread::sleep(Duration::from_millis(200));

    let calls = calls(&run);
    assert_eq!(calls.len(), TRIALS, "every trial is recorded once");
    let broken: Vec<_> =
        calls.iter().filter(|call| !matches!(call.end, CallEnd::Replied(_))).collect();
    let times =
        |call: &trustmh_run::journal::Call| call.handed_out.map_or(1, std::num::NonZeroU32::get);
    let spread = (1..=6).map(|most| calls.iter().filter(|call| times(call) >= most).count());
    let spread: Vec<usize> = spread.collect();
    assert!(broken.is_empty(), "{spread:?} handed out at least 1, 2, 3, ... times; {broken:?}");
    let asked = asked(&log);
    assert_eq!(asked.len(), TRIALS);
    // Sent more than once are only calls that were handed to another worker, because the first was killed with them in hand.
    let mut handed_on = 0;
    let mut sent_again = 0;
    for call in &calls {
        let body = call.request.as_ref().unwrap().get();
        let times = asked[&trustmh_core::digest::Digest::of(body.as_bytes()).to_string()];
        let handed = call.handed_out.map_or(1, std::num::NonZeroU32::get);
        handed_on += u32::from(handed > 1);
        sent_again += u32::from(times > 1);
        assert!(times <= handed, "a call was sent {times} times and handed out {handed} times");
    }
    // No more than the hands of a worker hold can have been under way at each kill of one. Restarts of the server add none, the
    // coordinator's what it had in the queue: the next cannot know which of these its workers had a permit to make.
    assert!(handed_on <= kills * 20 + 256, "{handed_on} handed on at {kills} kills");
    assert!(sent_again <= handed_on);
    let told = format!("{handed_on} calls went to more than one worker");
    assert!(said().contains(&told), "{told}: {}", said());
    let verified = trustmh(here, ["verify", run.to_str().unwrap(), "--tasks-dir", "tasks"]);
    verified.with_code(0);
}

#[test]
fn a_stopped_coordinator_goes_on_and_nothing_is_asked_twice() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let Some(nats) = Nats::start(here) else { return };
    generated_questions(here, 400, "");
    let log = here.join("requests.log");
    let provider = Provider::start(&["--latency", "150", "--log", log.to_str().unwrap()]);
    let server = nats.url();
    let model = format!("openai/subject={}", provider.url);
    let _worker = Worker::start(here, &server, &model, "one", &["--max-connections", "8"]);
    let more = [&["--subject", "openai/subject", "--connections", "64"][..], &QUESTIONS].concat();
    let mut coordinator = Worker(spawn(here, &cluster_run(&server, &more), "coordinator.log"));
    let run = the_run(here);
    wait_until("some are recorded", Duration::from_secs(60), || calls(&run).len() > 40);

    // A second coordinator of the same run: on this machine the folder is locked; a copy elsewhere is refused by the lease.
    let copy = here.join("copy");
    fs::create_dir(&copy).unwrap();
    fs::copy(run.join("run.json"), copy.join("run.json")).unwrap();
    let resume = |run: &Path| {
        let arguments = [
            "resume",
            run.to_str().unwrap(),
            "--tasks-dir",
            "tasks",
            "--json",
            "--cluster",
            &server,
        ];
        trustmh(here, arguments)
    };
    let second = resume(&run).with_code(2);
    assert!(second.err.contains("is being written by another process"), "{}", second.err);
    // A coordinator says every two seconds what it has.
    let begun = Instant::now();
    let status = loop {
        let status = trustmh(here, ["cluster", "status", "--json", "--cluster", &server]);
        let status = status.with_code(0).json();
        if status["queues"][0]["leased"].as_u64() > Some(0) {
            break status;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{status}");
    };
    assert_eq!(status["coordinators"].as_array().unwrap().len(), 1, "{status}");
    assert_eq!(status["workers"][0]["name"], "one");
    assert_eq!(status["workers"][0]["served"][0]["model"], "openai/subject");

    assert_eq!(coordinator.terminate(), Some(130));
    let said = fs::read_to_string(here.join("coordinator.log")).unwrap();
    assert!(said.contains("interrupted; continue with: trustmh resume"), "{said}");
    let before = calls(&run).len();
    assert!(before < 400, "it was over before it was stopped");
    resume(&run).with_code(0);
    assert_eq!(calls(&run).len(), 400);
    let asked = asked(&log);
    assert_eq!((asked.len(), asked.values().copied().max()), (400, Some(1)));
    let status =
        trustmh(here, ["cluster", "status", "--json", "--cluster", &server]).with_code(0).json();
    assert_eq!(status["coordinators"], json!([]));
    assert_eq!((&status["results"], &status["queues"][0]["leased"]), (&json!(0), &json!(0)));
}

#[test]
fn a_copy_of_a_run_is_not_coordinated_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let Some(nats) = Nats::start(here) else { return };
    generated_questions(here, 50, "");
    let server = nats.url();
    // Nobody serves the model: the first one waits.
    let more = [&["--subject", "openai/nobody"][..], &QUESTIONS].concat();
    let _first = Worker(spawn(here, &cluster_run(&server, &more), "coordinator.log"));
    let run = the_run(here);
    let held = || {
        let status = trustmh(here, ["cluster", "status", "--json", "--cluster", &server]);
        status.code == Some(0) && status.json()["coordinators"][0]["under_way"].as_u64() > Some(0)
    };
    wait_until("the first one is at work", Duration::from_secs(60), held);
    let copy = here.join("copy");
    fs::create_dir(&copy).unwrap();
    fs::copy(run.join("run.json"), copy.join("run.json")).unwrap();
    let arguments = ["resume", "copy", "--tasks-dir", "tasks", "--cluster", &server];
    let refused = trustmh(here, arguments).with_code(2);
    assert!(refused.err.contains("is being coordinated by"), "{}", refused.err);
    assert!(refused.err.contains("hint: wait for it or stop it"), "{}", refused.err);
}

/// Passes bytes between worker and server until it is told to stop, as a network that is cut: nothing arrives, nothing is refused.
struct Cable {
    port: u16,
    cut: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

impl Cable {
    fn to(server: u16) -> Self {
        use std::sync::atomic::{AtomicBool, Ordering};
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let cut = std::sync::Arc::new(AtomicBool::new(false));
        let flag = cut.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), Ok(upstream)) =
                    (client, std::net::TcpStream::connect(("127.0.0.1", server)))
                else {
                    continue;
                };
                let pairs = [
                    (client.try_clone().unwrap(), upstream.try_clone().unwrap()),
                    (upstream, client),
                ];
                for (mut from, mut to) in pairs {
                    let flag = flag.clone();
                    std::thread::spawn(move || {
                        let mut bytes = [0; 16 * 1024];
                        while let Ok(read @ 1..) = from.read(&mut bytes) {
                            while flag.load(Ordering::Relaxed) {
                                std::thread::sleep(Duration::from_millis(10));
                            }
                            if to.write_all(&bytes[..read]).is_err() {
                                break;
                            }
                        }
                        drop(to.shutdown(std::net::Shutdown::Both));
                    });
                }
            }
        });
        Self { port, cut }
    }

    fn set_cut(&self, cut: bool) {
        self.cut.store(cut, std::sync::atomic::Ordering::Relaxed);
    }
}

#[test]
fn when_a_worker_is_cut_off_its_calls_go_to_another_and_its_late_results_count_for_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let Some(nats) = Nats::start(here) else { return };
    generated_questions(here, 60, "");
    let log = here.join("requests.log");
    let provider = Provider::start(&["--latency", "400", "--log", log.to_str().unwrap()]);
    let server = nats.url();
    let cable = Cable::to(nats.port);
    let far = format!("nats://127.0.0.1:{}", cable.port);
    let model = format!("openai/subject={}", provider.url);
    let _cut_off = Worker::start(here, &far, &model, "far", &["--max-connections", "4"]);
    let more = [&["--subject", "openai/subject", "--lease", "3"][..], &QUESTIONS].concat();
    let mut coordinator = Worker(spawn(here, &cluster_run(&server, &more), "coordinator.log"));
    let run = the_run(here);
    wait_until("the far one works", Duration::from_secs(60), || calls(&run).len() > 4);
    cable.set_cut(true);
    let _near = Worker::start(here, &server, &model, "near", &["--max-connections", "4"]);
    // 30 s pass in silence; long before, the leases of the far worker's calls run out.
    std::thread::sleep(Duration::from_secs(30));
    cable.set_cut(false);
    assert!(coordinator.0.wait().unwrap().success());
    let calls = calls(&run);
    assert_eq!(calls.len(), 60, "each call is recorded once");
    let handed_on = calls.iter().filter(|call| call.handed_out.is_some()).count();
    assert!((1..=8).contains(&handed_on), "{handed_on} calls were handed on");
    let asked = asked(&log);
    assert_eq!(asked.len(), 60);
    let again = asked.values().filter(|times| **times > 1).count();
    assert!(again <= handed_on, "{again} sent again, {handed_on} handed on");
}

#[test]
fn what_fits_no_message_goes_through_the_store_of_payloads() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let Some(nats) = Nats::start(here) else { return };
    // More than the 1 MB that a message may have, on the way there and, with the request's body, on the way back.
    generated_questions(here, 3, &"long ".repeat(300_000));
    let provider = Provider::start(&[]);
    let server = nats.url();
    let model = format!("openai/subject={}", provider.url);
    let _worker = Worker::start(here, &server, &model, "one", &[]);
    let more = [&["--subject", "openai/subject"][..], &QUESTIONS].concat();
    trustmh(here, cluster_run(&server, &more)).with_code(0);
    let calls = calls(&only_run(&here.join("runs")));
    assert_eq!(calls.len(), 3);
    for call in calls {
        assert!(matches!(call.end, CallEnd::Replied(_)), "{:?}", call.end);
        assert!(call.request.unwrap().get().len() > 1_400_000);
    }
}

#[test]
fn workers_share_the_quota_of_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let Some(nats) = Nats::start(here) else { return };
    generated_questions(here, 41, "");
    let provider = Provider::start(&["--latency", "0"]);
    let server = nats.url();
    let model = format!("openai/subject={}", provider.url);
    // Ten a second, whoever asks.
    let quota = ["--quota", "OPENAI_API_KEY=600", "--max-connections", "16"];
    let _workers: Vec<Worker> = ["one", "two", "three"]
        .iter()
        .map(|name| Worker::start(here, &server, &model, name, &quota))
        .collect();
    let more = [&["--subject", "openai/subject"][..], &QUESTIONS].concat();
    trustmh(here, cluster_run(&server, &more)).with_code(0);
    let calls = calls(&only_run(&here.join("runs")));
    let at: Vec<_> = calls.iter().map(|call| call.at.unwrap()).collect();
    let took = at.iter().max().unwrap().duration_since(*at.iter().min().unwrap());
    // 40 gaps of a tenth of a second, less what the first call waited to be recorded.
    assert!(took.as_secs_f64() > 3.7, "41 calls took {} s", took.as_secs_f64());
    let wrong = ["worker", "--cluster", &server, "--model-endpoint", &model, "--quota", "OTHER=5"];
    let wrong = trustmh(here, wrong).with_code(2);
    assert!(wrong.err.contains("no model here uses that key"), "{}", wrong.err);
}
