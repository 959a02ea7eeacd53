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
fn the_token_is_new_at_each_start_and_needed_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let (view, run) = viewer(folder.path(), &[]);
    let again = View::start(folder.path(), &[]);
    assert_ne!(view.token, again.token);
    for path in ["/", "/style.css", "/keys.js", "/icon.svg", "/nowhere", &format!("/run/{run}")] {
        for token in [&again.token[..], "", "0", &view.token[..63], &format!("{}0", view.token)] {
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
