//! Files that are not as they should be, and what must never get out of them.

use std::borrow::Cow;

use trustmh_data::error::DataError;
use trustmh_data::transcripts::Format;

use super::{How, ids, read_as, said, tags, talk};

const SECRET: &str = "zanzibar";

#[test]
fn no_reason_holds_a_word_of_the_line() {
    let lines = [
        format!("{{\"turns\": [], \"{SECRET} said so\": 1}}"),
        format!("{{\"turns\": \"{SECRET}\"}}"),
        format!("{{\"turns\": [{{\"speaker\": \"{SECRET}\", \"text\": \"x\"}}]}}"),
        format!(
            "{{\"turns\": [{{\"speaker\": \"person\", \"text\": \"{SECRET}\", \"at\": \"{SECRET}\"}}]}}"
        ),
        format!("{{\"turns\": [], \"language\": \"{SECRET}\"}}"),
        SECRET.to_owned(),
        format!("[\"{SECRET}\"]"),
        format!("{{\"turns\": [{{\"speaker\": \"person\", \"text\": \"{SECRET}\\q\"}}]}}"),
    ];
    let how = How { format: Some(Format::Own), ..How::default() };
    let came = read_as("t.jsonl", lines.join("\n").as_bytes(), &how).unwrap();
    assert_eq!(came.unread.len(), 8, "{:?}", came.unread);
    assert!(came.unread.iter().all(|reason| !reason.contains(SECRET)), "{:?}", came.unread);
    assert_eq!(came.read.conversations, 0);
}

#[test]
fn what_is_no_transcript_is_an_error_and_not_a_guess() {
    for (name, bytes) in [
        ("t.csv", b"a,b\n1,2\n".as_slice()),
        ("t.json", b"{\"a\": 1}"),
        ("t.json", b"[1, 2"),
        ("t.xlsx", b"PK\x03\x04rest"),
        ("t.bin", b"\0\x01\x02"),
        ("t.txt", b"A letter to nobody.\n"),
    ] {
        let error = read_as(name, bytes, &How::default()).err().unwrap();
        assert!(matches!(error, DataError::NoTranscripts { .. }), "{name}: {error}");
    }
    let latin = b"role,content\nuser,caf\xE9 \nassistant,d\xE9j\xE0 vu\n";
    let error = read_as("t.csv", latin, &How::default()).err().unwrap();
    assert_eq!(
        error.to_string(),
        "t.csv: the text is neither UTF-8 nor UTF-16 with a mark nor GB18030"
    );
    let error = read_as("t.eval", b"PK\x03\x04rest", &How::default()).err().unwrap();
    assert!(error.to_string().starts_with("t.eval: "), "{error}");
}

#[test]
fn a_line_that_is_no_text_and_one_that_is_nested_without_end_are_passed_over() {
    let sound = r#"{"id": "x", "messages": [{"role": "user", "content": "a"}, {"role": "bot", "content": "b"}]}"#;
    let (open, close) = ("[".repeat(100_000), "]".repeat(100_000));
    let deep = format!("{{\"messages\": {open}{close}}}\n{{\"messages\": {open}");
    let mut bytes = format!("{sound}\n{deep}\n").into_bytes();
    bytes.extend(b"{\"messages\": \"\xFF\"}\n");
    bytes.extend(sound.replace("\"x\"", "\"y\"").into_bytes());
    let came = read_as("t.jsonl", &bytes, &How::default()).unwrap();
    assert_eq!(ids(&came), ["x", "y"]);
    assert_eq!(
        came.unread,
        [
            "t.jsonl, line 2: not a list of objects",
            "t.jsonl, line 3: the JSON breaks off",
            "t.jsonl, line 4: not UTF-8"
        ]
    );
}

#[test]
fn a_line_that_is_too_long_is_named_and_the_next_one_read() {
    let sound =
        r#"{"messages": [{"role": "user", "content": "a"}, {"role": "bot", "content": "b"}]}"#;
    let long = format!("{{\"messages\": \"{}\"}}", "x".repeat(16 << 20));
    let came =
        read_as("t.jsonl", format!("{sound}\n{long}\n{sound}\n").as_bytes(), &How::default())
            .unwrap();
    assert_eq!(came.unread, ["t.jsonl, line 2: longer than 16 MB"]);
    assert_eq!((came.read.conversations, came.read.duplicates), (1, 1));
}

#[test]
fn what_is_said_and_kept_passes_the_redactor_before_anything_else() {
    fn redact(text: &str) -> Cow<'_, str> {
        Cow::Owned(text.replace(SECRET, "[name]"))
    }
    let table = format!(
        "chat_id,role,content,person,note\n{SECRET}-1,user,I am {SECRET}.,{SECRET},of {SECRET}\n{SECRET}-1,bot,Hello {SECRET}.,,\n"
    );
    let how = How { keep: &["note"], redactor: Some(&redact), ..How::default() };
    let came = read_as("t.csv", table.as_bytes(), &how).unwrap();
    assert_eq!(said(&came.items[0]), ["c: I am [name].", "s: Hello [name]."]);
    let shown = format!("{:?} {:?}", came.items, came.read);
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(tags(&came.items[0]).contains(&"note=of [name]".to_owned()));
    assert!(came.items[0].id.as_str().starts_with("c-"));
    let folder = talk(&came.items[0]);
    assert_eq!(folder.region, None);
}
