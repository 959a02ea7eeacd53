//! The product under test: its system prompt and temperature reach every call, and runs with and without stand beside each other.

use std::collections::BTreeSet;
use std::path::Path;

use trustmh_core::message::Role;
use trustmh_core::request::{Asking, SystemPrompt, Temperature};
use trustmh_core::unlike::{Aspect, Bearing};
use trustmh_data::starter::Shelf;
use trustmh_engine::benchmark::Benchmark;
use trustmh_run::derived::score::score;
use trustmh_run::dispatch::{Ending, Limit};
use trustmh_run::integrity::finding::State;
use trustmh_run::integrity::verify::verify;
use trustmh_run::manifest::{Caps, Manifest, ModelRecord};
use trustmh_run::plan::{Plan, Request};
use trustmh_run::several::comparability::differences;

use crate::support::{self, Says, asked, request};

const SYSTEM: &str = "You are a coach of the house.\nStay brief.\n";

fn coach() -> Request {
    let usual = request("openai/s", &["ethics/reasoning", "fairness/parity"]);
    let asked = Asking {
        system: Some(SystemPrompt::new(SYSTEM).unwrap()),
        temperature: Some(Temperature::new(0.7).unwrap()),
        ..Asking::USUAL
    };
    Request {
        subject: ModelRecord { name: Some("Coach 3".parse().unwrap()), asked, ..usual.subject },
        caps: Caps { items: Some(3), ..Caps::default() },
        ..usual
    }
}

fn planned(benchmark: &Benchmark, request: &Request, folder: &Path) -> Plan {
    let plan = Plan::make(benchmark, request).unwrap();
    plan.write(benchmark, folder).unwrap();
    plan
}

#[test]
fn a_system_prompt_is_lost_neither_on_asking_again_nor_on_resume() {
    let benchmark = Benchmark::embedded().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let plan = planned(&benchmark, &coach(), folder.path());
    // Nothing can be read from it: choices are asked for again.
    let subject = Says::new("openai/s", "Hm.");
    assert_eq!(
        asked(&benchmark, &plan, folder.path(), &subject, Some(4)),
        Ending::BudgetSpent(Limit::Calls)
    );
    let manifest = Manifest::read(folder.path()).unwrap();
    let plan = Plan::again(&benchmark, Shelf::embedded(), manifest, folder.path(), None).unwrap();
    assert_eq!(asked(&benchmark, &plan, folder.path(), &subject, None), Ending::Complete);
    let calls = subject.calls();
    assert!(calls.iter().any(|call| call.messages.len() > 2), "something was asked again");
    for call in &calls {
        let systems: Vec<&str> = call
            .messages
            .iter()
            .filter(|message| message.role == Role::System)
            .map(|message| message.content.as_str())
            .collect();
        assert_eq!(systems.len(), 1);
        assert_eq!(call.messages[0].role, Role::System);
        assert!(systems[0].starts_with(SYSTEM.trim_end()), "{}", systems[0]);
        assert!((call.sampling.temperature - 0.7).abs() < 1e-12);
    }
    let found = verify(&benchmark, folder.path(), None).unwrap();
    assert!(found.iter().all(|found| found.state != State::Broken), "{found:?}");
    let card = score(&benchmark, folder.path(), None, None).unwrap().scorecard;
    assert_eq!(card.subject_shown(), "Coach 3 (openai/s)");
    let told = "The subject was asked with a system prompt of 42 characters, hash ";
    assert!(card.caveats.iter().any(|caveat| caveat.starts_with(told)), "{:?}", card.caveats);
}

#[test]
fn what_the_product_is_makes_another_plan_and_is_told_of_in_comparisons() {
    let benchmark = Benchmark::embedded().unwrap();
    let of = |change: &dyn Fn(&mut Request)| {
        let mut request = coach();
        change(&mut request);
        Plan::make(&benchmark, &request).unwrap().manifest
    };
    let runs = [
        of(&|_| {}),
        of(&|request| request.subject.name = None),
        of(&|request| request.subject.asked.temperature = None),
        of(&|request| request.subject.asked.system = None),
        of(&|request| request.repeats = "2".parse().unwrap()),
    ];
    let hashes: BTreeSet<_> = runs.iter().map(|manifest| manifest.plan_hash.as_str()).collect();
    assert_eq!(hashes.len(), runs.len());
    let folders: Vec<tempfile::TempDir> =
        runs.iter().map(|_| tempfile::tempdir().unwrap()).collect();
    let scored: Vec<_> = [0, 2, 3, 4]
        .into_iter()
        .map(|place| {
            let (manifest, folder): (&Manifest, _) = (&runs[place], folders[place].path());
            let request =
                Request { subject: manifest.subject.clone(), repeats: manifest.repeats, ..coach() };
            let plan = planned(&benchmark, &request, folder);
            asked(&benchmark, &plan, folder, &Says::new("openai/s", "A"), None);
            score(&benchmark, folder, None, None).unwrap()
        })
        .collect();
    let task = "ethics/reasoning".parse().unwrap();
    for (other, aspect) in
        scored[1..].iter().zip([Aspect::Temperature, Aspect::SystemPrompt, Aspect::Repeats])
    {
        let unlike = differences(&scored[0], other, &task);
        assert_eq!(unlike.len(), 1, "{unlike:?}");
        assert_eq!((unlike[0].what, unlike[0].bearing), (aspect, Bearing::Told));
    }
}

/// An agent that keeps each session in memory and says how it ended.
#[cfg(unix)]
#[test]
fn a_program_with_a_memory_is_told_when_a_session_ends() {
    use std::time::Duration;
    use trustmh_core::id::ModelId;
    use trustmh_model::command::CommandModel;

    let benchmark = Benchmark::embedded().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let ended = folder.path().join("ended.jsonl");
    let script = folder.path().join("agent.py");
    std::fs::write(&script, AGENT).unwrap();
    let line = format!("python3 '{}' '{}'", script.display(), ended.display());
    let id = ModelId::new(format!("command:{line}"));
    let subject = CommandModel::new(id.clone(), &line, Duration::from_secs(20)).unwrap();
    let request = Request {
        caps: Caps { items: Some(2), ..Caps::default() },
        ..request(id.as_str(), &["ethics/reasoning"])
    };
    let run = folder.path().join("run");
    std::fs::create_dir(&run).unwrap();
    let plan = planned(&benchmark, &request, &run);
    assert_eq!(asked(&benchmark, &plan, &run, &subject, None), Ending::Complete);
    let text = std::fs::read_to_string(&ended).unwrap();
    let sessions: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let trials: BTreeSet<String> =
        plan.trials(&benchmark).map(|trial| trial.unwrap().id.to_string()).collect();
    let names: BTreeSet<String> =
        sessions.iter().map(|said| said["session"].as_str().unwrap().to_owned()).collect();
    assert_eq!((names, sessions.len()), (trials.clone(), trials.len()));
    for said in &sessions {
        // What it remembers is what it is told in the end.
        assert_eq!(said["remembered"], said["messages"], "{said}");
        assert!(said["messages"].as_array().unwrap().len() >= 4, "{said}");
    }
    let learnt = support::lessons(&run);
    assert_eq!(learnt, [""; 0], "its answers to ends of sessions are no skipped lines");
}

#[cfg(unix)]
const AGENT: &str = r#"
import json, sys
sessions = {}
for line in sys.stdin:
    asked = json.loads(line)
    if asked.get("end"):
        said = {"session": asked["session"], "remembered": sessions.pop(asked["session"]),
                "messages": asked["messages"]}
        assert asked["turn"] is None and asked["trial"] == asked["session"]
        print(json.dumps(said), file=open(sys.argv[1], "a"), flush=True)
        print(json.dumps({"id": asked["id"], "text": "Bye."}), flush=True)
        continue
    memory = sessions.setdefault(asked["session"], [])
    assert asked["messages"][:len(memory)] == memory, "what was said before"
    text = "Hm, %d." % asked["turn"]
    sessions[asked["session"]] = asked["messages"] + [{"role": "assistant", "content": text}]
    print(json.dumps({"id": asked["id"], "text": text}), flush=True)
"#;
