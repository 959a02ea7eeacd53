//! What is saved of a damaged run.

use crate::support::block;
use std::fs;
use std::path::Path;
use trustmh_core::scorecard::RecordState;
use trustmh_run::derived::score::score;
use trustmh_run::error::RunError;
use trustmh_run::integrity::finding::State;
use trustmh_run::integrity::repair::repair;
use trustmh_run::journal;
use trustmh_run::manifest::repaired::Repaired;

use super::{a_run, benchmark, broken, resumed, state_of};

/// What editors, disks and people do to a journal, and what the repaired run is then.
#[test]
fn what_is_sound_is_saved_and_what_was_lost_is_named() {
    let (folder, run, journal) = a_run();
    let whole = fs::read(&journal).unwrap();
    let card = score(benchmark(), &run, None, None).unwrap().scorecard;
    let lines: Vec<Vec<u8>> =
        whole.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let is_call = |line: &&Vec<u8>| line.windows(9).any(|window| window == b"{\"call\":{");
    let call = lines.iter().position(|line| is_call(&line)).unwrap();
    let torn = {
        let mut lines = lines.clone();
        let half = lines[call].len() / 2;
        lines[call].truncate(half);
        lines[call].push(b'\n');
        lines.concat()
    };
    let unknown = {
        let mut lines = lines.clone();
        lines.insert(4, b"{\"v\":3,\"prev\":\"00\",\"event\":{\"unheard-of\":{}}}\n".to_vec());
        lines.concat()
    };
    let flipped = {
        let mut lines = lines.clone();
        let place = lines[call].len() - 10;
        lines[call][place] ^= 1;
        lines.concat()
    };
    let windows: Vec<u8> = whole
        .iter()
        .flat_map(|byte| match byte {
            b'\n' => vec![b'\r', b'\n'],
            byte => vec![*byte],
        })
        .collect();
    let cut = lines[..lines.len() - 2].concat();
    let last_changed = {
        let mut lines = lines.clone();
        let last = lines.last_mut().unwrap();
        let place = last.len() - 12;
        last[place] ^= 1;
        lines.concat()
    };
    let torn_at_the_end = whole[..whole.len() - 5].to_vec();
    let cases: [(&str, Vec<u8>, u64); 11] = [
        ("torn", torn, 1),
        ("blank", [&whole[..], b"\n"].concat(), 1),
        ("mark", [b"\xef\xbb\xbf", &whole[..]].concat(), 0),
        ("unknown", unknown, 1),
        ("flipped", flipped, 1),
        ("windows", windows, 0),
        ("twice", [&lines[..5], &lines[3..]].concat().concat(), 2),
        // What is last now has nothing after it that could vouch for it.
        ("cut", cut, 1),
        ("last changed", last_changed, 1),
        ("torn at the end", torn_at_the_end, 1),
        ("removed", [&lines[..call], &lines[call + 1..]].concat().concat(), 1),
    ];
    for (name, bytes, lost) in cases {
        fs::write(&journal, &bytes).unwrap();
        assert!(!broken(&run).is_empty(), "{name}");
        match score(benchmark(), &run, None, None) {
            // What a writer that was killed leaves is no damage: here, all but its last words.
            Ok(_) => assert_eq!(name, "torn at the end"),
            Err(refused) => {
                assert!(matches!(refused, RunError::Journal { .. }), "{name}: {refused:?}");
            }
        }
        let output = folder.path().join(name);
        let repaired: Repaired = block(repair(&run, &output)).unwrap();
        assert_eq!(
            (repaired.dropped, repaired.named.len() as u64),
            (lost, lost),
            "{name}: {repaired:?}"
        );
        assert_eq!(fs::read(&journal).unwrap(), bytes, "{name}: the damaged run stays as it is");
        assert!(broken(&output).is_empty(), "{name}: {:?}", broken(&output));
        let saved = score(benchmark(), &output, None, None).unwrap().scorecard;
        assert_eq!(saved.record.state, RecordState::Repaired, "{name}");
        assert_eq!(saved.record.dropped_lines, lost);
        assert!(saved.caveats[0].starts_with("REPAIRED. "), "{name}: {:?}", saved.caveats);
        // What was lost is asked again, and the mark stays.
        resumed(&output);
        let again = score(benchmark(), &output, None, None).unwrap().scorecard;
        assert_eq!(again.tasks, card.tasks, "{name}");
        assert_eq!(
            (again.record.state, again.record.pending),
            (RecordState::Repaired, 0),
            "{name}"
        );
        assert!(broken(&output).is_empty(), "{name}: {:?}", broken(&output));
    }
}

#[test]
fn a_call_whose_trial_was_lost_is_not_made_again() {
    let (folder, run, journal) = a_run();
    let text = fs::read_to_string(&journal).unwrap();
    let trial = text.lines().position(|line| line.contains("{\"trial\":{")).unwrap();
    let lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let mut torn = lines.clone();
    // The beginning is whole, so it vouches for the line before.
    torn[trial] = format!("{}\n", &lines[trial][..120]);
    fs::write(&journal, torn.concat()).unwrap();
    let output = folder.path().join("mended");
    let repaired = block(repair(&run, &output)).unwrap();
    assert_eq!(repaired.dropped, 1);
    let calls = |run: &Path| {
        let text = fs::read_to_string(run.join(journal::FILE)).unwrap();
        text.lines().filter(|line| line.contains("\"event\":{\"call\":{")).count()
    };
    let before = calls(&output);
    assert_eq!(state_of(&output, "calls"), State::Differs);
    resumed(&output);
    assert_eq!(calls(&output), before, "nothing recorded is paid for twice");
    let card = score(benchmark(), &output, None, None).unwrap().scorecard;
    assert_eq!(card.record.pending, 0);
}

#[test]
fn what_needs_no_repair_or_bears_none_is_left_alone() {
    let (folder, run, journal) = a_run();
    let output = folder.path().join("mended");
    let refused = block(repair(&run, &output)).unwrap_err().to_string();
    assert!(refused.contains("needs no repair"), "{refused}");
    assert!(!output.exists());
    let text = fs::read_to_string(&journal).unwrap();
    fs::write(&journal, format!("{text}\n")).unwrap();
    let refused = block(repair(&run, &run)).unwrap_err().to_string();
    assert!(refused.contains("is there already"), "{refused}");
    let manifest = fs::read_to_string(run.join("run.json")).unwrap();
    fs::write(run.join("run.json"), manifest.replace("\"seed\": 1", "\"seed\": 2")).unwrap();
    let refused = block(repair(&run, &output)).unwrap_err().to_string();
    assert!(refused.contains("run.json was changed"), "{refused}");
}
