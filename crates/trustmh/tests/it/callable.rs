//! What the Python package rests on: functions that it serves, and the list of options that it asks for.
use crate::support::trustmh;
use serde_json::Value;

#[test]
fn without_the_package_a_function_is_served_by_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let run = ["run", "--subject", "callable/my_bot", "--judge", "offline"];
    let ended = trustmh(folder.path(), run).with_code(2);
    assert!(ended.err.contains("error: callable/my_bot is a Python function"), "{}", ended.err);
    assert!(ended.err.contains("hint: the Python package serves functions"), "{}", ended.err);
    assert!(!folder.path().join("runs").exists(), "nothing is begun");
    let addressed = run.into_iter().chain(["--base-url", "http://127.0.0.1:9"]);
    let ended = trustmh(folder.path(), addressed).with_code(2);
    assert!(ended.err.contains("--base-url has no effect"), "{}", ended.err);
}

#[test]
fn the_reference_lists_options_of_every_kind_for_programs() {
    let folder = tempfile::tempdir().unwrap();
    let reference = trustmh(folder.path(), ["reference", "--json"]).with_code(0).json();
    let commands = reference["commands"].as_array().unwrap();
    let run = commands.iter().find(|one| one["command"] == serde_json::json!(["run"])).unwrap();
    assert_eq!(takes(run, "max-cost"), "value");
    assert_eq!(takes(run, "subject-option"), "values");
    assert_eq!(takes(run, "stream"), "nothing");
    let below = serde_json::json!(["tasks", "list"]);
    assert!(commands.iter().any(|one| one["command"] == below));
}

/// What an option of a command takes.
fn takes<'a>(command: &'a Value, option: &str) -> &'a Value {
    let options = command["options"].as_array().unwrap();
    &options.iter().find(|one| one["name"] == option).unwrap()["takes"]
}
