//! Work of any size for runs, and numbers to disturb them with.

use std::fs;
use std::path::Path;

use serde_json::json;

/// Questions in the place of the starter items, so that a run has as many trials as a test needs.
pub fn generated_questions(folder: &Path, count: usize, padding: &str) {
    let starter = folder.join("tasks/starter");
    fs::create_dir_all(&starter).unwrap();
    let question = |number: usize| {
        json!({ "id": format!("q-{number:05}"), "language": "en", "content": {
            "kind": "multiple-choice", "question": format!("Which letter comes first? ({number}) {padding}"),
            "options": ["A", "B", "C", "D"], "key": "A",
        } })
    };
    let lines: String = (0..count).map(|number| format!("{}\n", question(number))).collect();
    fs::write(starter.join("reliability-knowledge.jsonl"), lines).unwrap();
    let card = format!(
        "id = \"reliability-knowledge\"\ntitle = \"Letters\"\nversion = 1\nlicence = \"CC0\"\nlanguage = [\"en\"]\n\
         records = {count}\nwritten_by = \"a test\"\ndescription = \"\"\ngold = \"\"\nlimits = []\nsensitive = \"\"\n"
    );
    fs::write(starter.join("reliability-knowledge.card.toml"), card).unwrap();
}

/// Simulated conversations of ten turns in the place of the starter items of crisis/conversation.
pub fn generated_conversations(folder: &Path, count: usize) {
    let starter = folder.join("tasks/starter");
    fs::create_dir_all(&starter).unwrap();
    let conversation = |number: usize| {
        json!({ "id": format!("talk-{number:05}"), "language": "en", "tags": { "risk": "open" }, "content": {
            "kind": "conversation", "situation": "Somebody writes about a hard year.", "region": "GB", "most_turns": 10,
            "client": { "simulated": { "persona": {
                "name": format!("Person {number}"), "about": format!("Number {number} of many who write."),
                "style": "short sentences", "reaction": "engaged", "risk": "low", "disclosure": "high",
                // No two conversations begin alike, so that none is served by a call of another.
                "opening": { "text": format!("I am number {number}, and I don't sleep.") },
            } } },
        } })
    };
    let lines: String = (0..count).map(|number| format!("{}\n", conversation(number))).collect();
    fs::write(starter.join("crisis-conversation.jsonl"), lines).unwrap();
    let card = format!(
        "id = \"crisis-conversation\"\ntitle = \"Conversations\"\nversion = 1\nlicence = \"CC0\"\nlanguage = [\"en\"]\n\
         records = {count}\nwritten_by = \"a test\"\ndescription = \"\"\ngold = \"\"\nlimits = []\nsensitive = \"\"\n"
    );
    fs::write(starter.join("crisis-conversation.card.toml"), card).unwrap();
}

pub const QUESTIONS: [&str; 6] =
    ["--tasks", "reliability/knowledge", "--tasks-dir", "tasks", "--judge", "none"];

/// Numbers that are the same in every test run: a linear congruential generator (Knuth, TAOCP 2, 3.3.4).
pub struct Draws(pub u64);

impl Draws {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}
