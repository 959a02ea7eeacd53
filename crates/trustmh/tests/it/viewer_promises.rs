//! What docs/security.md promises of the viewer, one promise after the other.
use crate::support;
use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::trustmh;
use crate::support::view::{View, a_run};

fn viewer(folder: &Path, more: &[&str]) -> (View, String) {
    let run = a_run(folder, "scripted/random:1", "ethics");
    (View::start(folder, more), run)
}

#[test]
fn a_request_names_this_machine_once_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let (view, _) = viewer(folder.path(), &[]);
    let token = view.token.clone();
    let status = |request: String| view.raw(&request).status;
    let own = "Host: {host}\r\n";
    let end = "Connection: close\r\n\r\n";
    assert_eq!(status(format!("GET /{token}/ HTTP/1.1\r\n{own}{end}")), 200);
    assert_eq!(status(format!("GET /{token}/ HTTP/1.1\r\n{own}Host: evil.example\r\n{end}")), 421);
    assert_eq!(status(format!("GET /{token}/ HTTP/1.1\r\nHost: evil.example\r\n{own}{end}")), 421);
    assert_eq!(status(format!("GET /{token}/ HTTP/1.1\r\n{own}{own}{end}")), 421);
    assert_eq!(status(format!("GET http://evil.example/{token}/ HTTP/1.1\r\n{own}{end}")), 421);
    assert_eq!(status(format!("GET http://{{host}}/{token}/ HTTP/1.1\r\n{own}{end}")), 200);
    for host in ["127.0.0.1", "localhost:1", "127.0.0.1.evil.example", "user@{host}", "0.0.0.0:80"]
    {
        assert_eq!(
            status(format!("GET /{token}/ HTTP/1.1\r\nHost: {host}\r\n{end}")),
            421,
            "{host}"
        );
    }
}

#[test]
fn the_token_lasts_until_it_is_replaced_and_is_needed_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let (view, run) = viewer(folder.path(), &[]);
    let (token, address) = (view.token.clone(), view.address.clone());
    drop(view);
    let again = View::start(folder.path(), &[]);
    assert_eq!((&again.token, &again.address), (&token, &address), "bookmarks work");
    drop(again);
    let view = View::start(folder.path(), &["--new-token"]);
    assert_ne!(view.token, token);
    assert_eq!(View::start(folder.path(), &[]).token, view.token, "the new one lasts");
    for path in ["/", "/style.css", "/keys.js", "/icon.svg", "/nowhere", &format!("/run/{run}")] {
        for token in [&token[..], "", "0", &view.token[..63], &format!("{}0", view.token)] {
            let answer =
                view.raw(&format!("GET /{token}{path} HTTP/1.0\r\nHost: {{host}}\r\n\r\n"));
            assert!(
                answer.status == 404 && answer.body == "there is nothing here\n",
                "{path}: {}",
                answer.body
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn the_file_of_the_token_is_its_owners_and_one_that_others_could_read_is_not_taken() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (view, _) = viewer(folder.path(), &[]);
    let token = view.token.clone();
    drop(view);
    let kept = folder.path().join("state-home/trustmh/viewers");
    let file = fs::read_dir(&kept).unwrap().next().unwrap().unwrap().path();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&kept), mode(&file)), (0o700, 0o600));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o604)).unwrap();
    let view = View::start(folder.path(), &[]);
    assert_ne!(view.token, token);
    assert_eq!(mode(&file), 0o600, "it is written anew");
    // An address that leaves this machine is not kept.
    drop(view);
    let far = ["--listen", "0.0.0.0:0", "--password-env", "VIEW_PASSWORD"];
    assert_ne!(View::start(folder.path(), &far).token, View::start(folder.path(), &far).token);
    // Runs of another folder have another token.
    fs::create_dir(folder.path().join("other")).unwrap();
    let other = trustmh(folder.path(), ["view", "other", "--listen", "0.0.0.0:0"]);
    assert_eq!(other.code, Some(2));
    assert_eq!(fs::read_dir(&kept).unwrap().count(), 1);
}

#[test]
fn a_port_can_be_named_and_one_that_is_taken_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (view, _) = viewer(folder.path(), &[]);
    let port = view.address.rsplit(':').next().unwrap();
    let taken = trustmh(folder.path(), ["view", "runs", "--port", port]).with_code(2);
    assert!(
        taken.err.contains(&format!("port {port}")) && taken.err.contains("--port"),
        "{}",
        taken.err
    );
    let port = port.to_owned();
    drop(view);
    assert!(View::start(folder.path(), &["--port", &port]).address.ends_with(&port));
}

/// The browser is handed an address that works once, so that what a list of processes shows is of no use.
#[cfg(target_os = "linux")]
#[test]
fn the_browser_is_opened_at_an_address_that_works_once() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    a_run(folder.path(), "scripted/random:1", "ethics");
    let programs = folder.path().join("programs");
    fs::create_dir(&programs).unwrap();
    let (opener, opened) = (programs.join("xdg-open"), folder.path().join("opened"));
    let script =
        format!("#!/bin/sh\nprintf '%s' \"$1\" > {0}.part\nmv {0}.part {0}\n", opened.display());
    fs::write(&opener, script).unwrap();
    fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let view = View::start_with(folder.path(), &["--open"], &[("PATH", &path)]);
    let begun = Instant::now();
    while !opened.exists() && begun.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(20));
    }
    let address = fs::read_to_string(&opened).unwrap();
    assert!(!address.contains(&view.token), "{address}");
    let once = address.trim_end_matches('/').rsplit('/').next().unwrap();
    let ask = || view.raw(&format!("GET /{once}/ HTTP/1.0\r\nHost: {{host}}\r\n\r\n"));
    let first = ask();
    assert!(
        first.status == 303 && first.head.contains(&format!("location: /{}/", view.token)),
        "{}",
        first.head
    );
    assert_eq!(ask().status, 404);
}

#[test]
fn an_address_with_a_slash_too_many_or_too_few_leads_to_the_page_that_is_meant() {
    let folder = tempfile::tempdir().unwrap();
    let (view, run) = viewer(folder.path(), &[]);
    for (asked, meant) in [
        (String::new(), "/".to_owned()),
        (format!("/run/{run}/"), format!("/run/{run}")),
        (format!("/run/{run}/trials/?q=a"), format!("/run/{run}/trials?q=a")),
    ] {
        let answer = view.get(&asked);
        let to = format!("location: /{}{}\r", view.token, meant.to_lowercase());
        assert!(answer.status == 303 && answer.head.contains(&to), "{asked}: {}", answer.head);
    }
}

#[test]
fn marks_are_taken_only_where_people_may_write() {
    let folder = tempfile::tempdir().unwrap();
    let (view, run) = viewer(folder.path(), &[]);
    let list = view.get(&format!("/run/{run}/trials")).body;
    let name = list.split("/trial?name=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let file = folder.path().join("runs").join(&run).join("marks.jsonl");
    let form = format!("name={name}&flagged=yes&note=look+again&next=https://evil.example/");
    let refused = view.post(&format!("/run/{run}/mark"), &form, "");
    assert!(refused.status == 400 && refused.body.contains("--annotate") && !file.exists());
    drop(view);
    let view = View::start(folder.path(), &["--annotate"]);
    let foreign = view.post(&format!("/run/{run}/mark"), &form, "Origin: https://evil.example\r\n");
    assert!(foreign.status == 403 && !file.exists());
    let taken = view.post(&format!("/run/{run}/mark"), &form, "");
    assert!(taken.head.contains(&format!("location: /{}/\r", view.token)), "{}", taken.head);
    assert!(fs::read_to_string(&file).unwrap().contains("look again"));
    let nothing = view.post(&format!("/run/{run}/mark"), "name=nothing&flagged=yes", "");
    assert_eq!(nothing.status, 404);
    drop(view);
    // Read by everybody.
    let view = View::start(folder.path(), &[]);
    let noted = view.get(&format!("/run/{run}/trials?mark=noted")).body;
    assert!(
        noted.contains("<p role=\"status\">1 trial</p>") && noted.contains("look again"),
        "{noted}"
    );
    assert!(!noted.contains("<textarea"));
}

#[test]
fn a_short_password_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    a_run(folder.path(), "scripted/random:1", "ethics");
    let mut command = support::program(folder.path());
    let asked = ["view", "runs", "--listen", "0.0.0.0:0", "--password-env", "SHORT"];
    let refused = support::ended(command.env("SHORT", "eleven-char").args(asked).output().unwrap());
    assert!(refused.with_code(2).err.contains("12 characters"));
}

#[test]
fn every_page_keeps_the_policy_and_unknown_ones_are_pages() {
    let folder = tempfile::tempdir().unwrap();
    let (view, run) = viewer(folder.path(), &["--annotate"]);
    let page = |path: &str, status: u16| {
        let answer = view.get(path);
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        for header in [
            "content-security-policy: default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
            "x-content-type-options: nosniff",
            "x-frame-options: deny",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
        ] {
            assert!(answer.head.contains(header), "{path}: {header}");
        }
        let body = answer.body.to_lowercase();
        assert!(body.starts_with("<!doctype html>"), "{path} is a page: {body}");
        for foreign in [
            "<style",
            " style=",
            "<iframe",
            "<object",
            "http://",
            "https://",
            " onclick=",
            " onload=",
            "javascript:",
        ] {
            assert!(!body.contains(foreign), "{path}: {foreign}");
        }
        assert_eq!(body.matches("<script").count(), body.matches("<script src=").count(), "{path}");
        assert!(body.contains(&format!("href=\"/{}/\"", view.token)), "{path}: a way back");
        answer.body
    };
    let absurd = "18446744073709551615";
    for path in [
        "/".to_owned(),
        format!("/run/{run}"),
        format!("/run/{run}/trials"),
        format!("/run/{run}/rate"),
        format!("/run/{run}/agreement?task=ethics%2Freasoning"),
        format!("/run/{run}/worst"),
        format!("/run/{run}/calls"),
        format!("/run/{run}/calls?page={absurd}"),
        format!("/run/{run}/setup"),
    ] {
        page(&path, 200);
    }
    let last = page(&format!("/run/{run}/trials"), 200);
    for number in
        [absurd, "18446744073709551616", "99999999999999999999999999", "9223372036854775807", "1"]
    {
        let shown = page(&format!("/run/{run}/trials?page={number}"), 200);
        assert_eq!(
            shown.matches("<tr>").count(),
            last.matches("<tr>").count(),
            "{number}: the last page"
        );
    }
    for asked in ["page=-1", "page=x", "page=1e9", "from=x", "task=%FF"] {
        let answer = view.get(&format!("/run/{run}/trials?{asked}"));
        assert!(
            answer.body.to_lowercase().starts_with("<!doctype html>"),
            "{asked}: {}",
            answer.body
        );
    }
    page(&format!("/run/{run}/trials?page=x"), 400);
    page(&format!("/run/{run}/trial"), 400);
    for path in [
        "/nowhere",
        "/run",
        "/run/nothing",
        "/run/nothing/trials",
        "/a/b/c/d",
        &format!("/run/{run}/nothing"),
        &format!("/run/{run}/trial?name=x"),
        &format!("/run/{run}/reply?name=x"),
    ] {
        let shown = page(path, 404);
        assert!(shown.contains("there is no"), "{path}: {shown}");
    }
    let posted = view.post("/nowhere", "a=b", "");
    assert!(posted.status == 404 && posted.body.contains("there is no"), "{}", posted.body);
    let posted = view.post(&format!("/run/{run}"), "a=b", "");
    assert!(
        posted.status == 405 && posted.body.to_lowercase().starts_with("<!doctype html>"),
        "{}",
        posted.body
    );
}

#[test]
fn forms_of_other_sites_and_of_nowhere_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (view, run) = viewer(folder.path(), &["--annotate"]);
    for path in ["/seen".to_owned(), format!("/run/{run}/rate")] {
        for headers in [
            "Origin: null\r\n",
            "Origin: null\r\nSec-Fetch-Site: cross-site\r\n",
            "Origin: https://evil.example\r\n",
            "Origin: http://{host}.evil.example\r\n",
            "Origin: http://{host}\r\nOrigin: null\r\n",
            "Sec-Fetch-Site: cross-site\r\n",
            "Sec-Fetch-Site: same-site\r\n",
            "Origin: \r\n",
        ] {
            assert_eq!(view.post(&path, "next=/", headers).status, 403, "{path}: {headers}");
        }
        for headers in [
            "Origin: http://{host}\r\n",
            "Origin: http://{host}\r\nSec-Fetch-Site: same-origin\r\n",
            "",
        ] {
            assert_ne!(view.post(&path, "next=/", headers).status, 403, "{path}: {headers}");
        }
    }
    // Without this, browsers would send the viewer's own forms without an origin.
    assert!(view.get("/").body.contains("<meta name=\"referrer\" content=\"same-origin\">"));
}

#[test]
fn looking_writes_nothing_but_the_index() {
    fn files(folder: &Path) -> BTreeSet<(String, Vec<u8>)> {
        let mut found = BTreeSet::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(files(&path));
            } else if path.file_name().is_some_and(|name| name != "index.sqlite") {
                found.insert((path.display().to_string(), fs::read(&path).unwrap()));
            }
        }
        found
    }
    let folder = tempfile::tempdir().unwrap();
    let (view, run) = viewer(folder.path(), &[]);
    let before = files(folder.path());
    for path in [
        "/",
        &format!("/run/{run}"),
        &format!("/run/{run}/trials"),
        &format!("/run/{run}/rate"),
        &format!("/run/{run}/worst"),
        &format!("/run/{run}/calls"),
        &format!("/run/{run}/setup"),
        &format!("/run/{run}/export?format=csv"),
        "/nowhere",
    ] {
        view.get(path);
    }
    view.post(&format!("/run/{run}/rate"), "trial=x&annotator=y&rubric=z", "");
    assert!(files(folder.path()) == before);
}

#[test]
fn connections_that_ask_nothing_are_closed_and_others_served() {
    let folder = tempfile::tempdir().unwrap();
    let (view, _) = viewer(folder.path(), &[]);
    let open = |sent: &str| {
        let mut stream = TcpStream::connect(&view.address).unwrap();
        stream.write_all(sent.as_bytes()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    };
    let begun = Instant::now();
    let form = format!(
        "POST /{}/seen HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nnext=",
        view.token, view.address
    );
    let half = [
        open(""),
        open("GET / HTTP/1.1\r\nHos"),
        open("GET / HTTP/1.1\r\nHost: a\r\n"),
        open(&form),
    ];
    let many: Vec<TcpStream> = (0..200).map(|_| open("G")).collect();
    assert_eq!(view.get("/").status, 200);
    for (number, mut stream) in half.into_iter().enumerate() {
        let mut rest = Vec::new();
        stream
            .read_to_end(&mut rest)
            .unwrap_or_else(|error| panic!("{number} stays open: {error}"));
    }
    let took = begun.elapsed();
    assert!((9..=18).contains(&took.as_secs()), "{took:?}");
    drop(many);
    let ended = trustmh(folder.path(), ["--version"]);
    assert_eq!(ended.code, Some(0));
}
