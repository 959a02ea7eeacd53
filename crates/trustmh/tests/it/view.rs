//! The viewer as a process, spoken to without a browser: who may ask, what may be asked, and what hostile replies come to.
use crate::support;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use crate::support::view::{View, a_run};
use crate::support::{only_run, program, trustmh};

#[test]
fn only_who_knows_the_token_and_names_this_machine_gets_in() {
    let folder = tempfile::tempdir().unwrap();
    let run = a_run(folder.path(), "scripted/random:1", "ethics");
    let view = View::start(folder.path(), &[]);
    assert!(view.address.starts_with("127.0.0.1:") && view.token.len() == 64);
    let list = view.get("/");
    assert_eq!(list.status, 200);
    for header in [
        "content-security-policy: default-src 'none'; style-src 'self'; script-src 'self'",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "cache-control: no-store",
        "x-frame-options: deny",
    ] {
        assert!(list.head.contains(header), "{header}: {}", list.head);
    }
    assert!(
        list.body.contains(&run) && !list.body.contains("<style") && !list.body.contains("style=")
    );
    assert_eq!(view.get_with("/", "Host: evil.example\r\n").status, 421, "a rebound name");
    assert_eq!(view.get_with("/", "").status, 421, "no name");
    let guessed = view.raw("GET /0000/ HTTP/1.0\r\nHost: {host}\r\n\r\n");
    assert_eq!((guessed.status, guessed.body.contains(&run)), (404, false));
    assert_eq!(view.raw("GET / HTTP/1.0\r\nHost: {host}\r\n\r\n").status, 404);
    for path in ["/run/..%2F..%2Fetc", "/run/%2Fetc", "/run/nothing", "/style.css/../../etc/passwd"]
    {
        let answer = view.get(path);
        assert!(answer.status == 404 && !answer.body.contains("root:"), "{path}: {}", answer.body);
    }
    let missing = view.get(&format!("/run/{run}/trial?name=..%2F..%2Frun.json"));
    assert!(
        missing.status == 404 && missing.body.contains("There is no")
            || missing.body.contains("there is no")
    );
}

#[test]
fn replies_come_after_a_warning_and_nobody_is_sent_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let run = a_run(folder.path(), "scripted/random:1", "ethics");
    let view = View::start(folder.path(), &[]);
    let path = format!("/run/{run}/trials");
    let warned = view.get_with(&path, "Host: {host}\r\n");
    assert!(warned.body.contains("Before you read on") && !warned.body.contains("Reply begins"));
    assert!(view.get(&path).body.contains("Reply begins"));
    let on = view.post("/seen", &format!("next=/{}{path}", view.token), "");
    assert!(
        on.head.contains(&format!("location: /{}{}", view.token, path.to_lowercase())),
        "{}",
        on.head
    );
    assert!(on.head.contains("httponly; samesite=strict"), "{}", on.head);
    for next in ["https://evil.example/", "//evil.example", "/elsewhere"] {
        let sent = view.post("/seen", &format!("next={next}"), "");
        assert!(
            sent.head.contains(&format!("location: /{}/\r", view.token)),
            "{next}: {}",
            sent.head
        );
    }
    let foreign = view.post("/seen", "next=/", "Origin: https://evil.example\r\n");
    assert_eq!(foreign.status, 403);
}

#[test]
fn beyond_this_machine_a_password_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    a_run(folder.path(), "scripted/random:1", "ethics");
    let open = trustmh(folder.path(), ["view", "runs", "--listen", "0.0.0.0:0"]).with_code(2);
    assert!(open.err.contains("--password-env"), "{}", open.err);
    let unset = ["view", "runs", "--password-env", "NO_SUCH_VARIABLE"];
    assert!(trustmh(folder.path(), unset).with_code(2).err.contains("is not set"));
    let view =
        View::start(folder.path(), &["--listen", "0.0.0.0:0", "--password-env", "VIEW_PASSWORD"]);
    let refused = view.get("/");
    assert!(
        refused.status == 401 && refused.head.contains("www-authenticate: basic"),
        "{}",
        refused.head
    );
    let with = |user: &str| {
        view.get_with("/", &format!("Host: {{host}}\r\nAuthorization: Basic {user}\r\n")).status
    };
    // printf 'any:open sesame, please' | base64, and another password.
    assert_eq!(with("YW55Om9wZW4gc2VzYW1lLCBwbGVhc2U="), 200);
    assert_eq!(with("YW55Om9wZW4gc2VzYW1l"), 401);
}

#[test]
fn hostile_replies_are_text() {
    let folder = tempfile::tempdir().unwrap();
    let script = "#!/bin/sh\n\
        big=$(head -c 8000000 /dev/zero | tr '\\0' x)\n\
        while read -r line; do\n\
        id=$(printf '%s' \"$line\" | sed 's/.*\"id\": *\\([0-9]*\\).*/\\1/')\n\
        printf '{\"id\": %s, \"text\": \"%s%s\"}\\n' \"$id\" \
        '<script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)>\\u202eturned\\u001b[2J</div>[a](javascript:alert(4))' \"$big\"\n\
        done\n";
    fs::write(folder.path().join("hostile.sh"), script).unwrap();
    let subject = format!("command:sh {}", folder.path().join("hostile.sh").display());
    let run = [
        "run",
        "--tasks",
        "sycophancy/oeq",
        "--items",
        "1",
        "--judge",
        "none",
        "--subject",
        &subject,
    ];
    trustmh(folder.path(), run);
    let run =
        only_run(&folder.path().join("runs")).file_name().unwrap().to_string_lossy().into_owned();
    let view = View::start(folder.path(), &[]);
    let list = view.get(&format!("/run/{run}/trials"));
    let name =
        list.body.split("/trial?name=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let page = view.get(&format!("/run/{run}/trial?name={name}"));
    assert_eq!(page.status, 200, "{}", page.body);
    for (what, page) in [("list", &list.body), ("trial", &page.body)] {
        for tag in ["<script>", "<img", "<svg", "\u{202e}", "\u{1b}", "href=\"javascript"] {
            assert!(!page.contains(tag), "{what}: {tag}");
        }
        assert!(page.contains("&lt;script&gt;alert(1)"), "{what}: shown as text");
    }
    assert!(page.body.len() < 1_000_000, "a long reply is cut: {} bytes", page.body.len());
    let whole = view.get(&format!("/run/{run}/reply?name={name}"));
    assert!(whole.body.len() > 8_000_000 && whole.head.contains("content-disposition: attachment"));
    assert!(whole.head.contains("content-type: text/plain"), "{}", whole.head);
}

#[test]
fn an_index_that_was_deleted_comes_back_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let run = a_run(folder.path(), "scripted/random:1", "ethics,sycophancy/oeq");
    let index = folder.path().join("runs").join(&run).join("index.sqlite");
    let looked = || {
        let view = View::start(folder.path(), &[]);
        let page =
            view.get(&format!("/run/{run}/trials?task=sycophancy%2Foeq&order=highest&q=the"));
        assert_eq!(page.status, 200);
        (fs::read(&index).unwrap(), page.body.replace(&view.token, ""))
    };
    let first = looked();
    fs::remove_file(&index).unwrap();
    let second = looked();
    assert!(first == second, "equal bytes, equal pages");
    fs::write(&index, "no database").unwrap();
    assert!(looked() == first, "a damaged index is made again");
}

#[test]
fn a_run_that_is_being_written_shows_how_far_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let provider = support::Provider::start(&["--behaviour", "random:1", "--latency", "200"]);
    let mut run = program(folder.path())
        .args([
            "run",
            "--subject",
            "openai/x",
            "--base-url",
            &provider.url,
            "--tasks",
            "safety/jailbreak",
        ])
        .args(["--connections", "2", "--progress", "none"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let runs = folder.path().join("runs");
    let started = || {
        runs.read_dir().ok()?.find_map(|entry| {
            let journal = entry.ok()?.path().join("journal.jsonl");
            (journal.metadata().ok()?.len() > 20_000).then_some(journal)
        })
    };
    let journal = std::iter::repeat_with(|| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        started()
    })
    .take(400)
    .find_map(|found| found)
    .expect("the run begins");
    let name = journal.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
    let view = View::start(folder.path(), &[]);
    let begun = || -> u32 {
        let page = view.get(&format!("/run/{name}")).body;
        assert!(page.contains("Running") && page.contains("http-equiv=\"refresh\""), "{page}");
        let told = page.split(" of 292 trials have begun").next().unwrap();
        told.rsplit(' ').next().unwrap().parse().unwrap()
    };
    let first = begun();
    let length = journal.metadata().unwrap().len();
    while journal.metadata().unwrap().len() < length + 10_000 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(begun() > first, "it goes on");
    drop(run.kill());
    drop(run.wait());
}

#[test]
fn runs_that_were_judged_otherwise_are_not_set_against_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let tasks = "safety/jailbreak,reliability/knowledge";
    let runs = ["scripted/judge:1", "scripted/judge:2"].map(|judge| {
        let arguments = ["run", "--json", "--tasks", tasks, "--items", "3", "--judge", judge];
        let subject = ["--subject", "scripted/random:1"];
        let card = trustmh(folder.path(), arguments.iter().chain(&subject)).with_code(0).json();
        let run = Path::new(card[0]["run"].as_str().unwrap()).file_name().unwrap().to_owned();
        run.into_string().unwrap()
    });
    let view = View::start(folder.path(), &[]);
    let page = view.get(&format!("/compare?run={}&run={}", runs[0], runs[1])).body;
    let (why, rest) = page.split_once("Not compared").unwrap().1.split_once("</ul>").unwrap();
    assert!(
        why.contains("safety/jailbreak") && why.contains("judge: judge:1 and judge:2"),
        "{why}"
    );
    let (compared, aside) = rest.split_once("Values of tasks that are not compared").unwrap();
    assert!(!compared.contains("safety/jailbreak") && aside.contains("safety/jailbreak"));
    assert!(compared.contains("reliability/knowledge"), "{compared}");
    // One run is no comparison, and says so.
    let alone = view.get(&format!("/compare?run={}", runs[0]));
    assert!(alone.status == 400 && alone.body.contains("two or more runs"), "{}", alone.body);
}

#[test]
fn what_became_worse_comes_first_by_what_it_is_worth() {
    let folder = tempfile::tempdir().unwrap();
    // Whoever always takes the first option reads people's ratings of privacy otherwise than whoever guesses, on a scale of 400 points.
    let tasks = "privacy/awareness,safety/jailbreak,reliability/knowledge,sycophancy/oeq";
    let runs = ["scripted/random:1", "scripted/always-a"].map(|subject| {
        let arguments = ["run", "--json", "--tasks", tasks, "--judge", "scripted/judge:1"];
        let subject = ["--subject", subject];
        let card = trustmh(folder.path(), arguments.iter().chain(&subject)).with_code(0).json();
        let run = Path::new(card[0]["run"].as_str().unwrap()).file_name().unwrap().to_owned();
        run.into_string().unwrap()
    });
    let view = View::start(folder.path(), &[]);
    let page = view.get(&format!("/compare?run={}&run={}", runs[0], runs[1])).body;
    let table = page.split_once("table class=\"rows compared\"").unwrap().1;
    let table = table.split_once("</table>").unwrap().0;
    let standing = |row: &str| match row.split('"').nth(1).unwrap() {
        "worse" => 0,
        "open" => 1,
        "better" => 2,
        other => panic!("{other}"),
    };
    let rows: Vec<i32> = table.split("<tr ").skip(1).map(standing).collect();
    assert!(rows.len() > 2 && rows.is_sorted(), "{rows:?}: {table}");
    let points: Vec<f64> = table
        .split("data-label=\"Points of 100\">")
        .skip(1)
        .filter_map(|cell| cell.split([' ', '<']).next()?.parse().ok())
        .collect();
    assert!(points.iter().all(|points| points.abs() <= 100.0), "{points:?}");
    // The same numbers as the command has.
    let paths: Vec<String> = runs.iter().map(|run| format!("runs/{run}")).collect();
    let told = trustmh(folder.path(), ["compare", &paths[0], &paths[1], "--json"]).json();
    for (id, task) in told["pairs"][0]["tasks"].as_object().unwrap() {
        let metrics = task["metrics"].as_object().unwrap();
        for found in metrics.values().filter(|found| found["primary"] == true) {
            let row = table.split("<tr ").find(|row| row.contains(id.as_str())).unwrap();
            let first = format!("data-label=\"A\">{:.3}", found["first"].as_f64().unwrap());
            let large = found["first"].as_f64().unwrap().abs() >= 10.0;
            assert!(large || row.contains(&first), "{id}: {first}: {row}");
            if let Some(p) = found["p_corrected"].as_f64().filter(|p| *p >= 0.001) {
                assert!(row.contains(&format!("data-label=\"p\">{p:.3}")), "{id}: {p}: {row}");
            }
        }
    }
}

#[test]
fn the_filtered_trials_are_exported_with_what_was_said_only_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let run = a_run(folder.path(), "scripted/random:1", "safety/jailbreak,reliability/knowledge");
    let view = View::start(folder.path(), &[]);
    let get = |query: &str| view.get(&format!("/run/{run}/export?{query}"));
    let page = view.get(&format!("/run/{run}/trials?f=tag:arm%3Dattacked")).body;
    let status = page.split_once("<p role=\"status\">").unwrap().1;
    let shown: usize = status.split(' ').next().unwrap().parse().unwrap();
    let lines = get("f=tag:arm%3Dattacked&format=jsonl");
    assert!(lines.head.contains("attachment; filename=\"trials.jsonl\""), "{}", lines.head);
    let read: Vec<serde_json::Value> =
        lines.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read.len(), shown);
    for row in &read {
        assert_eq!(
            (&row["task"], &row["tags"]["arm"]),
            (&"safety/jailbreak".into(), &"attacked".into())
        );
        assert!(row["reply"].is_null() && row["asked"].as_array().unwrap().is_empty());
        assert!(row["measures"].is_object() && row["outcome"].is_string());
    }
    let whole = get("f=tag:arm%3Dattacked&format=jsonl&words=kept").body;
    assert!(whole.lines().all(|line| line.contains("\"role\":\"user\"")), "{whole}");
    let table = get("task=reliability/knowledge&format=csv").body;
    assert!(table.starts_with("record,trial,task") && table.contains("measure_correct"));
    // What was said comes after the warning.
    let unread = format!("/run/{run}/export?format=jsonl&words=kept");
    assert!(view.get_with(&unread, "Host: {host}\r\n").body.contains("Before you read on"));
    assert_eq!(get("format=exe").status, 400);
    assert_eq!(view.get("/run/nothing/export?format=csv").status, 404);
}

#[test]
fn a_run_that_was_stopped_says_so_in_the_list() {
    let folder = tempfile::tempdir().unwrap();
    let run = a_run(folder.path(), "scripted/random:1", "reliability/knowledge");
    let whole = folder.path().join("runs").join(&run);
    let cut = folder.path().join("runs").join("cut");
    fs::create_dir(&cut).unwrap();
    for file in ["run.json", "journal.jsonl"] {
        fs::copy(whole.join(file), cut.join(file)).unwrap();
    }
    // Half of the journal, written long ago and sealed by nobody.
    let text = fs::read_to_string(cut.join("journal.jsonl")).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    fs::write(cut.join("journal.jsonl"), lines[..lines.len() / 2].concat()).unwrap();
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(7200);
    fs::File::options()
        .append(true)
        .open(cut.join("journal.jsonl"))
        .unwrap()
        .set_modified(old)
        .unwrap();
    let view = View::start(folder.path(), &[]);
    let stopped = view.get("/?state=incomplete").body;
    assert!(stopped.contains("1 of 2 runs") && stopped.contains("INCOMPLETE"), "{stopped}");
    assert!(stopped.contains("value=\"cut\"") && !stopped.contains(&format!("value=\"{run}\"")));
    let complete = view.get("/?state=complete").body;
    assert!(complete.contains(&format!("value=\"{run}\"")) && complete.contains("● complete"));
    assert!(view.get("/?q=nothing-like-it").body.contains("No run fits"));
}

#[test]
fn a_conversation_is_shown_turn_by_turn_and_rated_whole() {
    let folder = tempfile::tempdir().unwrap();
    let subject = ["--subject", "scripted/random:1", "--progress", "none", "--items", "4"];
    let run = ["run", "--tasks", "crisis/conversation"];
    trustmh(folder.path(), run.iter().chain(&subject)).with_code(0);
    let run = only_run(&folder.path().join("runs"));
    let run = run.file_name().unwrap().to_string_lossy();
    let view = View::start(folder.path(), &["--annotate"]);
    let broken = view.get(&format!("/run/{run}/trials?outcome=broken-client")).body;
    assert!(broken.contains("Outcome: client broke"), "{broken}");
    let played = view.get(&format!("/run/{run}/trials?tag=client%3Dsimulated")).body;
    let link = played.split("/trial?name=").nth(1).unwrap().split('"').next().unwrap();
    let page = view.get(&format!("/run/{run}/trial?name={link}")).body;
    for part in [
        "The client",
        "offline client",
        "showed the danger",
        "<li class=\"client\"><h3>1 Client",
        "<li class=\"subject\" id=\"turn-1\"><h3>1 Reply",
        "href=\"#turn-2\"",
        "<span class=\"tag\">",
        "Codes of this reply",
        "The way through the questions",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    // Never two turns of one side in a row.
    let sides: Vec<&str> =
        page.split("<li class=\"").skip(1).filter_map(|li| li.split('"').next()).collect();
    let turns: Vec<&&str> =
        sides.iter().filter(|side| ["client", "subject"].contains(side)).collect();
    assert!(turns.len() > 3 && turns.windows(2).all(|pair| pair[0] != pair[1]), "{sides:?}");
    let rate = view.get(&format!("/run/{run}/rate?task=crisis%2Fconversation&annotator=AB")).body;
    for part in ["Rate this conversation", "1 Client", "1 Reply", "not-relevant"] {
        assert!(rate.contains(part), "{part}: {rate}");
    }
    assert!(!rate.contains("Codes of this reply") && !rate.contains("offline client"), "blind");
}
