//! What the docs say of models is what the list of forms says.
use std::path::Path;

use trustmh_model::name::{Form, ModelName};

fn table() -> String {
    let row = |Form { pattern, meaning, key_variable }: Form| {
        let key = key_variable.map_or_else(|| "none".to_owned(), |name| format!("`{name}`"));
        format!("| `{pattern}` | {meaning} | {key} |\n")
    };
    let rows: String = ModelName::forms().into_iter().map(row).collect();
    format!("| name | what it is | key, from the environment |\n|---|---|---|\n{rows}")
}

#[test]
fn the_table_of_names_is_the_list_of_forms() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/models.md");
    let page = std::fs::read_to_string(page).unwrap();
    let table = table();
    assert!(page.contains(&table), "the table of names in docs/models.md is to be:\n\n{table}");
}

#[test]
fn help_names_every_form_and_behaviour() {
    let help = ModelName::help();
    for form in ModelName::forms() {
        assert!(help.contains(&form.pattern), "{help}");
    }
    assert!(help.contains("always-no-crisis"), "{help}");
    assert!(help.lines().rev().skip(1).all(|line| line.chars().count() <= 110), "{help}");
}
