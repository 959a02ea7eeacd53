//! A record of which words were forgotten: it verifies, it goes on, and every change of what is left is found.

use crate::support::{self, Says, block, judge, request};
use jiff::Timestamp;
use std::fs;
use std::path::{Path, PathBuf};
use trustmh_core::digest::Digest;
use trustmh_core::scorecard::{JudgeName, Scorecard};
use trustmh_run::derived::score::score;
use trustmh_run::error::RunError;
use trustmh_run::forgetting::{Cutoff, Outcome, foresee, forget};
use trustmh_run::integrity::finding::State;
use trustmh_run::integrity::repair::repair;
use trustmh_run::integrity::sealing::seal;
use trustmh_run::integrity::signature::{NewKey, sign};
use trustmh_run::integrity::verify::of_signature;
use trustmh_run::journal::{self, Replay, SEAL_FILE, SessionEnd, Trials, Writer};
use trustmh_run::manifest::Caps;
use trustmh_run::plan::{Plan, Request};

use super::{
    Draws, a_run, asked, benchmark, broken, findings, of_an_older_format, resumed, state_of,
};

fn forgot(run: &Path, cutoff: Cutoff) -> Outcome {
    forget(benchmark(), run, cutoff).unwrap()
}

fn card(run: &Path) -> Scorecard {
    score(benchmark(), run, None, None).unwrap().scorecard
}

/// Values with their ends, and counts, of every metric.
fn numbers(card: &Scorecard) -> Vec<String> {
    let of_tasks = card.tasks.iter().map(|(id, task)| {
        let metrics: Vec<_> = task.metrics.iter().map(|(name, m)| (name, m.estimate())).collect();
        format!("{id} {:?} {} {metrics:?}", task.outcomes, task.pending)
    });
    of_tasks.collect()
}

#[test]
fn a_run_that_forgot_is_whole_and_its_old_seal_holds() {
    let (_folder, run, journal) = a_run();
    let (before, text) = (numbers(&card(&run)), fs::read_to_string(&journal).unwrap());
    let old_seal = fs::read(run.join(SEAL_FILE)).unwrap();
    let foreseen = foresee(benchmark(), &run, Cutoff::All).unwrap();
    assert_eq!(fs::read_to_string(&journal).unwrap(), text, "counting changes nothing");
    let outcome = forgot(&run, Cutoff::All);
    assert_eq!((outcome.trials, outcome.scored, outcome.pending, outcome.stay), (8, 8, 0, 0));
    assert_eq!((foreseen.trials, foreseen.scored), (8, 8));
    assert!(findings(&run).iter().all(|found| found.state == State::Ok), "{:#?}", findings(&run));
    let now = fs::read_to_string(&journal).unwrap();
    assert_eq!(numbers(&card(&run)), before);
    // Each line states the hash of the one that it stands for, which the next one names.
    let lines: Vec<&str> = now.split_inclusive('\n').collect();
    for (place, was) in text.split_inclusive('\n').enumerate() {
        let (hash, line) = (Digest::of(was.as_bytes()), lines[place]);
        if line == was {
            continue;
        }
        let stated = format!("\"event\":{{\"forgotten\":{{\"line\":\"{hash}\",\"in\":1,");
        assert!(line.starts_with("{\"v\":4,\"prev\":\"") && line.contains(&stated), "{line}");
        assert!(lines[place + 1].contains(&format!("\"prev\":\"{hash}\"")));
    }
    let left: Vec<&str> =
        lines.iter().filter(|line| line.contains("\"event\":{\"forgotten\":")).copied().collect();
    let recorded = outcome.recorded.unwrap();
    assert_eq!(recorded.lines, left.len() as u64);
    assert_eq!(recorded.digest, Digest::of(left.concat().as_bytes()), "others can take it");
    // What was sealed before is a part of what is sealed now.
    let seal = fs::read(run.join(SEAL_FILE)).unwrap();
    fs::write(run.join(SEAL_FILE), old_seal).unwrap();
    assert!(broken(&run).is_empty());
    assert_eq!(state_of(&run, "seal"), State::Differs, "lines came after it");
    fs::write(run.join(SEAL_FILE), seal).unwrap();
    let caveats = card(&run).caveats.join("\n");
    let day = recorded.day();
    assert!(
        caveats.contains(&format!("The replies of 8 trials were forgotten on {day}.")),
        "{caveats}"
    );
}

#[test]
fn every_edit_of_what_is_left_is_found_by_whoever_reads_it() {
    let (_folder, run, journal) = a_run();
    forgot(&run, Cutoff::All);
    let whole = fs::read(&journal).unwrap();
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    let is_left = |line: &[u8]| line.windows(13).any(|window| window == b"{\"forgotten\":");
    let left: Vec<usize> = (0..lines.len()).filter(|place| is_left(lines[*place])).collect();
    let found = |bytes: &[u8], what: &str| {
        fs::write(&journal, bytes).unwrap();
        assert!(!broken(&run).is_empty(), "{what}");
        let scored = score(benchmark(), &run, None, None);
        assert!(matches!(scored, Err(RunError::Journal { .. })), "{what}: {:?}", scored.map(drop));
    };
    let mut draws = Draws(7);
    for edit in 0..200 {
        let place = left[draws.below(left.len())];
        let mut edited: Vec<Vec<u8>> = lines.iter().map(|line| line.to_vec()).collect();
        let digits: Vec<usize> =
            (0..edited[place].len()).filter(|at| edited[place][*at].is_ascii_digit()).collect();
        match edit % 4 {
            0 => drop(edited.remove(place)),
            // Which of the digits belong to a hash does not matter.
            _ => {
                let at = digits[draws.below(digits.len())];
                edited[place][at] = b'0' + (edited[place][at] - b'0' + 1) % 10;
            }
        }
        found(&edited.concat(), &format!("edit {edit} of line {}", place + 1));
    }
    // A score is a line as any other; so is the record of the forgetting.
    let text = String::from_utf8(whole.clone()).unwrap();
    for (before, what) in [("\"correct\":\"", "a score"), ("\"trials\":", "the record")] {
        let at = text.find(before).unwrap() + before.len();
        let mut edited = whole.clone();
        edited[at] = b'0' + (edited[at] - b'0' + 1) % 10;
        found(&edited, what);
    }
    fs::write(&journal, &whole).unwrap();
    assert!(broken(&run).is_empty());
}

/// Whoever puts a line without words in the place of one with words keeps the chain, and is found by the record of the forgetting.
#[test]
fn nobody_can_make_a_line_look_forgotten() {
    let (folder, run, journal) = a_run();
    let whole = fs::read_to_string(&journal).unwrap();
    let twin = folder.path().join("twin");
    fs::create_dir(&twin).unwrap();
    for name in ["run.json", "journal.jsonl", SEAL_FILE] {
        fs::copy(run.join(name), twin.join(name)).unwrap();
    }
    forgot(&twin, Cutoff::All);
    let left = fs::read_to_string(twin.join(journal::FILE)).unwrap();
    let call = whole.lines().position(|line| line.contains("{\"call\":{")).unwrap();
    let forged: String = whole
        .split_inclusive('\n')
        .zip(left.split_inclusive('\n'))
        .enumerate()
        .map(|(place, (was, left))| if place == call { left } else { was })
        .collect();
    fs::write(&journal, &forged).unwrap();
    let said = broken(&run).join("\n");
    assert!(
        said.contains("1 lines say that their words were forgotten, and there is no record"),
        "{said}"
    );
    assert!(score(benchmark(), &run, None, None).is_err());
    // In a run that forgot some, one more is found by the count.
    let (_other, run, journal) = in_two_sessions();
    forgot(&run.0, Cutoff::Before(run.1));
    let some = fs::read_to_string(&journal).unwrap();
    let place = some.lines().position(|line| line.contains("\"event\":{\"call\":{")).unwrap();
    let line = some.lines().nth(place).unwrap();
    let one_left =
        some.lines().find(|line| line.contains("{\"left\"") || line.contains("\"in\":1,")).unwrap();
    let hash = Digest::of(format!("{line}\n").as_bytes());
    let prev = line.split("\"prev\":\"").nth(1).unwrap().split('"').next().unwrap();
    let rest = one_left.split("\"in\":1,").nth(1).unwrap();
    let forged = format!(
        "{{\"v\":4,\"prev\":\"{prev}\",\"event\":{{\"forgotten\":{{\"line\":\"{hash}\",\"in\":1,{rest}"
    );
    fs::write(&journal, some.replace(line, &forged)).unwrap();
    let said = broken(&run.0).join("\n");
    assert!(said.contains("lines were forgotten on"), "{said}");
}

/// A run of two sessions, and a time between them.
fn in_two_sessions() -> (tempfile::TempDir, (PathBuf, Timestamp), PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    asked(&run, Some(5));
    std::thread::sleep(std::time::Duration::from_millis(5));
    let between = Timestamp::now();
    std::thread::sleep(std::time::Duration::from_millis(5));
    resumed(&run);
    let journal = run.join(journal::FILE);
    (folder, (run, between), journal)
}

#[test]
fn what_is_old_goes_first_and_the_rest_later() {
    let (_folder, (run, between), journal) = in_two_sessions();
    let before = numbers(&card(&run));
    let none = forgot(&run, Cutoff::Before(Timestamp::UNIX_EPOCH));
    assert_eq!((none.trials, none.stay, none.recorded), (0, 8, None));
    let first = forgot(&run, Cutoff::Before(between));
    assert_eq!((first.trials, first.scored, first.stay), (5, 5, 3));
    assert!(broken(&run).is_empty());
    assert_eq!(numbers(&card(&run)), before);
    let again = fs::read(&journal).unwrap();
    let nothing = forgot(&run, Cutoff::Before(between));
    assert_eq!((nothing.trials, nothing.before), (0, 5));
    assert_eq!(fs::read(&journal).unwrap(), again, "nothing more was forgotten");
    let second = forgot(&run, Cutoff::All);
    assert_eq!((second.trials, second.before), (3, 5));
    assert_eq!(second.recorded.unwrap().number, 2);
    assert_eq!(numbers(&card(&run)), before);
    assert!(broken(&run).is_empty());
    let told: Vec<_> = findings(&run).into_iter().filter(|one| one.check == "forgotten").collect();
    assert_eq!(told.len(), 2, "{told:#?}");
    let day = second_day(between);
    assert!(told[0].detail.contains(&format!("10 lines of 5 trials were forgotten on {day}, those of before {day}; what is left of them is as it was then")), "{told:#?}");
}

fn second_day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

#[test]
fn a_crash_leaves_the_old_run_or_the_new_one() {
    let (_folder, run, journal) = a_run();
    let old_seal = fs::read(run.join(SEAL_FILE)).unwrap();
    let numbers_before = numbers(&card(&run));
    // It was stopped while it wrote: the old run stands, and what it left is swept away later.
    let scratch = run.join("journal.jsonl.forgetting");
    fs::write(&scratch, "{\"v\":3,\"prev\":\"half a li").unwrap();
    assert!(broken(&run).is_empty());
    fs::write(run.join("report.html"), "made before").unwrap();
    forgot(&run, Cutoff::All);
    assert!(!scratch.exists() && !run.join("report.html").exists());
    // It was stopped before it wrote the seal, and before it removed the report.
    let new_seal = fs::read(run.join(SEAL_FILE)).unwrap();
    fs::write(run.join(SEAL_FILE), old_seal).unwrap();
    let report = fs::File::create(run.join("report.html")).unwrap();
    report.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    let text = fs::read(&journal).unwrap();
    let outcome = forgot(&run, Cutoff::All);
    assert_eq!((outcome.trials, outcome.beside.removed), (0, vec!["report.html".to_owned()]));
    assert_eq!(fs::read(run.join(SEAL_FILE)).unwrap(), new_seal);
    assert_eq!(fs::read(&journal).unwrap(), text);
    assert_eq!(numbers(&card(&run)), numbers_before);
    // A report that was made since holds no word that was forgotten.
    fs::write(run.join("report.html"), "made after").unwrap();
    forgot(&run, Cutoff::All);
    assert!(run.join("report.html").exists());
}

#[test]
fn a_run_that_has_not_ended_or_is_damaged_forgets_nothing() {
    let (_folder, run, journal) = a_run();
    let whole = fs::read_to_string(&journal).unwrap();
    let refused = |what: &str| {
        let before = fs::read(&journal).unwrap();
        let error = forget(benchmark(), &run, Cutoff::All).unwrap_err();
        assert_eq!(fs::read(&journal).unwrap(), before, "{what}");
        error
    };
    let extent = Replay::open(&journal).unwrap().extent;
    let writer = Writer::open(&journal, &extent).unwrap();
    assert!(matches!(refused("it is written to"), RunError::Locked { .. }));
    writer.close().unwrap();
    let seal_file = fs::read(run.join(SEAL_FILE)).unwrap();
    fs::remove_file(run.join(SEAL_FILE)).unwrap();
    assert!(matches!(refused("no seal"), RunError::NotForgettable { .. }));
    let killed: String = whole.split_inclusive('\n').take(8).collect();
    fs::write(&journal, killed).unwrap();
    assert!(matches!(refused("it was killed"), RunError::NotForgettable { .. }));
    fs::write(run.join(SEAL_FILE), seal_file).unwrap();
    fs::write(&journal, whole.replacen("\"tries\":1", "\"tries\":2", 1)).unwrap();
    assert!(matches!(refused("it was changed"), RunError::Journal { .. }));
}

#[test]
fn a_run_goes_on_after_it_forgot_and_asks_no_trial_again_that_has_a_score() {
    let folder = tempfile::tempdir().unwrap();
    let (run, other) = (folder.path().join("run"), folder.path().join("other"));
    asked(&other, None);
    asked(&run, Some(5));
    let outcome = forgot(&run, Cutoff::All);
    assert_eq!((outcome.trials, outcome.scored, outcome.pending), (5, 5, 0));
    resumed(&run);
    assert!(broken(&run).is_empty(), "{:?}", broken(&run));
    let trials = Trials::open(&run.join(journal::FILE)).unwrap();
    assert_eq!((trials.len(), trials.forgotten()), (8, 5));
    assert_eq!(trials.totals.subject_calls, 8, "no call was made twice");
    assert_eq!(numbers(&card(&run)), numbers(&card(&other)));
    let refused = block(repair(&run, &folder.path().join("repaired"))).unwrap_err();
    assert!(refused.to_string().contains("words of it were forgotten"), "{refused}");
}

#[test]
fn a_trial_that_had_not_ended_is_asked_from_its_first_call_on() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let request = Request {
        judge: judge(JudgeName::Offline),
        caps: Caps { items: Some(4), ..Caps::default() },
        ..request("scripted/mumbles", &["ethics/reasoning"])
    };
    let plan = Plan::make(benchmark(), &request).unwrap();
    fs::create_dir_all(&run).unwrap();
    plan.write(benchmark(), &run).unwrap();
    // No letter can be read, so each trial is asked three times.
    let subject = Says::new("scripted/mumbles", "Hm, well.");
    support::asked(benchmark(), &plan, &run, &subject, Some(5));
    let outcome = forgot(&run, Cutoff::All);
    assert_eq!((outcome.trials, outcome.scored, outcome.pending), (2, 1, 1));
    assert_eq!(card(&run).record.pending, 3);
    support::asked(benchmark(), &plan, &run, &subject, None);
    assert_eq!(subject.calls().len(), 5 + 3 * 3);
    assert!(broken(&run).is_empty(), "{:?}", broken(&run));
    assert!(findings(&run).iter().all(|found| found.state == State::Ok), "{:#?}", findings(&run));
    let trials = Trials::open(&run.join(journal::FILE)).unwrap();
    assert_eq!((trials.len(), trials.forgotten()), (4, 1));
    let task = &card(&run).tasks[&"ethics/reasoning".parse().unwrap()];
    assert_eq!((task.outcomes.unparsed, task.pending), (4, 0));
}

#[test]
fn signatures_and_runs_of_older_formats() {
    let (folder, run, journal) = a_run();
    let key = NewKey::of(&[1; 32]).unwrap();
    let file = folder.path().join("ours.pub");
    fs::write(&file, &key.public).unwrap();
    sign(&run, &key.private, Path::new("ours")).unwrap();
    forgot(&run, Cutoff::All);
    let said = of_signature(&run, &file).unwrap();
    assert!(said.detail.contains("the seal is another"), "{}", said.detail);
    sign(&run, &key.private, Path::new("ours")).unwrap();
    assert_eq!(of_signature(&run, &file).unwrap().state, State::Ok);

    let (_old, run, old_journal) = a_run();
    of_an_older_format(&run);
    let before = numbers(&card(&run));
    block(seal(&run, SessionEnd::Finish)).unwrap();
    let outcome = forgot(&run, Cutoff::All);
    assert_eq!((outcome.trials, outcome.scored), (8, 8));
    assert!(broken(&run).is_empty(), "{:?}", broken(&run));
    assert_eq!(numbers(&card(&run)), before);
    let text = fs::read_to_string(&old_journal).unwrap();
    let place = text.find("\"tries\":1").unwrap() + 8;
    let mut edited = text.into_bytes();
    edited[place] = b'2';
    fs::write(&old_journal, edited).unwrap();
    assert!(!broken(&run).is_empty());
    drop(journal);
}
