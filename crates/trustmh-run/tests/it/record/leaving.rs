//! Runs that leave the house: signatures, bundles, comparisons.

use crate::support::block;
use std::fs;
use std::path::Path;
use trustmh_run::derived::score::score;
use trustmh_run::error::RunError;
use trustmh_run::integrity::bundle::{self, Made};
use trustmh_run::integrity::finding::State;
use trustmh_run::integrity::sealing::seal;
use trustmh_run::integrity::signature::{NewKey, sign};
use trustmh_run::integrity::verify::{differences, of_signature};
use trustmh_run::journal::{self, SEAL_FILE, SessionEnd};

use super::{a_run, asked, benchmark, broken, of_an_older_format, the_first_reply};

#[test]
fn a_signature_holds_for_one_key_and_one_seal() {
    let (folder, run, journal) = a_run();
    let pem = |name: &str, random: u8| {
        let key = NewKey::of(&[random; 32]).unwrap();
        let file = folder.path().join(name);
        fs::write(&file, &key.public).unwrap();
        (key.private, file)
    };
    let ((ours, our_file), (_, their_file)) = (pem("ours.pub", 1), pem("theirs.pub", 2));
    let state = |key: &Path| of_signature(&run, key).unwrap().state;
    assert_eq!(state(&our_file), State::Broken, "there is none yet");
    sign(&run, &ours, Path::new("ours")).unwrap();
    assert_eq!((state(&our_file), state(&their_file)), (State::Ok, State::Broken));
    assert_eq!(fs::read(run.join("seal.sig")).unwrap().len(), 64);
    // Somebody writes the whole chain anew, and the seal with it.
    let text = fs::read_to_string(&journal).unwrap();
    let begun: String = text.split_inclusive('\n').take(6).collect();
    fs::write(&journal, begun).unwrap();
    fs::remove_file(run.join(SEAL_FILE)).unwrap();
    block(seal(&run, SessionEnd::Interrupted)).unwrap();
    assert!(broken(&run).is_empty());
    assert_eq!(state(&our_file), State::Broken);
    let no_key = sign(&run, &"no key".to_owned().into(), Path::new("k.pem")).unwrap_err();
    assert!(no_key.to_string().contains("k.pem: this is no private Ed25519 key"), "{no_key}");
}

/// What becomes of a file of a bundle: another name, other bytes, or nothing.
type Change<'c> = dyn Fn(&str, Vec<u8>) -> Option<(String, Vec<u8>)> + 'c;

#[test]
fn a_bundle_holds_the_run_and_tells_what_was_changed() {
    let (folder, run, _) = a_run();
    let made = || [Made { name: "report.html", bytes: b"<p>report</p>".to_vec() }];
    let packed = |name: &str| {
        let path = folder.path().join(name);
        bundle::write(&run, &made(), fs::File::create(&path).unwrap()).unwrap();
        path
    };
    let (one, two) = (packed("one.zip"), packed("two.zip"));
    assert_eq!(fs::read(&one).unwrap(), fs::read(&two).unwrap(), "the same run, the same bytes");
    let out = folder.path().join("out");
    assert_eq!(bundle::unpack(&one, &out).unwrap().state, State::Ok);
    assert!(broken(&out).is_empty());
    let (here, there) =
        (score(benchmark(), &run, None, None), score(benchmark(), &out, None, None));
    assert_eq!(here.unwrap().scorecard.tasks, there.unwrap().scorecard.tasks);
    assert!(out.join("report.html").is_file());

    let rewritten = |change: &Change<'_>| {
        let mut archive = zip::ZipArchive::new(fs::File::open(&one).unwrap()).unwrap();
        let path = folder.path().join("changed.zip");
        let mut writer = zip::ZipWriter::new(fs::File::create(&path).unwrap());
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).unwrap();
            let name = entry.name().unwrap().into_owned();
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
            let Some((name, bytes)) = change(&name, bytes) else { continue };
            writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            std::io::Write::write_all(&mut writer, &bytes).unwrap();
        }
        writer.finish().unwrap();
        bundle::unpack(&path, &folder.path().join("changed"))
    };
    let changed = rewritten(&|name, bytes| {
        let bytes = if name == "report.html" { b"<p>better</p>".to_vec() } else { bytes };
        Some((name.to_owned(), bytes))
    });
    assert!(changed.unwrap().detail.contains("changed or missing: report.html"));
    let less = rewritten(&|name, bytes| (name != "seal.json").then(|| (name.to_owned(), bytes)));
    assert!(less.unwrap().detail.contains("seal.json"));
    let outside = rewritten(&|name, bytes| {
        let name = if name == "report.html" { "../report.html" } else { name };
        Some((name.to_owned(), bytes))
    });
    assert!(matches!(outside, Err(RunError::Bundle { .. })), "{outside:?}");
    let bomb = rewritten(&|name, bytes| {
        let bytes = if name == "report.html" { vec![b'A'; 300 << 20] } else { bytes };
        Some((name.to_owned(), bytes))
    });
    assert!(bomb.unwrap_err().to_string().contains("more than a run can hold"));
    fs::write(folder.path().join("no.zip"), b"PK\x03\x04 and no more").unwrap();
    let none = bundle::unpack(&folder.path().join("no.zip"), &folder.path().join("none"));
    assert!(matches!(none, Err(RunError::Bundle { .. })), "{none:?}");
}

#[test]
fn runs_beside_each_other_are_compared_in_replies_and_scores() {
    let (folder, run, _) = a_run();
    let other = folder.path().join("other");
    asked(&other, None);
    let told = |one: &Path, two: &Path| differences(benchmark(), one, two).unwrap();
    let same = told(&run, &other);
    assert!(same.iter().all(|found| found.state == State::Ok), "{same:#?}");
    // Another reply to the same question, in a run whose lines name no hashes.
    of_an_older_format(&other);
    let path = other.join(journal::FILE);
    let text = fs::read_to_string(&path).unwrap();
    let place = the_first_reply(&text);
    let edited = format!("{}no letter at all{}", &text[..place.start], &text[place.end..]);
    fs::write(&path, edited).unwrap();
    let unlike = told(&run, &other);
    let of = |check: &str| unlike.iter().find(|found| found.check == check).unwrap();
    assert_eq!(of("replies").state, State::Differs);
    assert!(of("replies").detail.starts_with("differ in 1 of "), "{}", of("replies").detail);
    assert_eq!(of("judges' replies").state, State::Ok);
    assert_eq!(of("scores").state, State::Differs);
}
