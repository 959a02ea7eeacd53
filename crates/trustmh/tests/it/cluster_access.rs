//! Who gets into a cluster: TLS, users with the permissions of docs/cluster.md, NKeys, credentials files.
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::certificates;
use crate::support::nats::{Nats, Worker};
use crate::support::{Provider, ended, only_run, program};
use serde_json::{Value, json};

/// The program, as a user of the server.
fn as_user(folder: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Command {
    let mut command = program(folder);
    command.args(arguments).envs(settings.iter().copied());
    command
}

fn worker(folder: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Worker {
    let mut command = as_user(folder, &["worker", "--model-endpoint", "scripted/random"], settings);
    let log = fs::File::create(folder.join("worker.log")).unwrap();
    command.args(arguments).stdout(std::process::Stdio::null()).stderr(log);
    Worker(command.spawn().unwrap())
}

const RUN: [&str; 7] = ["run", "--subject", "scripted/random", "--tasks", "ethics", "--items", "6"];

/// The permissions that the documentation gives, with passwords in them.
fn documented_permissions() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cluster.md");
    let page = fs::read_to_string(page).unwrap();
    let block = page.split("```text file=permissions.conf\n").nth(1).unwrap();
    let block = block.split("```").next().unwrap();
    block
        .replace("$COORDINATOR_PASSWORD", "\"first-secret\"")
        .replace("$WORKER_PASSWORD", "\"second-secret\"")
}

const COORDINATOR: [(&str, &str); 2] =
    [("TRUSTMH_NATS_USER", "coordinator"), ("TRUSTMH_NATS_PASSWORD", "first-secret")];
const WORKER: [(&str, &str); 2] =
    [("TRUSTMH_NATS_USER", "worker"), ("TRUSTMH_NATS_PASSWORD", "second-secret")];

#[test]
fn under_the_documented_permissions_and_tls_each_does_its_work_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    certificates::write(here);
    let file = |name: &str| here.join(name).display().to_string();
    let config = format!(
        "jetstream {{ store_dir: \"STORE\" }}\n\
         tls {{ cert_file: \"{}\", key_file: \"{}\", ca_file: \"{}\", verify: true }}\n{}",
        file("server.pem"),
        file("server.key"),
        file("ca.pem"),
        documented_permissions()
    );
    let Some(nats) = Nats::with(here, &config) else { return };
    let server = format!("tls://localhost:{}", nats.port);
    let tls = [
        "--cluster",
        &server,
        "--cluster-ca",
        "ca.pem",
        "--cluster-cert",
        "client.pem",
        "--cluster-key",
        "client.key",
    ];
    let command = |arguments: &[&str], settings: &[(&str, &str)]| {
        ended(as_user(here, &[arguments, &tls].concat(), settings).output().unwrap())
    };
    // A worker may not set anything up, and a stranger may do nothing.
    let refused = command(&["cluster", "setup"], &WORKER);
    assert_ne!(refused.code, Some(0), "{}", refused.err);
    let refused = command(&RUN, &[COORDINATOR[0], WORKER[1]]).with_code(3);
    assert!(refused.err.contains("refuses the credentials"), "{}", refused.err);
    // Without the authority that vouches for it, or without a certificate of one's own, nobody talks to the server.
    for short in [&tls[..2], &tls[..4]] {
        let refused = as_user(here, &[&RUN[..], short].concat(), &COORDINATOR).output().unwrap();
        ended(refused).with_code(3);
    }
    command(&["cluster", "setup"], &COORDINATOR).with_code(0);
    let quota = ["--quota", "scripted/random=60000"];
    let _worker = worker(here, &[&tls[..], &quota].concat(), &WORKER);
    let ran = command(&[&RUN[..], &["--runs-dir", "good"]].concat(), &COORDINATOR).with_code(0);
    assert!(!ran.err.contains("Permissions Violation"), "{}", ran.err);
    let made = || {
        let status = command(&["cluster", "status", "--json"], &COORDINATOR).with_code(0).json();
        status["workers"][0]["served"][0]["made"].as_u64()
    };
    let begun = Instant::now();
    while made() != Some(6) {
        assert!(begun.elapsed() < Duration::from_secs(30), "{:?} of 6 are shown", made());
        std::thread::sleep(Duration::from_millis(200));
    }
    let said = fs::read_to_string(here.join("worker.log")).unwrap();
    assert!(!said.contains("Permissions Violation"), "{said}");
    no_secret_in(&only_run(&here.join("good")), &["first-secret", "second-secret"]);
}

/// Large payloads need more rights than small ones.
#[test]
fn under_the_documented_permissions_large_payloads_pass() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let config = format!("jetstream {{ store_dir: \"STORE\" }}\n{}", documented_permissions());
    let Some(nats) = Nats::with(here, &config) else { return };
    let starter = here.join("tasks/starter");
    fs::create_dir_all(&starter).unwrap();
    let item = json!({ "id": "q", "language": "en", "content": { "kind": "multiple-choice",
        "question": "long ".repeat(300_000), "options": ["A", "B", "C", "D"], "key": "A" } });
    fs::write(starter.join("reliability-knowledge.jsonl"), format!("{item}\n")).unwrap();
    let card = "id = \"reliability-knowledge\"\ntitle = \"Long\"\nversion = 1\nlicence = \"CC0\"\nlanguage = [\"en\"]\nrecords = 1\n\
                written_by = \"a test\"\ndescription = \"\"\ngold = \"\"\nlimits = []\nsensitive = \"\"\n";
    fs::write(starter.join("reliability-knowledge.card.toml"), card).unwrap();
    let provider = Provider::start(&[]);
    let server = nats.url();
    let model = format!("openai/subject={}", provider.url);
    let _worker = worker(here, &["--cluster", &server, "--model-endpoint", &model], &WORKER);
    let run = [
        "run",
        "--subject",
        "openai/subject",
        "--tasks",
        "reliability/knowledge",
        "--tasks-dir",
        "tasks",
        "--judge",
        "none",
    ];
    let ran = as_user(here, &[&run[..], &["--cluster", &server]].concat(), &COORDINATOR);
    let ran = ended({ ran }.output().unwrap()).with_code(0);
    let said = fs::read_to_string(here.join("worker.log")).unwrap() + &ran.err;
    assert!(!said.contains("Permissions Violation"), "{said}");
}

#[test]
fn an_nkey_opens_the_door_and_appears_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let user = nkeys::KeyPair::new_user();
    let seed = user.seed().unwrap();
    let config = format!(
        "jetstream {{ store_dir: \"STORE\" }}\nauthorization {{ users: [ {{ nkey: {} }} ] }}",
        user.public_key()
    );
    let Some(nats) = Nats::with(here, &config) else { return };
    let server = nats.url();
    let settings = [("TRUSTMH_NATS_NKEY", seed.as_str())];
    let _worker = worker(here, &["--cluster", &server], &settings);
    let arguments = [&RUN[..], &["--cluster", &server]].concat();
    ended(as_user(here, &arguments, &settings).output().unwrap()).with_code(0);
    no_secret_in(&only_run(&here.join("runs")), &[&seed]);
    let other = nkeys::KeyPair::new_user().seed().unwrap();
    for wrong in [other.as_str(), "no seed"] {
        let settings = [("TRUSTMH_NATS_NKEY", wrong)];
        let refused = ended(as_user(here, &arguments, &settings).output().unwrap()).with_code(3);
        assert!(refused.err.contains("refuses the credentials"), "{}", refused.err);
        assert!(!refused.err.contains(wrong), "{}", refused.err);
    }
    let several = [settings[0], ("TRUSTMH_NATS_TOKEN", "x")];
    ended(as_user(here, &arguments, &several).output().unwrap()).with_code(2);
}

/// A JWT as NATS servers in operator mode take it (ADR-14): the claims, signed by the issuer's NKey.
fn jwt(issuer: &nkeys::KeyPair, subject: &str, name: &str, nats: &Value) -> String {
    use base64::Engine;
    let encode = |bytes: &[u8]| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
    let header = json!({ "typ": "JWT", "alg": "ed25519-nkey" }).to_string();
    let claims = json!({
        "jti": name, "iat": 1_700_000_000, "iss": issuer.public_key(), "name": name, "sub": subject, "nats": nats,
    });
    let body = format!("{}.{}", encode(header.as_bytes()), encode(claims.to_string().as_bytes()));
    let signature = issuer.sign(body.as_bytes()).unwrap();
    format!("{body}.{}", encode(&signature))
}

#[test]
fn a_file_of_credentials_opens_the_door() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let (operator, account, user) =
        (nkeys::KeyPair::new_operator(), nkeys::KeyPair::new_account(), nkeys::KeyPair::new_user());
    let operator_jwt = jwt(
        &operator,
        &operator.public_key(),
        "operator",
        &json!({ "type": "operator", "version": 2 }),
    );
    let unlimited = json!({
        "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1, "leaf": -1,
        "mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1,
    });
    let account_jwt = jwt(
        &operator,
        &account.public_key(),
        "account",
        &json!({ "type": "account", "version": 2, "limits": unlimited }),
    );
    // JetStream wants a system account beside it.
    let system = nkeys::KeyPair::new_account();
    let of_system = json!({ "type": "account", "version": 2, "limits": {
        "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1, "leaf": -1,
    } });
    let system_jwt = jwt(&operator, &system.public_key(), "system", &of_system);
    let user_jwt = jwt(
        &account,
        &user.public_key(),
        "user",
        &json!({ "type": "user", "version": 2, "subs": -1, "data": -1, "payload": -1 }),
    );
    let seed = user.seed().unwrap();
    fs::write(
        here.join("user.creds"),
        format!(
            "-----BEGIN NATS USER JWT-----\n{user_jwt}\n------END NATS USER JWT------\n\n\
             -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
        ),
    )
    .unwrap();
    let config = format!(
        "jetstream {{ store_dir: \"STORE\" }}\noperator: {operator_jwt}\nresolver: MEMORY\n\
         system_account: {}\nresolver_preload: {{ {}: {account_jwt}, {}: {system_jwt} }}",
        system.public_key(),
        account.public_key(),
        system.public_key()
    );
    let Some(nats) = Nats::with(here, &config) else { return };
    let server = nats.url();
    let access = ["--cluster", &server, "--cluster-creds", "user.creds"];
    let _worker = worker(here, &access, &[]);
    ended(as_user(here, &[&RUN[..], &access].concat(), &[]).output().unwrap()).with_code(0);
    no_secret_in(&only_run(&here.join("runs")), &[&seed]);
    let nobody = [&RUN[..], &["--cluster", &server]].concat();
    ended(as_user(here, &nobody, &[]).output().unwrap()).with_code(3);
    fs::write(here.join("broken.creds"), "nothing of the kind").unwrap();
    let broken = [&RUN[..], &["--cluster", &server, "--cluster-creds", "broken.creds"]].concat();
    let broken = ended(as_user(here, &broken, &[]).output().unwrap()).with_code(2);
    assert!(broken.err.contains("the credentials file cannot be used"), "{}", broken.err);
}

/// No file of the run holds any of these, however deep it lies.
fn no_secret_in(folder: &Path, secrets: &[&str]) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            no_secret_in(&path, secrets);
            continue;
        }
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        for secret in secrets {
            assert!(!text.contains(secret), "{} holds a secret", path.display());
        }
    }
}
