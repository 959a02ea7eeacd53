//! Runs that ended, were stopped or were killed, and runs of older formats.

use crate::support::block;
use std::fs;
use std::path::Path;
use trustmh_core::scorecard::RecordState;
use trustmh_run::derived::score::score;
use trustmh_run::error::RunError;
use trustmh_run::integrity::finding::State;
use trustmh_run::integrity::sealing::{Sealing, seal};
use trustmh_run::integrity::verify::verify;
use trustmh_run::journal::{self, SEAL_FILE, SessionEnd};

use super::{a_run, asked, benchmark, broken, of_an_older_format, resumed, state_of};

#[test]
fn a_run_that_was_stopped_is_sealed_as_interrupted_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    asked(folder.path(), Some(5));
    let text = fs::read_to_string(folder.path().join(journal::FILE)).unwrap();
    assert!(text.lines().last().unwrap().contains("\"interrupted\":{"), "{text}");
    assert!(broken(folder.path()).is_empty());
    assert_eq!(state_of(folder.path(), "seal"), State::Ok);
    let card = score(benchmark(), folder.path(), None, None).unwrap().scorecard;
    assert_eq!(
        (card.record.state, card.record.planned > card.record.pending),
        (RecordState::Incomplete, true)
    );
    assert!(card.caveats[0].starts_with("INCOMPLETE. "), "{:?}", card.caveats);

    // Killed in the next session: the seal stands for what was before it, and says no more.
    let mut killed = text.clone();
    resumed(folder.path());
    let after = fs::read_to_string(folder.path().join(journal::FILE)).unwrap();
    assert!(after.starts_with(&text));
    let seal = fs::read(folder.path().join(SEAL_FILE)).unwrap();
    assert!(broken(folder.path()).is_empty());
    assert_eq!(
        score(benchmark(), folder.path(), None, None).unwrap().scorecard.record.state,
        RecordState::Complete
    );
    let more: String = after[text.len()..].split_inclusive('\n').take(3).collect();
    killed.push_str(&more);
    asked_anew_seal(folder.path(), &text);
    fs::write(folder.path().join(journal::FILE), &killed).unwrap();
    assert!(broken(folder.path()).is_empty(), "{:?}", broken(folder.path()));
    assert_eq!(state_of(folder.path(), "seal"), State::Differs);
    // With the seal of the whole, the lines that are missing show.
    fs::write(folder.path().join(SEAL_FILE), seal).unwrap();
    assert!(broken(folder.path()).join("\n").contains("lines were removed"));
}

/// Puts the seal back that a journal of just this text has.
fn asked_anew_seal(run: &Path, text: &str) {
    let last = text.split_inclusive('\n').next_back().unwrap();
    let seal = serde_json::json!({
        "seal": 1,
        "ending": "interrupted",
        "lines": text.lines().count(),
        "journal": trustmh_core::digest::Digest::of(last.as_bytes()),
        "manifest": trustmh_core::digest::Digest::of(&fs::read(run.join("run.json")).unwrap()),
    });
    let seal: journal::SealFile = serde_json::from_value(seal).unwrap();
    fs::write(run.join(SEAL_FILE), seal.bytes().unwrap()).unwrap();
}

#[test]
fn runs_of_older_formats_are_read_scored_and_gone_on_with_and_sealed_then() {
    let (_folder, run, journal) = a_run();
    let card = score(benchmark(), &run, None, None).unwrap().scorecard;
    of_an_older_format(&run);
    assert_eq!(score(benchmark(), &run, None, None).unwrap().scorecard.tasks, card.tasks);
    assert!(broken(&run).is_empty(), "{:?}", broken(&run));
    assert_eq!(state_of(&run, "chain"), State::Differs);

    // One that did not end goes on: from the first new line on nothing before it can be changed unseen, either.
    let text = fs::read_to_string(&journal).unwrap();
    let begun: String = text.split_inclusive('\n').take(7).collect();
    fs::write(&journal, &begun).unwrap();
    resumed(&run);
    assert!(broken(&run).is_empty(), "{:?}", broken(&run));
    assert_eq!(score(benchmark(), &run, None, None).unwrap().scorecard.tasks, card.tasks);
    let whole = fs::read_to_string(&journal).unwrap();
    let letter = whole.find("\"content\":\"").unwrap() + "\"content\":\"".len();
    let mut edited = whole.clone().into_bytes();
    edited[letter] = if edited[letter] == b'x' { b'y' } else { b'x' };
    fs::write(&journal, &edited).unwrap();
    assert!(broken(&run).join("\n").contains("line 8"), "{:?}", broken(&run));
    // Nor are lines without a hash taken behind those with one.
    let old = begun.split_inclusive('\n').next_back().unwrap();
    fs::write(&journal, format!("{whole}{old}")).unwrap();
    assert!(broken(&run).join("\n").contains("names no hash"), "{:?}", broken(&run));
    // Nor a run of this format whose lines were all made older ones.
    fs::write(&journal, &text).unwrap();
    let manifest = fs::read_to_string(run.join("run.json")).unwrap();
    fs::write(run.join("run.json"), manifest.replace("\"format\": 1", "\"format\": 3")).unwrap();
    assert!(!broken(&run).is_empty());
    // A format that is not known is named.
    fs::write(run.join("run.json"), manifest.replace("\"format\": 1", "\"format\": 4")).unwrap();
    assert!(matches!(verify(benchmark(), &run, None), Err(RunError::Version { found: 4, .. })));
}

#[test]
fn a_seal_can_be_set_on_what_has_none() {
    let (_folder, run, _) = a_run();
    assert_eq!(block(seal(&run, SessionEnd::Finish)).unwrap(), Sealing::WasSealed);
    of_an_older_format(&run);
    assert_eq!(block(seal(&run, SessionEnd::Finish)).unwrap(), Sealing::SealedNow);
    assert_eq!(state_of(&run, "seal"), State::Ok);
    assert!(broken(&run).is_empty());
}
