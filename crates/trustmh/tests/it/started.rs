//! Runs that are started, watched, stopped and resumed from the viewer's pages, spoken to without a browser.
#![cfg(unix)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::support::view::{Answer, View, a_run};
use crate::support::{PROGRAM, Provider, only_run, program, trustmh};

const FORM: &str = "subject=scripted%2Frandom%3A1&profile=quick&task=reliability%2Fknowledge&data=starter&judge=none";

fn viewer(folder: &Path, more: &[&str]) -> View {
    View::start(folder, &[&["--allow-runs"], more].concat())
}

/// The address that an answer leads to, below the token.
fn led_to(view: &View, answer: &Answer) -> String {
    let line = answer.head.lines().find_map(|line| line.strip_prefix("location: "));
    let line = line.unwrap_or_else(|| panic!("{}: {}", answer.status, answer.body));
    line.trim().strip_prefix(&format!("/{}", view.token)).unwrap().to_owned()
}

/// Starts a run, and gives its name.
fn start(view: &View, form: &str) -> String {
    let answer = view.post("/new", &format!("{form}&do=start"), "");
    assert_eq!(answer.status, 303, "{}", answer.body);
    let runs = led_to(view, &answer);
    let name = runs.strip_prefix("/run/").unwrap().strip_suffix("/watch").unwrap();
    // Heads are told in small letters; folders of runs have capital ones.
    let page = view.get("/").body;
    let at = page.to_lowercase().find(&format!("/run/{name}\"")).unwrap() + "/run/".len();
    page[at..at + name.len()].to_owned()
}

/// Looks at a page until it holds `words`.
fn wait_for(view: &View, path: &str, words: &str) -> String {
    let mut body = String::new();
    for _ in 0..600 {
        body = view.get(path).body;
        if body.contains(words) {
            return body;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("`{words}` did not come: {body}");
}

/// Looks at a page until a call is in flight: a run that has none ends with the first request to stop.
fn wait_for_a_call(view: &View, path: &str) {
    const IN_FLIGHT: &str = "<dt>In flight</dt><dd>";
    for _ in 0..600 {
        let body = view.get(path).body;
        let shown = body.split(IN_FLIGHT).nth(1).and_then(|rest| rest.split('<').next());
        let count = shown.and_then(|count| count.parse::<u64>().ok());
        if count.is_some_and(|count| count > 0) {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("no call was made");
}

/// A run of some 190 trials, ten of them a second, and the process that answers its calls after so many milliseconds.
fn slow(latency: &str) -> (Provider, String) {
    let provider = Provider::start(&["--latency", latency]);
    let address = provider.url.replace(':', "%3A").replace('/', "%2F");
    let form = format!(
        "subject=openai%2Fs&base-url={address}&profile=full&task=reliability&task=ethics&data=starter&judge=none&max-calls=900&rpm=600"
    );
    (provider, form)
}

#[test]
fn a_run_is_started_and_watched_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let view = viewer(folder.path(), &[]);
    let page = view.get("/new");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("What the run would ask for is shown here"), "{}", page.body);
    let plan = view.post("/new/plan", FORM, "").body;
    for words in ["Trials", "Calls", "at most $", "trustmh run --subject=scripted/random:1"] {
        assert!(plan.contains(words) || words == "at most $", "{words}: {plan}");
    }
    // The plan is that of the command itself, and the command line is what runs.
    let line = plan.split("trustmh run ").nth(1).unwrap().split('<').next().unwrap();
    let words: Vec<&str> = line.split(' ').filter(|word| *word != "--progress=json").collect();
    let counted =
        trustmh(folder.path(), ["plan", "--json"].iter().chain(&words)).with_code(0).json();
    let trials = counted["total"]["trials"].as_u64().unwrap();
    assert!(trials > 0 && plan.contains(&format!("<dt>Trials</dt><dd>{trials}<")), "{plan}");

    let run = start(&view, FORM);
    let page = wait_for(&view, &format!("/run/{run}/watch"), "Read the report");
    assert!(page.contains(&format!("{trials} of {trials} trials")), "{page}");
    assert!(!page.contains("Resume"), "{page}");
    let manifest =
        fs::read_to_string(folder.path().join("runs").join(&run).join("run.json")).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest["subject"]["id"], "scripted/random:1");
    // The same as the command line makes of it, call by call.
    let journal = |folder: &Path| {
        let text = fs::read_to_string(folder.join("journal.jsonl")).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut keys: Vec<String> = lines
            .filter_map(|line| Some(line["event"]["call"]["key"].as_str()?.to_owned()))
            .collect();
        keys.sort();
        keys
    };
    let other = tempfile::tempdir().unwrap();
    trustmh(other.path(), ["run"].iter().chain(&words)).with_code(0);
    let here = journal(&folder.path().join("runs").join(&run));
    assert_eq!(here, journal(&only_run(&other.path().join("runs"))));
}

#[test]
fn events_tell_of_a_run_and_it_is_stopped_and_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let (provider, form) = slow("20");
    let view = viewer(folder.path(), &[]);
    let run = start(&view, &form.replace("rpm=600", "rpm=120"));
    let watch = format!("/run/{run}/watch");

    // Events come while it goes on; the first one at once, with provisional figures once there are some.
    let mut stream = TcpStream::connect(&view.address).unwrap();
    let request = format!(
        "GET /{}/run/{run}/events HTTP/1.1\r\nHost: {}\r\nAccept: text/event-stream\r\n\r\n",
        view.token, view.address
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut told = String::new();
    let mut lines = BufReader::new(stream);
    while !told.contains("provisional</span>") || !told.contains("event: actions") {
        assert!(lines.read_line(&mut told).unwrap() > 0, "the events ended: {told}");
    }
    assert!(told.contains("text/event-stream") && told.contains("event: figures"), "{told}");
    assert!(told.contains("/stop\"") && told.contains("of at most 900"), "{told}");

    // Whoever resumes it meanwhile is refused, here and in another viewer.
    let refused = view.post(&format!("/run/{run}/resume"), "", "");
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body.contains("This run is under way"), "{}", refused.body);
    let second = viewer(folder.path(), &[]);
    let refused = second.post(&format!("/run/{run}/stop"), "", "");
    assert!(refused.status == 400 && refused.body.contains("not started here"), "{}", refused.body);
    let refused = second.post(&format!("/run/{run}/resume"), "", "");
    if refused.status != 409 {
        // It began, found the journal taken, and says so.
        wait_for(&second, &watch, "being written by another process");
    }

    let stopped = view.post(&format!("/run/{run}/stop"), "", "");
    assert_eq!(stopped.status, 303);
    let page = wait_for(&view, &watch, "It was stopped");
    assert!(page.contains("INCOMPLETE") && page.contains("value=\"900\""), "{page}");
    let mut rest = String::new();
    while !rest.contains("event: over") {
        assert!(lines.read_line(&mut rest).unwrap() > 0, "the events ended early: {rest}");
    }
    drop(provider);

    // It goes on where the model is served again, and no recorded call is made twice.
    trustmh(folder.path(), ["verify", &format!("runs/{run}")]).with_code(0);
    let wrong = view.post(&format!("/run/{run}/resume"), "max-cost=-1", "");
    assert_eq!(wrong.status, 400, "{}", wrong.body);
}

#[test]
fn a_stopped_run_goes_on_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let (_provider, form) = slow("20");
    let view = viewer(folder.path(), &[]);
    let run = start(&view, &form.replace("max-calls=900", "max-calls=5"));
    let watch = format!("/run/{run}/watch");
    let page = wait_for(&view, &watch, "The report so far");
    assert!(page.contains("INCOMPLETE") && page.contains("value=\"5\""), "{page}");
    let resumed = view.post(&format!("/run/{run}/resume"), "max-calls=&rpm=", "");
    assert_eq!(resumed.status, 303, "{}", resumed.body);
    let page = wait_for(&view, &watch, "Read the report");
    assert!(!page.contains("INCOMPLETE"), "{page}");
    trustmh(folder.path(), ["verify", &format!("runs/{run}")]).with_code(0);
}

#[test]
fn pressed_twice_stop_leaves_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (_provider, form) = slow("600000");
    let view = viewer(folder.path(), &[]);
    let run = start(&view, &form);
    let (watch, stop) = (format!("/run/{run}/watch"), format!("/run/{run}/stop"));
    wait_for_a_call(&view, &watch);
    assert_eq!(view.post(&stop, "", "").status, 303);
    wait_for(&view, &watch, "Stop now");
    assert_eq!(view.post(&stop, "", "").status, 303);
    let page = wait_for(&view, &watch, "It was stopped");
    assert!(page.contains("stopped at once"), "{page}");
}

/// On a busy machine the second request comes before the run has heard of the first.
#[test]
fn the_second_stop_is_heard_with_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let (_provider, form) = slow("600000");
    let view = viewer(folder.path(), &[]);
    let run = start(&view, &form);
    let (watch, stop) = (format!("/run/{run}/watch"), format!("/run/{run}/stop"));
    wait_for_a_call(&view, &watch);
    let children = Command::new("pgrep").args(["-P", &view.process().to_string()]).output();
    let process = String::from_utf8(children.unwrap().stdout).unwrap().trim().to_owned();
    let send = |signal: &str| {
        assert!(Command::new("kill").args([signal, &process]).status().unwrap().success());
    };
    send("-STOP");
    for _ in 0..2 {
        assert_eq!(view.post(&stop, "", "").status, 303);
    }
    // Both were sent once the page offers no further stop.
    wait_for(&view, &watch, "<div id=\"actions\"></div>");
    send("-CONT");
    let page = wait_for(&view, &watch, "It was stopped");
    assert!(page.contains("stopped at once"), "{page}");
}

/// A run goes on when the page is closed, and stops, to be resumed, when the viewer is asked to end.
#[test]
fn the_viewers_end_drains_its_runs() {
    let folder = tempfile::tempdir().unwrap();
    let (_provider, form) = slow("20");
    let mut child = program(folder.path())
        .args(["view", "--allow-runs"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
    let rest = url.trim().strip_prefix("http://").unwrap().trim_end_matches('/').to_owned();
    let (address, token) = rest.split_once('/').unwrap();
    let form = format!("{form}&do=start");
    let request = format!(
        "POST /{token}/new HTTP/1.0\r\nHost: {address}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains(" 303 "), "{answer}");
    let ended = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(ended.unwrap().success());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(child.wait().unwrap().success(), "{said}");
    assert!(
        said.contains("1 runs that were started here") && said.contains("trustmh resume"),
        "{said}"
    );
    let run = only_run(&folder.path().join("runs"));
    let journal = fs::read_to_string(run.join("journal.jsonl")).unwrap();
    assert!(journal.contains("{\"interrupted\":{"), "sealed");
    trustmh(folder.path(), ["verify", run.to_str().unwrap()]).with_code(0);
}

#[test]
fn nothing_but_a_run_is_started() {
    let folder = tempfile::tempdir().unwrap();
    let run = a_run(folder.path(), "scripted/random:1", "ethics");
    let view = viewer(folder.path(), &[]);
    let runs = || fs::read_dir(folder.path().join("runs")).unwrap().count();
    let with = |field: &str, value: &str| {
        let kept: Vec<&str> =
            FORM.split('&').filter(|one| !one.starts_with(&format!("{field}="))).collect();
        format!("{}&{field}={value}", kept.join("&"))
    };
    for (field, value) in [
        ("subject", "openai%2Fa%3Btouch+pwned"),
        ("subject", "--judge%3Dx"),
        ("subject", "-x"),
        ("subject", "command%3Atouch+pwned"),
        ("subject", "command%3Atouch"),
        ("subject", "replay%3A%2Fetc"),
        ("subject", "%3Cscript%3Ealert(1)%3C%2Fscript%3E"),
        ("base-url", "file%3A%2F%2F%2Fetc%2Fpasswd"),
        ("base-url", "http%3A%2F%2Fevil.example%2F%3Fk%3D%24OPENAI_API_KEY"),
        ("data", "%2Fetc"),
        ("data", "..%2F.."),
        ("task", "--data%3D%2Fetc"),
        ("max-cost", "-1"),
    ] {
        for path in ["/new", "/new/plan"] {
            let answer = view.post(path, &format!("{}&do=start", with(field, value)), "");
            assert!(answer.body.contains("role=\"alert\""), "{field}={value}: {}", answer.body);
            assert!(!answer.body.contains("<script>alert"), "{value}");
        }
    }
    assert_eq!((runs(), folder.path().join("pwned").exists()), (1, false));
    for path in [
        "/new".to_owned(),
        "/new/plan".to_owned(),
        "/new/test".to_owned(),
        format!("/run/{run}/stop"),
        format!("/run/{run}/resume"),
    ] {
        for header in [
            "Origin: https://evil.example\r\n",
            "Origin: null\r\n",
            "Sec-Fetch-Site: cross-site\r\n",
        ] {
            assert_eq!(view.post(&path, &format!("{FORM}&do=start"), header).status, 403, "{path}");
        }
    }
    assert_eq!(runs(), 1);
    // What was not allowed is not there.
    let plain = View::start(folder.path(), &[]);
    for path in ["/new", "/new/plan"] {
        let answer = plain.post(path, &format!("{FORM}&do=start"), "");
        assert!(answer.status == 400 && answer.body.contains("--allow-runs"), "{}", answer.body);
    }
    assert!(!plain.get("/").body.contains("New run"));
    assert_eq!(runs(), 1);
}

#[test]
fn it_works_on_this_machine_only() {
    let folder = tempfile::tempdir().unwrap();
    for more in [
        &["--listen", "0.0.0.0:0", "--password-env", "VIEW_PASSWORD"][..],
        &["--listen", "0.0.0.0:0"],
        &["--password-env", "VIEW_PASSWORD"],
    ] {
        let mut command = program(folder.path());
        command
            .env("VIEW_PASSWORD", "open sesame, please")
            .args(["view", "--allow-runs"])
            .args(more);
        let refused = crate::support::ended(command.output().unwrap()).with_code(2);
        assert!(refused.err.contains("works only on this machine"), "{}", refused.err);
    }
}

#[test]
fn a_few_runs_at_once_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let (_provider, form) = slow("600000");
    let view = viewer(folder.path(), &[]);
    let started: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..10)
            .map(|_| scope.spawn(|| view.post("/new", &format!("{form}&do=start"), "").status))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let count = |status: u16| started.iter().filter(|one| **one == status).count();
    assert_eq!((count(303), count(409)), (4, 6), "{started:?}");
    assert_eq!(fs::read_dir(folder.path().join("runs")).unwrap().count(), 4);
    // They are this test's own: the viewer that is killed would leave them.
    for entry in fs::read_dir(folder.path().join("runs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        for _ in 0..2 {
            assert_eq!(view.post(&format!("/run/{name}/stop"), "", "").status, 303);
            std::thread::sleep(Duration::from_millis(300));
        }
        wait_for(&view, &format!("/run/{name}/watch"), "It was stopped");
    }
}

#[test]
fn a_model_is_tried_with_one_call_and_its_key_is_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("requests");
    let provider = Provider::start(&["--log", log.to_str().unwrap()]);
    let mut command = program(folder.path());
    command.env("OPENAI_API_KEY", "sk-canary-0123456789abcdef");
    let view = View::of(command.args(["view", "--allow-runs"]));
    let address = provider.url.replace(':', "%3A").replace('/', "%2F");
    let form = format!("subject=openai%2Fs&base-url={address}");
    let tested = view.post("/new/test", &form, "").body;
    assert!(tested.contains("The model replied") && tested.contains("characters"), "{tested}");
    assert!(
        tested.contains("accepts connections") && tested.contains("name=\"millis\""),
        "{tested}"
    );
    assert_eq!(fs::read_to_string(&log).unwrap().lines().count(), 1, "one call");
    let plan = view
        .post("/new/plan", &format!("{form}&profile=quick&task=ethics&judge=none&millis=500"), "")
        .body;
    assert!(plan.contains("Key found in <code>OPENAI_API_KEY</code>"), "{plan}");
    assert!(plan.contains("at the speed of the test"), "{plan}");
    drop(provider);
    let failed = view.post("/new/test", &form, "").body;
    assert!(failed.contains("role=\"alert\"") && failed.contains("refused"), "{failed}");
    for page in [&tested, &plan, &failed] {
        assert!(!page.contains("canary"), "{page}");
    }
    let missing = viewer(folder.path(), &[]);
    let plan = missing.post("/new/plan", &form, "").body;
    assert!(plan.contains("<code>OPENAI_API_KEY</code> is not set"), "{plan}");
}

#[test]
fn judges_have_cards_and_a_model_judges_itself_only_when_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let view = viewer(folder.path(), &[]);
    let form = "subject=scripted%2Frandom%3A1&profile=quick&task=safety%2Fjailbreak&data=starter";
    let plan = view.post("/new/plan", &format!("{form}&judge=offline"), "").body;
    assert!(plan.contains("Checked against people") && plan.contains("refusal"), "{plan}");
    let own = format!("{form}&judge=model&judge-model=scripted%2Frandom%3A1");
    let refused = view.post("/new/plan", &own, "").body;
    assert!(refused.contains("Subject and judge are the same model"), "{refused}");
    let told = view.post("/new/plan", &format!("{own}&allow-self-judge=yes"), "").body;
    assert!(
        told.contains("The model judges itself") && told.contains("--allow-self-judge"),
        "{told}"
    );
    assert!(told.contains("unvalidated"), "{told}");
}

/// A run on starter items stays one where the environment names data, and the command that is shown says how.
#[test]
fn starter_items_stay_starter_items() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("published/empty")).unwrap();
    let mut command = Command::new(PROGRAM);
    command.current_dir(folder.path()).stdin(Stdio::null());
    command.env("TRUSTMH_DATA", folder.path().join("published"));
    let view = View::of(command.args(["view", "--allow-runs"]));
    assert!(view.get("/new").body.contains("It holds no published set"));
    let plan = view.post("/new/plan", FORM, "").body;
    assert!(plan.contains("env -u TRUSTMH_DATA trustmh run"), "{plan}");
    let run = start(&view, FORM);
    wait_for(&view, &format!("/run/{run}/watch"), "Read the report");
    let manifest =
        fs::read_to_string(folder.path().join("runs").join(&run).join("run.json")).unwrap();
    assert!(
        manifest.contains("\"origin\": \"starter\"") || manifest.contains("\"origin\":\"starter\""),
        "{manifest}"
    );
}
