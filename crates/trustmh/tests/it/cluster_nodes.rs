//! A server of three nodes: the loss of one loses nothing.
use std::time::Duration;

use crate::support::cluster::{asked, calls, cluster_run, spawn, the_run, wait_until};
use crate::support::nats::{Nats, Worker, free_port};
use crate::support::questions::{QUESTIONS, generated_questions};
use crate::support::{Provider, trustmh};

#[test]
fn three_nodes_survive_the_loss_of_one_and_nothing_is_asked_twice() {
    const TRIALS: usize = 3_000;
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let routes: Vec<String> = (0..3).map(|_| format!("127.0.0.1:{}", free_port())).collect();
    let others: Vec<String> = routes.iter().map(|route| format!("nats://{route}")).collect();
    let mut nodes = Vec::new();
    for (number, route) in routes.iter().enumerate() {
        let config = format!(
            "server_name: queue-{number}\njetstream {{ store_dir: \"STORE\" }}\n\
             cluster {{ name: trustmh, listen: \"{route}\", routes: [ {} ] }}\n",
            others.join(", ")
        );
        let Some(node) = Nats::with(here, &config) else { return };
        nodes.push(node);
    }
    let server = nodes.iter().map(Nats::url).collect::<Vec<_>>().join(",");
    let setup = ["cluster", "setup", "--cluster", &server, "--replicas", "3"];
    let agreed = || trustmh(here, setup).code == Some(0);
    wait_until("the nodes agree on a leader", Duration::from_secs(60), agreed);

    generated_questions(here, TRIALS, "");
    let log = here.join("requests.log");
    let provider = Provider::start(&["--latency", "10", "--log", log.to_str().unwrap()]);
    let model = format!("openai/subject={}", provider.url);
    let _workers: Vec<Worker> =
        ["one", "two"].iter().map(|name| Worker::start(here, &server, &model, name, &[])).collect();
    let more = [
        &["--subject", "openai/subject", "--cluster-replicas", "3", "--connections", "128"][..],
        &["--lease", "5"],
        &QUESTIONS,
    ]
    .concat();
    let mut coordinator = Worker(spawn(here, &cluster_run(&server, &more), "coordinator.log"));
    let run = the_run(here);
    // Each in its turn, so that one of them was the leader of whatever has a leader.
    for (number, node) in nodes.iter_mut().enumerate() {
        let some = (number + 1) * 500;
        wait_until("some are recorded", Duration::from_secs(120), || calls(&run).len() > some);
        node.restart();
    }
    assert!(coordinator.0.wait().unwrap().success());

    let calls = calls(&run);
    assert_eq!(calls.len(), TRIALS);
    let asked = asked(&log);
    assert_eq!(asked.len(), TRIALS);
    for call in &calls {
        let body = call.request.as_ref().unwrap().get();
        let times = asked[&trustmh_core::digest::Digest::of(body.as_bytes()).to_string()];
        let handed = call.handed_out.map_or(1, std::num::NonZeroU32::get);
        assert!(times <= handed, "a call was sent {times} times and handed out {handed} times");
    }
}
