//! Changes to a record, each of which is found.

use std::fs;
use std::path::Path;
use trustmh_run::derived::score::score;
use trustmh_run::error::RunError;
use trustmh_run::integrity::finding::State;
use trustmh_run::journal::SEAL_FILE;

use super::{Draws, a_run, benchmark, broken, findings, of_an_older_format, the_first_reply};

#[test]
fn a_run_that_ended_is_whole_chained_and_sealed() {
    let (_folder, run, journal) = a_run();
    assert!(findings(&run).iter().all(|found| found.state == State::Ok), "{:#?}", findings(&run));
    let text = fs::read_to_string(&journal).unwrap();
    let manifest = trustmh_core::digest::Digest::of(&fs::read(run.join("run.json")).unwrap());
    assert!(text.starts_with(&format!("{{\"v\":3,\"prev\":\"{manifest}\",")), "{text}");
    let last = text.lines().last().unwrap();
    assert!(last.contains("\"finish\":{"), "{last}");
    let lines = format!("\"lines\":{}", text.lines().count() - 1);
    assert!(last.contains(&lines), "{last}");
}

/// Each of 2,000 single bytes, wherever it is, and each of 200 lines changed, removed, put in or moved.
#[test]
fn every_edit_of_a_byte_or_a_line_is_found() {
    let (_folder, run, journal) = a_run();
    let whole = fs::read(&journal).unwrap();
    let mut draws = Draws(1);
    let edits = 2_000;
    for edit in 0..edits {
        let place = match edit {
            0 => 0,
            1 => whole.len() - 1,
            2 => whole.len() - 2,
            _ => draws.below(whole.len()),
        };
        let mut bytes = whole.clone();
        bytes[place] ^= u8::try_from(1 + draws.below(255)).unwrap();
        fs::write(&journal, &bytes).unwrap();
        assert!(!broken(&run).is_empty(), "byte {place} became {}", bytes[place]);
        // Whoever scores meets a change, too, but for one in the last line, which only the seal tells.
        if edit % 40 == 0 && place + 400 < whole.len() {
            let scored = score(benchmark(), &run, None, None);
            assert!(matches!(scored, Err(RunError::Journal { .. })), "{:?}", scored.map(drop));
        }
    }
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    for edit in 0..200 {
        let mut edited = lines.clone();
        let place = draws.below(lines.len());
        let changed = [lines[place], b"\n"].concat();
        match edit % 4 {
            0 => drop(edited.remove(place)),
            1 => edited.insert(draws.below(lines.len()), lines[place]),
            2 => edited.swap(place, (place + 1 + draws.below(lines.len() - 1)) % lines.len()),
            _ => edited[place] = &changed,
        }
        fs::write(&journal, edited.concat()).unwrap();
        assert!(!broken(&run).is_empty(), "edit {edit} of line {place}");
    }
    fs::write(&journal, &whole).unwrap();
    assert!(broken(&run).is_empty());
}

#[test]
fn it_is_said_where_lines_were_removed_put_in_or_moved() {
    let (_folder, run, journal) = a_run();
    let whole = fs::read_to_string(&journal).unwrap();
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    let told = |lines: &[&str]| {
        fs::write(&journal, lines.concat()).unwrap();
        broken(&run).join("\n")
    };
    let without = [&lines[..3], &lines[5..]].concat();
    let said = told(&without);
    assert!(
        said.contains(
            "line 4: line 3 was changed after it was written, or lines between 3 and 4 were removed"
        ),
        "{said}"
    );
    assert!(said.contains("lines were removed"), "the seal counts them: {said}");
    let said = told(&[&lines[..3], &lines[1..2], &lines[3..]].concat());
    assert!(
        said.contains("line 5: it was written right after line 3: lines 4 to 4 were put in"),
        "{said}"
    );
    let said = told(&[&lines[..2], &lines[3..4], &lines[2..3], &lines[4..]].concat());
    assert!(said.contains("lines were moved") || said.contains("moved here"), "{said}");
    let said = told(&lines[..lines.len() - 1]);
    assert!(said.contains("lines were removed"), "{said}");
    // The manifest, which the first line names.
    fs::write(&journal, &whole).unwrap();
    let manifest = run.join("run.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("\"items\": 8", "\"items\":  8")).unwrap();
    let said = broken(&run).join("\n");
    assert!(said.contains("line 1: it was written for another run.json"), "{said}");
    assert!(said.contains("seal: run.json is not the one that was sealed"), "{said}");
    fs::write(&manifest, text).unwrap();
    for seal in ["", "{}", "{\"seal\": 2}"] {
        fs::write(run.join(SEAL_FILE), seal).unwrap();
        assert!(broken(&run).join("\n").contains("seal"), "{seal}");
    }
    fs::remove_file(run.join(SEAL_FILE)).unwrap();
    assert!(broken(&run).join("\n").contains("seal.json is missing"));
}

#[test]
fn a_text_that_is_not_the_one_of_its_response_is_found_where_lines_name_no_hashes() {
    let (_folder, run, journal) = a_run();
    of_an_older_format(&run);
    let text = fs::read_to_string(&journal).unwrap();
    let body = |said: &str| {
        format!(
            r#""response":{{"choices":[{{"message":{{"content":"{said}"}},"finish_reason":"stop"}}]}}"#
        )
    };
    let model = |text: &str| text.replace("scripted/random", "openai/subject");
    // What the subject said is what the response says, or is not.
    let said = &text[the_first_reply(&text)];
    let same = model(&text.replacen("\"response\":null", &body(said), 1));
    fs::write(&journal, same).unwrap();
    let manifest = fs::read_to_string(run.join("run.json")).unwrap();
    fs::write(run.join("run.json"), model(&manifest)).unwrap();
    let replies =
        |run: &Path| findings(run).into_iter().find(|found| found.check == "replies").unwrap();
    assert_eq!(
        (replies(&run).state, replies(&run).detail.starts_with("1 texts")),
        (State::Ok, true)
    );
    fs::write(&journal, model(&text.replacen("\"response\":null", &body("Z"), 1))).unwrap();
    assert_eq!(replies(&run).state, State::Broken);
    assert!(
        replies(&run).detail.starts_with("1 replies have another text"),
        "{}",
        replies(&run).detail
    );
}

#[test]
fn another_model_than_the_planned_one_is_found() {
    let (_folder, run, journal) = a_run();
    of_an_older_format(&run);
    let text = fs::read_to_string(&journal).unwrap();
    fs::write(&journal, text.replacen("scripted/random", "scripted/other", 1)).unwrap();
    assert!(broken(&run).join("\n").contains("models: 1 calls were made to another model"));
}
