//! Data and results in the layout of the Hugging Face hub.
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{self, only_run, trustmh};

/// Runs a script of Python that has polars, with these arguments.
fn python(script: &str, arguments: &[&Path]) -> Option<()> {
    let packages = support::python_packages("polars")?;
    let ended = Command::new("python3")
        .env("PYTHONPATH", packages)
        .args(["-c", script])
        .args(arguments)
        .output()
        .unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    Some(())
}

/// Published files as others would put them on the hub: nested where they are, in shards, packed in several ways.
const AS_TABLES: &str = "
import sys, pathlib, polars as pl
data, to = map(pathlib.Path, sys.argv[1:])
def shards(table, folder, split, n, **options):
    folder.mkdir(parents=True, exist_ok=True)
    size = -(-table.height // n)
    for i in range(n):
        table[i * size:(i + 1) * size].write_parquet(folder / f'{split}-{i:05}-of-{n:05}.parquet', **options)
questions = pl.read_ndjson(data / 'usmle-mental/USMLE-mental.jsonl', infer_schema_length=None)
shards(questions, to / 'USMLE-mental/data', 'train', 3, compression='zstd')
shards(pl.read_ndjson(data / 'emobench/EU.jsonl', infer_schema_length=None), to / 'emobench/EU', 'test', 1, compression='snappy')
shards(pl.read_csv(data / 'c-ssrs/500_Reddit_users_posts_labels.csv'), to / 'c-ssrs', 'train', 2, compression='gzip')
personas = pl.read_csv(data / 'vera-mh/personas.tsv', separator='\\t', infer_schema_length=None)
(to / 'vera-mh').mkdir()
personas.with_columns(pl.col(pl.String).cast(pl.Categorical)).write_parquet(to / 'vera-mh/personas.parquet')
for name in ['questions', 'vignettes']:
    rows = pl.read_ndjson(data / f'llms-as-therapists/{name}.jsonl', infer_schema_length=None)
    (to / 'llms-as-therapists').mkdir(exist_ok=True)
    rows.write_ndjson(to / f'llms-as-therapists/{name}-test.ndjson')
import json
cases = json.load(open(data / 'psychosis-bench/test_cases.json'))['cases']
shards(pl.DataFrame(cases, infer_schema_length=None), to / 'psychosis-bench', 'train', 1, compression='uncompressed')
";

#[test]
fn published_sets_give_the_same_items_from_tables() {
    let Some(shared) = support::shared("data") else { return };
    let folder = tempfile::tempdir().unwrap();
    if python(AS_TABLES, &[&shared, folder.path()]).is_none() {
        return;
    }
    let listed = ["data", "list", "--json", "--data", folder.path().to_str().unwrap()];
    let listed = trustmh(folder.path(), listed).with_code(0).json();
    let here = |id: &str| {
        let mut sets = listed.as_array().unwrap().iter();
        sets.find(|set| set["id"] == id).unwrap()["here"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        [here("usmle-mental"), here("c-ssrs"), here("esconv")],
        ["as tables", "as tables", "no"]
    );
    let verify = ["data", "verify", "usmle-mental", "--data", folder.path().to_str().unwrap()];
    let verified = trustmh(folder.path(), verify).with_code(0).out;
    assert!(
        verified.contains("a table stands for it, whose bytes cannot be compared"),
        "{verified}"
    );
    for task in [
        "reliability/knowledge",
        "reliability/emotion-recognition",
        "crisis/severity",
        "crisis/vera-mh",
        "fairness/stigma",
        "sycophancy/delusion",
    ] {
        let items = |data: &Path| {
            let data = data.to_str().unwrap();
            trustmh(folder.path(), ["tasks", "export", task, "--data", data]).with_code(0)
        };
        let (published, table) = (items(&shared), items(folder.path()));
        assert!(
            table.err.contains("a table, whose bytes cannot be compared"),
            "{task}: {}",
            table.err
        );
        assert!(published.out.lines().count() > 10, "{task}");
        let differing = published.out.lines().zip(table.out.lines()).find(|(one, two)| one != two);
        assert_eq!(differing, None, "{task}");
        assert_eq!(published.out.len(), table.out.len(), "{task}");
    }
}

/// Items of one's own with lists, floats that are whole, and gaps.
const OWN: &str = "
import sys, polars as pl
pl.DataFrame({
    'Frage': ['Was?', 'Wann?', 'Wo?'],
    'Wahl': [['eins', 'zwei'], ['drei', 'vier', 'fünf'], ['sechs', 'sieben']],
    'Antwort': ['B', 'C', 'A'],
    'Jahr': [2020.0, None, 2021.0],
}).write_parquet(sys.argv[1])
pl.DataFrame({'Satz': ['Ich schlafe schlecht.'], 'Mittel': [-1.5]}).write_parquet(sys.argv[2])
";

#[test]
fn items_of_ones_own_come_out_of_parquet() {
    let folder = tempfile::tempdir().unwrap();
    let (choices, rated) =
        (folder.path().join("fragen.parquet"), folder.path().join("rated.parquet"));
    if python(OWN, &[&choices, &rated]).is_none() {
        return;
    }
    let items = [
        "tasks",
        "items",
        "fragen.parquet",
        "--kind",
        "multiple-choice",
        "--language",
        "de",
        "--map",
        "question=Frage",
        "--map",
        "options=Wahl",
        "--map",
        "key=Antwort",
        "--map",
        "tags.year=Jahr",
    ];
    let made = trustmh(folder.path(), items).with_code(0).out;
    let lines: Vec<serde_json::Value> =
        made.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[1]["content"]["options"], serde_json::json!(["drei", "vier", "fünf"]));
    assert_eq!(
        (&lines[0]["tags"]["year"], &lines[1]["tags"]["year"]),
        (&"2020".into(), &"".into())
    );
    let rated = [
        "tasks",
        "items",
        "rated.parquet",
        "--kind",
        "rated",
        "--set",
        "scale=appropriateness",
        "--map",
        "text=Satz",
        "--map",
        "key=Mittel",
    ];
    assert!(trustmh(folder.path(), rated).with_code(0).out.contains("\"key\":-1.5"));
    let wrong: Vec<&str> =
        items.iter().map(|word| if *word == "key=Antwort" { "key=Jahr" } else { word }).collect();
    let refused = trustmh(folder.path(), wrong).with_code(2).err;
    assert!(refused.contains("fragen.parquet, row 1"), "{refused}");
}

/// What `datasets` would load: the tables named in the head of the card.
const LOADED: &str = "
import sys, json, pathlib, polars as pl
folder = pathlib.Path(sys.argv[1])
_, head, body = (folder / 'README.md').read_text().split('---\\n', 2)
files = {}
for line in head.splitlines():
    if line.startswith('- config_name: '): name = line.split(': ')[1]
    if line.startswith('  data_files: '): files[name] = line.split(': ')[1]
assert list(files) == ['trials', 'items'], head
assert 'license: other' in head and '- \"en\"' in head, head
trials, items = (pl.read_parquet(folder / file) for file in files.values())
assert trials.height == 12 and items.height == 12, (trials, items)
assert set(trials['item']) == set(items['id']) and items['task'].unique().to_list() == ['sycophancy/oeq']
assert json.loads(items['content'][0])['kind'] == items['kind'][0] == 'action'
assert body.index('CAPPED') < body.index('trustmh'), body
assert 'CC BY 4.0' in body and 'no clinical evidence' in body, body
";

#[test]
fn a_run_becomes_a_dataset_with_a_card() {
    let folder = tempfile::tempdir().unwrap();
    let run =
        ["run", "--subject", "scripted/random:1", "--tasks", "sycophancy/oeq", "--items", "12"];
    trustmh(folder.path(), run).with_code(0);
    let run = only_run(&folder.path().join("runs")).display().to_string();
    let export = ["export", &run, "--format", "huggingface"];
    assert!(trustmh(folder.path(), export).with_code(2).err.contains("--output FOLDER"));
    trustmh(folder.path(), export.iter().chain(&["--output", "dataset"])).with_code(0);
    let Some(()) = python(LOADED, &[&folder.path().join("dataset")]) else { return };
    let made = fs::read_dir(folder.path().join("dataset/data")).unwrap().count();
    assert_eq!(made, 2, "no half files");
}

#[test]
fn items_of_tasks_are_exported_in_the_languages_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let export = |more: &[&str]| {
        let all = ["tasks", "export", "reliability/emotion-recognition", "crisis/severity"];
        trustmh(folder.path(), all.iter().chain(more))
    };
    let chinese = export(&["--language", "zh"]).with_code(0);
    let lines: Vec<serde_json::Value> =
        chinese.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 24);
    assert!(lines.iter().all(|item| item["language"] == "zh"), "{}", chinese.out);
    let unknown = export(&["--language", "zh,de"]).with_code(2).err;
    assert!(
        unknown.contains("is in de; their languages are: en (")
            && unknown.contains("zh (24 items)"),
        "{unknown}"
    );
    assert!(export(&["--language", "German"]).with_code(2).err.contains("no language tag"));
    export(&["--format", "huggingface", "--output", "items", "--language", "zh"]).with_code(0);
    let card = fs::read_to_string(folder.path().join("items/README.md")).unwrap();
    assert!(card.contains("CAPPED: only items in zh"), "{card}");
}
