use super::*;

fn redacted(text: &str) -> String {
    Redactor::built_in().redact(text).text.into_owned()
}

#[test]
fn each_kind_has_its_placeholder() {
    assert_eq!(redacted("my name is maria"), "my name is [NAME]");
}
