//! The files of a pack that other programs read.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::pack;
use crate::support::{name_skipped, shared, trustmh};

/// CHAI's schema, which is not ours to ship: where `TRUSTMH_CHAI_XSD` names it, or in ../shared/chai. Elsewhere the test is skipped and
/// says so, whatever CI says.
fn schema() -> Option<PathBuf> {
    let named = std::env::var_os("TRUSTMH_CHAI_XSD").map(PathBuf::from);
    let places = named.into_iter().chain(shared("chai/chai.xsd"));
    places.into_iter().find(|path| path.is_file()).or_else(|| name_skipped("no schema of CHAI"))
}

#[test]
fn the_model_card_holds_to_the_schema() {
    let folder = tempfile::tempdir().unwrap();
    let Some(schema) = schema() else { return };
    let output = folder.path().join("p");
    pack("chai", &output, &["--schema", &schema.display().to_string()]).with_code(0);
    let card = fs::read_to_string(output.join("model-card.xml")).unwrap();
    let kinds = card.matches("&quot;kind&quot;:&quot;estimate_ci&quot;").count();
    assert!(kinds >= 1, "{kinds} figures with an interval");
    assert!(card.contains("<Label>Not measured in these runs</Label>"), "usefulness was not");
    // A card that lacks something does not hold.
    let other = folder.path().join("other.xsd");
    let text = fs::read_to_string(&schema).unwrap();
    fs::write(&other, text.replace("name=\"ReleaseStage\"", "name=\"Stage\"")).unwrap();
    let more = ["--schema", &other.display().to_string()];
    let told = pack("chai", &folder.path().join("q"), &more).with_code(1).err;
    assert!(told.contains("ReleaseInfo: Stage is missing"), "{told}");
    by_another_program(&schema, &output.join("model-card.xml"));
}

/// libxml2 says the same, where it is there; the schema of signatures, which lies elsewhere, is not needed.
fn by_another_program(schema: &Path, card: &Path) {
    let script = "import sys\nfrom lxml import etree\n\
        x = etree.parse(sys.argv[1])\n\
        XS = '{http://www.w3.org/2001/XMLSchema}'\n\
        for e in x.findall(XS + 'import'): e.getparent().remove(e)\n\
        for e in [e for e in x.iter(XS + 'element') if (e.get('ref') or '').startswith('ds:')]: e.getparent().remove(e)\n\
        etree.XMLSchema(x).assertValid(etree.parse(sys.argv[2]))\n";
    let has = Command::new("python3").args(["-c", "import lxml.etree"]).output();
    if !has.is_ok_and(|output| output.status.success()) {
        return;
    }
    let output =
        Command::new("python3").args(["-c", script]).arg(schema).arg(card).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[track_caller]
fn is_text(value: &Value) {
    assert!(value.as_str().is_some_and(|text| !text.is_empty()), "{value}");
}

#[track_caller]
fn has_only_texts(value: &Value) {
    assert!(value.as_object().unwrap().values().all(Value::is_string), "{value}");
}

#[test]
fn results_for_sharing_have_every_required_field() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("p");
    pack("nist-ai-rmf", &output, &[]).with_code(0);
    let files: Vec<PathBuf> = fs::read_dir(output.join("every-eval-ever"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1, "a file for each run");
    let name = files[0].file_stem().unwrap().to_string_lossy().into_owned();
    assert_eq!((name.len(), &name[14..15]), (36, "4"), "a UUID of version 4: {name}");
    let text = fs::read_to_string(&files[0]).unwrap();
    let eval: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(eval["schema_version"], "0.3.0");
    let seconds = eval["retrieved_timestamp"].as_str().unwrap();
    assert!(seconds.parse::<u64>().unwrap() > 1_700_000_000);
    assert_eq!(eval["evaluation_id"], format!("trustmh/openai/harbour/{seconds}"));
    assert_eq!(eval["source_metadata"]["source_type"], "evaluation_run");
    assert_eq!(eval["source_metadata"]["evaluator_relationship"], "other");
    is_text(&eval["source_metadata"]["source_organization_name"]);
    has_only_texts(&eval["source_metadata"]["additional_details"]);
    for field in ["name", "version"] {
        is_text(&eval["eval_library"][field]);
    }
    assert_eq!(eval["model_info"]["id"], "openai/harbour");
    assert_eq!(eval["model_info"]["additional_details"]["deployment_type"], "unknown");
    let results = eval["evaluation_results"].as_array().unwrap();
    assert!(results.len() > 10, "{}", results.len());
    for result in results {
        is_text(&result["evaluation_name"]);
        is_text(&result["source_data"]["dataset_name"]);
        has_only_texts(&result["source_data"]["additional_details"]);
        let config = &result["metric_config"];
        assert!(config["lower_is_better"].is_boolean() && config["score_type"] == "continuous");
        let score = result["score_details"]["score"].as_f64().unwrap();
        let (least, most) =
            (config["min_score"].as_f64().unwrap(), config["max_score"].as_f64().unwrap());
        assert!((least..=most).contains(&score), "{result}");
        has_only_texts(&result["score_details"]["details"]);
        has_only_texts(&result["generation_config"]["additional_details"]);
        if let Some(judges) = config.get("llm_scoring") {
            is_text(&judges["judges"][0]["model_info"]["id"]);
            is_text(&judges["input_prompt"]);
        }
    }
    let judged = results.iter().filter(|one| one["metric_config"].get("llm_scoring").is_some());
    assert!(judged.count() > 3, "the offline judge has a part in some");
    by_their_schema(&files[0]);
}

/// The project's own schema, where the person who runs the tests has it and Python can read it.
fn by_their_schema(file: &Path) {
    let Some(schema) = std::env::var_os("TRUSTMH_EEE_SCHEMA") else { return };
    let script = "import json, sys, jsonschema\n\
        jsonschema.Draft7Validator(json.load(open(sys.argv[1]))).validate(json.load(open(sys.argv[2])))\n";
    let output =
        Command::new("python3").args(["-c", script]).arg(schema).arg(file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn duties_are_listed_without_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let all = trustmh(folder.path(), ["evidence", "frameworks"]).with_code(0).out;
    for framework in super::FRAMEWORKS {
        assert!(all.lines().any(|line| line.starts_with(framework)), "{framework}: {all}");
    }
    let asked = ["evidence", "frameworks", "--for", "ny-gbl47"];
    let one = trustmh(folder.path(), asked).with_code(0).out;
    assert!(
        one.contains("§ 1701  Detect suicidal ideation and self-harm (from 2025-11-05)"),
        "{one}"
    );
}
