//! Published data: fetched from a mirror on loopback that serves ../shared/data, and from servers that misbehave.
use crate::support;
use std::fs;
use std::io::{BufRead, BufReader, Cursor, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::{shared, trustmh};
use serde_json::Value;

/// How the mirror answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Well,
    ChangedByte,
    ShortBody,
    LeadsElsewhere,
    Stalls,
    TooLong,
}

/// A server that stands in for all publishers, until the process ends.
struct Mirror {
    url: String,
    ranges: Arc<AtomicUsize>,
}

impl Mirror {
    fn serve(
        manner: Manner,
        file: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let ranges = Arc::new(AtomicUsize::new(0));
        let (file, asked) = (Arc::new(file), Arc::clone(&ranges));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (file, asked) = (Arc::clone(&file), Arc::clone(&asked));
                std::thread::spawn(move || answer(&stream, manner, file.as_ref(), &asked));
            }
        });
        Self { url, ranges }
    }
}

fn answer(
    mut stream: &TcpStream,
    manner: Manner,
    file: &(dyn Fn(&str) -> Option<Vec<u8>> + Send + Sync),
    ranges: &AtomicUsize,
) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let headers: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let from: usize = headers
        .iter()
        .find_map(|line| {
            line.to_lowercase().strip_prefix("range: bytes=")?.trim_end_matches('-').parse().ok()
        })
        .unwrap_or(0);
    ranges.fetch_add(usize::from(from > 0), Ordering::Relaxed);
    let Some(mut body) = file(&path) else {
        drop(stream.write_all(
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        ));
        return;
    };
    let whole = body.len();
    match manner {
        Manner::ChangedByte => body[whole / 2] ^= 1,
        Manner::TooLong => body.extend_from_slice(b"more than there is"),
        Manner::LeadsElsewhere => {
            let to = "HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            drop(stream.write_all(to.as_bytes()));
            return;
        }
        _ => {}
    }
    let status = if from > 0 { "206 Partial Content" } else { "200 OK" };
    let body = body.get(from..).unwrap_or_default();
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    drop(stream.write_all(head.as_bytes()));
    let sent = match manner {
        Manner::ShortBody | Manner::Stalls => body.len() / 2,
        _ => body.len(),
    };
    drop(stream.write_all(body.get(..sent).unwrap_or_default()));
    if manner == Manner::Stalls {
        // The other end gives up and closes.
        drop(stream.read(&mut [0]));
    }
}

/// The path of an address on a card, the file of ../shared/data that is published there, and its name if that is an archive.
type Served = (String, PathBuf, Option<String>);

/// All files that are published somewhere.
fn published() -> Option<Vec<Served>> {
    let data = shared("data")?;
    let sources = trustmh_data::sources::Sources::built_in();
    let files = sources.sets.iter().flat_map(|card| &card.files).filter_map(|file| {
        let url = file.url.as_ref()?;
        let path = format!("/{}", url.split_once("://")?.1.split_once('/')?.1);
        Some((path, data.join(&file.path), file.member.clone()))
    });
    Some(files.collect())
}

fn zipped(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file(name, options).unwrap();
    archive.write_all(bytes).unwrap();
    archive.finish().unwrap().into_inner()
}

fn mirror(manner: Manner) -> Option<Mirror> {
    let files = published()?;
    Some(Mirror::serve(manner, move |asked| {
        let (_, path, member) = files.iter().find(|(path, ..)| path == asked)?;
        let bytes = fs::read(path).ok()?;
        Some(match member {
            Some(name) => zipped(name, &bytes),
            None => bytes,
        })
    }))
}

fn fetch(folder: &Path, mirror: &str, sets: &[&str]) -> support::Ended {
    let more = [
        "--mirror",
        mirror,
        "--data",
        "data",
        "--accept-licence",
        "--json",
        "--stall-timeout",
        "1",
    ];
    trustmh(folder, ["data", "fetch"].iter().chain(sets).chain(&more))
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn sets_are_fetched_from_a_mirror_verified_and_asked() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mirror) = mirror(Manner::Well) else { return };
    let sets = [
        "usmle-mental",
        "crisis-response-qa",
        "emobench",
        "cpsycoune",
        "crisis",
        "jailbreakmh",
        "psyleak",
        "esconv-fair",
        "ethicmh",
        "confaide",
        "siri-2",
        "llms-as-therapists",
    ];
    let got = fetch(folder.path(), &mirror.url, &sets).with_code(0).json();
    assert_eq!(
        got["files"].as_array().unwrap().len(),
        1 + 1 + 2 + 45 + 10 + 2 + 2 + 1 + 1 + 5 + 2 + 2
    );
    let verified = trustmh(folder.path(), ["data", "verify", "--data", "data", "--json"]);
    let verified = verified.with_code(0).json();
    for set in verified.as_array().unwrap() {
        for file in set["files"].as_array().unwrap() {
            assert_eq!(file["is"]["state"], "published", "{file}");
        }
    }
    let again = fetch(folder.path(), &mirror.url, &["ethicmh"]).with_code(0).json();
    assert_eq!(again["files"][0]["how"], "there");

    // A changed byte is found, told of by the run and its report, and put right by fetching again.
    let run = |seed: &str| -> Value {
        let arguments = [
            "run",
            "--subject",
            "scripted/random",
            "--tasks",
            "ethics",
            "--data",
            "data",
            "--json",
            "--seed",
            seed,
        ];
        trustmh(folder.path(), arguments).with_code(0).json()[0].clone()
    };
    let warned = |card: &Value| card["tasks"]["ethics/reasoning"]["source"]["warnings"].to_string();
    assert!(!warned(&run("1")).contains("not the published file"));
    let path = folder.path().join("data/trustmh-bench/EthicMH.csv");
    let mut bytes = fs::read(&path).unwrap();
    let place = bytes.iter().rposition(|byte| *byte == b'e').unwrap();
    bytes[place] = b'a';
    fs::write(&path, bytes).unwrap();
    let changed =
        trustmh(folder.path(), ["data", "verify", "ethicmh", "--data", "data"]).with_code(1);
    assert!(changed.out.contains("NOT the published file: its sha256 is"), "{}", changed.out);
    let card = run("2");
    assert!(warned(&card).contains("EthicMH.csv is not the published file"), "{}", warned(&card));
    let report =
        fs::read_to_string(folder.path().join(card["run"].as_str().unwrap()).join("report.html"))
            .unwrap();
    assert!(report.contains("EthicMH.csv is not the published file"), "the report says so");
    fetch(folder.path(), &mirror.url, &["ethicmh"]).with_code(0);
    trustmh(folder.path(), ["data", "verify", "ethicmh", "--data", "data"]).with_code(0);
}

#[test]
fn servers_that_misbehave_leave_nothing_that_could_be_taken_for_data() {
    for (manner, code, words) in [
        (Manner::ChangedByte, 1, "is not the published file: its sha256 is"),
        (Manner::ShortBody, 3, ""),
        (Manner::LeadsElsewhere, 3, "elsewhere.example"),
        (Manner::Stalls, 3, "broke off after"),
        (Manner::TooLong, 3, "more than the"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let Some(mirror) = mirror(manner) else { return };
        let ended = fetch(folder.path(), &mirror.url, &["usmle-mental"]).with_code(code);
        assert!(ended.err.contains(words), "{words}: {}", ended.err);
        let left = files(&folder.path().join("data"));
        let beside: Vec<&PathBuf> = left
            .iter()
            .filter(|path| !path.components().any(|part| part.as_os_str() == ".partial"))
            .collect();
        assert!(beside.is_empty(), "{beside:?}");
    }
}

#[test]
fn a_download_that_broke_off_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let Some(broken) = mirror(Manner::ShortBody) else { return };
    fetch(folder.path(), &broken.url, &["usmle-mental"]).with_code(3);
    let Some(well) = mirror(Manner::Well) else { return };
    let got = fetch(folder.path(), &well.url, &["usmle-mental"]).with_code(0).json();
    assert_eq!(well.ranges.load(Ordering::Relaxed), 1, "it asked for the rest");
    let bytes = got["files"][0]["bytes"].as_u64().unwrap();
    assert!((1..861_081).contains(&bytes), "{bytes} of 861081 came the second time");
    trustmh(folder.path(), ["data", "verify", "usmle-mental", "--data", "data"]).with_code(0);
    assert!(files(&folder.path().join("data/.partial")).is_empty());
}

#[test]
fn archives_that_attack_are_refused() {
    let bomb = zipped("Ethics/data/EthicMH.csv", &vec![0; 40 << 20]);
    assert!(bomb.len() < 100_000, "a bomb of {} bytes", bomb.len());
    let mut leading = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, text) in [("Ethics/data/EthicMH.csv", "a,b"), ("../../outside", "x")] {
        leading.start_file(name, options).unwrap();
        leading.write_all(text.as_bytes()).unwrap();
    }
    let leading = leading.finish().unwrap().into_inner();
    let absent = zipped("another", b"x");
    for (archive, words) in [
        (bomb, "unpacks from"),
        (leading, "leads out of the archive"),
        (absent, "`Ethics/data/EthicMH.csv`"),
        (b"no archive".to_vec(), "nothing was kept"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mirror = Mirror::serve(Manner::Well, move |_| Some(archive.clone()));
        let ended = fetch(folder.path(), &mirror.url, &["ethicmh"]).with_code(1);
        assert!(ended.err.contains(words), "{words}: {}", ended.err);
        assert!(files(folder.path()).is_empty(), "{:?}", files(folder.path()));
    }
}

#[test]
fn licences_are_accepted_first_and_gated_sets_are_brought() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["data", "fetch", "esconv", "--data", "data", "--mirror", "http://127.0.0.1:9"];
    let refused = trustmh(folder.path(), arguments).with_code(2);
    assert!(
        refused.err.contains("CC BY-NC 4.0") && refused.err.contains("--accept-licence"),
        "{}",
        refused.err
    );
    // All that are asked for at once: who reads the licences reads them all.
    let arguments = ["data", "fetch", "all", "--data", "data", "--mirror", "http://127.0.0.1:9"];
    let all = trustmh(folder.path(), arguments).with_code(2);
    assert!(all.err.matches(": licence: ").count() > 2, "{}", all.err);
    assert!(all.err.contains("nothing was downloaded"), "{}", all.err);
    assert!(!folder.path().join("data").exists());
    let gated = fetch(folder.path(), "http://127.0.0.1:9", &["swmh"]).with_code(2);
    assert!(
        gated.err.contains("Ask for access") && gated.err.contains("trustmh data import swmh"),
        "{}",
        gated.err
    );
    let unknown = trustmh(folder.path(), ["data", "show", "nothing"]).with_code(2);
    assert!(unknown.err.contains("known sets: usmle-mental"), "{}", unknown.err);

    fs::write(
        folder.path().join("mine.csv"),
        "text,label\nI feel low and tired of it all,self.depression\n",
    )
    .unwrap();
    let import = |file: &str| {
        trustmh(folder.path(), ["data", "import", "swmh", file, "--data", "data", "--json"])
    };
    let found = import("mine.csv").with_code(0).json();
    assert_eq!(
        (&found["records"], &found["published_records"]),
        (&1.into(), &54_412.into()),
        "{found}"
    );
    assert_eq!(found["labels"], serde_json::json!({ "posts: depression": 1 }), "{found}");
    fs::write(folder.path().join("wrong.csv"), "text,label\nI feel low,happy\n").unwrap();
    let wrong = import("wrong.csv").with_code(2);
    assert!(wrong.err.contains("swmh.csv, line 2"), "{}", wrong.err);
    let kept = fs::read_to_string(folder.path().join("data/d4-swmh/swmh.csv")).unwrap();
    assert!(kept.contains("self.depression"), "the earlier file stays");
    let listed = trustmh(folder.path(), ["data", "list", "--data", "data"]).with_code(0).out;
    assert!(listed.contains("swmh") && listed.contains("from its owners"), "{listed}");
}

#[test]
fn every_set_has_a_data_sheet_and_every_starter_file_a_canary() {
    let folder = tempfile::tempdir().unwrap();
    let card = |set: &str| trustmh(folder.path(), ["data", "card", set]).with_code(0).out;
    assert!(card("psyleak").contains("- **Asked by:** privacy/leakage"));
    assert!(card("ethics-reasoning").contains("| theme = confidentiality | 7 |"));
    let unknown = trustmh(folder.path(), ["data", "card", "nothing"]).with_code(2);
    assert!(
        unknown.err.contains("starter items: crisis-conversation, crisis-identification"),
        "{}",
        unknown.err
    );
    let starter = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benchmark/starter");
    let items: Vec<PathBuf> = files(&starter)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .collect();
    assert!(items.len() > 10);
    for path in items {
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text.starts_with("{\"canary\": \"TRUSTMH-BENCH-STARTER-ITEMS 2f0c6a54"),
            "{}",
            path.display()
        );
    }
}
