//! A record that nobody can change unseen: edits of every kind, repair, seals, signatures, bundles, and runs of older formats.
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use trustmh_core::id::ModelId;
use trustmh_core::protocol::Protocol;
use trustmh_core::request::Asking;
use trustmh_core::scorecard::{JudgeName, RecordState};
use trustmh_data::starter::Shelf;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::walk::UnreadVerdict;
use trustmh_model::halt::Halt;
use trustmh_model::limit::Bounds;
use trustmh_model::retry::Retry;
use trustmh_model::scripted::{Behaviour, Scripted};
use trustmh_run::derived::score::score;
use trustmh_run::dispatch::{Budget, Ending, InProcess, Limits, ModelPrices, Models, Pace, run};
use trustmh_run::error::RunError;
use trustmh_run::integrity::bundle::{self, Made};
use trustmh_run::integrity::finding::{Finding, State};
use trustmh_run::integrity::repair::repair;
use trustmh_run::integrity::sealing::{Sealing, seal};
use trustmh_run::integrity::signature::{NewKey, sign};
use trustmh_run::integrity::verify::{differences, of_signature, verify};
use trustmh_run::journal::{self, SEAL_FILE, SessionEnd};
use trustmh_run::manifest::repaired::Repaired;
use trustmh_run::manifest::{Caps, JudgeRecord, ModelRecord};
use trustmh_run::plan::{Plan, Request};

fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn benchmark() -> &'static Benchmark {
    static EMBEDDED: OnceLock<Benchmark> = OnceLock::new();
    EMBEDDED.get_or_init(|| Benchmark::embedded().unwrap())
}

/// A run on starter items of one task, asked of a scripted subject; it ends, or stops after so many calls.
fn asked(folder: &Path, calls: Option<u64>) {
    let benchmark = benchmark();
    let request = Request {
        subject: ModelRecord {
            id: ModelId::new("scripted/random"),
            base_url: None,
            asked: Asking::USUAL,
        },
        judge: JudgeRecord { name: JudgeName::Offline, base_url: None, asked: Asking::USUAL },
        toxicity_url: None,
        tasks: vec!["ethics/reasoning".parse().unwrap()],
        protocol: Protocol::Corrected,
        unread_verdict: UnreadVerdict::AskedAgain,
        seed: 1,
        data: None,
        starter: Shelf::embedded(),
        caps: Caps { items: Some(8), ..Caps::default() },
        prompts_from: None,
    };
    let plan = Plan::make(benchmark, &request).unwrap();
    fs::create_dir_all(folder).unwrap();
    plan.write(benchmark, folder).unwrap();
    work(&plan, folder, calls);
}

fn work(plan: &Plan, folder: &Path, calls: Option<u64>) {
    let subject = Scripted::new(ModelId::new("scripted/random"), Behaviour::Random { seed: 3 });
    let models = Models { subject: &subject, judge: None, toxicity: None };
    let bounds = || Bounds { at_once: 1, calls_per_minute: None, tokens_per_minute: None };
    let limits = Limits { subject: bounds(), judge: bounds(), retry: Retry::default() };
    let pace = Pace {
        budget: Budget { calls, ..Budget::default() },
        prices: ModelPrices::default(),
        reuse: Vec::new(),
        grace: Duration::from_secs(1),
    };
    let (_sender, stop) = tokio::sync::watch::channel(Halt::default());
    let dispatcher = InProcess::new(models, limits, &stop);
    let benchmark = benchmark();
    let ended = block(run(benchmark, plan, folder, &dispatcher, &pace, stop, &|_| {}));
    assert_eq!(ended.unwrap() == Ending::Complete, calls.is_none());
}

/// Goes on with a run until it ends.
fn resumed(folder: &Path) {
    let benchmark = benchmark();
    let manifest = trustmh_run::manifest::Manifest::read(folder).unwrap();
    let plan = Plan::again(benchmark, Shelf::embedded(), manifest, folder, None).unwrap();
    work(&plan, folder, None);
}

fn findings(folder: &Path) -> Vec<Finding> {
    verify(benchmark(), folder, None).unwrap()
}

fn broken(folder: &Path) -> Vec<String> {
    let broken = findings(folder).into_iter().filter(|found| found.state == State::Broken);
    broken.map(|found| format!("{}: {}", found.check, found.detail)).collect()
}

fn state_of(folder: &Path, check: &str) -> State {
    let found = findings(folder).into_iter().find(|found| found.check == check);
    found.unwrap_or_else(|| panic!("no finding about {check}")).state
}

/// A folder with a run in it, and the path of its journal.
fn a_run() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    asked(&run, None);
    let journal = run.join(journal::FILE);
    (folder, run, journal)
}

/// Numbers that look random, the same each time.
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

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

/// The issue's own measure: each of 2,000 single bytes, wherever it is, and each of 200 lines changed, removed, put in or moved.
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

/// The run as a program wrote it whose lines name no hashes.
fn of_an_older_format(run: &Path) {
    let journal = run.join(journal::FILE);
    let text = fs::read_to_string(&journal).unwrap();
    let old: String = text
        .lines()
        .map(|line| {
            let event = line.split_once("\"event\":").unwrap().1;
            let event = match (event.find("{\"finish\":"), event.find("{\"interrupted\":")) {
                (Some(_), _) => r#"{"session":{"at":"2026-01-01T00:00:00Z","mark":"finished","program":"0.1.0"}}}"#,
                (_, Some(_)) => r#"{"session":{"at":"2026-01-01T00:00:00Z","mark":"stopped","program":"0.1.0"}}}"#,
                _ => event,
            };
            format!("{{\"v\":1,\"event\":{event}\n")
        })
        .collect();
    fs::write(&journal, old).unwrap();
    let manifest = fs::read_to_string(run.join("run.json")).unwrap();
    fs::write(run.join("run.json"), manifest.replace("\"format\": 3", "\"format\": 1")).unwrap();
    fs::remove_file(run.join(SEAL_FILE)).unwrap();
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

/// Where the first reply's text stands, as JSON has it.
fn the_first_reply(text: &str) -> std::ops::Range<usize> {
    const BEFORE: &str = "\"replied\":{\"text\":\"";
    let start = text.find(BEFORE).unwrap() + BEFORE.len();
    start..start + text[start..].find("\",\"finish\"").unwrap()
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
        let refused = score(benchmark(), &run, None, None).map(drop);
        assert!(matches!(refused, Err(RunError::Journal { .. })), "{name}: {refused:?}");
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
