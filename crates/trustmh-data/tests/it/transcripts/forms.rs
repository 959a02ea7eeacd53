//! Records of whole conversations, and files of one.

use std::fs;

use trustmh_core::digest::Digest;
use trustmh_core::item::Begins;
use trustmh_data::transcripts::{Column, Format, Table};

use super::{Came, How, fixture, ids, read_as, read_paths, said, tags, talk, times};

fn of_fixture(name: &str, how: &How<'_>) -> Came {
    read_paths(&[fixture(name)], how).unwrap()
}

#[test]
fn our_own_lines_are_read_field_by_field() {
    let came = of_fixture("own.jsonl", &How::default());
    assert_eq!(came.read.files[0].format, Format::Own);
    assert_eq!(came.read.files[0].digest, Digest::of(&fs::read(fixture("own.jsonl")).unwrap()));
    let [first, second] = came.items.as_slice() else { panic!("{:?}", ids(&came)) };
    assert_eq!(first.id.as_str(), "walk-1");
    assert_eq!(first.language, "en");
    assert_eq!(talk(first).region.as_deref(), Some("GB"));
    assert_eq!(talk(first).situation, "A conversation of a person with a product.");
    assert_eq!(
        said(first),
        [
            "c: I have not slept for three nights.",
            "s: Three nights is a long time. What keeps you awake?"
        ]
    );
    let at = |text: &str| Some(text.to_owned());
    assert_eq!(times(first), [at("2026-05-01T10:00:00Z"), at("2026-05-01T10:00:04Z")]);
    let persona = format!("persona=p-{}", &Digest::of(b"a-17").as_str()[..12]);
    assert_eq!(
        tags(first),
        [
            "channel=app",
            "client=recorded",
            "model=lab/owl",
            "month=2026-05",
            &persona,
            "version=4.2",
            "year=2026"
        ]
    );
    // The product begins, in Chinese, and the line gives no id.
    assert_eq!(second.language, "zh");
    assert_eq!(talk(second).begins, Begins::Subject);
    assert_eq!(talk(second).situation, "一段某人与某产品的对话。");
    assert_eq!(said(second), ["s: 你好，我在这里听你说。", "c: 我最近压力很大。"]);
    assert!(
        second.id.as_str().starts_with("t-") && second.id.as_str().len() == 18,
        "{}",
        second.id
    );
    assert_eq!(tags(second), ["client=recorded"]);
    assert_eq!(
        came.unread,
        [
            "own.jsonl, line 3: the assistant says nothing in it",
            "own.jsonl, line 4: there is no field `mood`; the fields are id, turns, language, region, version, model, person, tags",
            "own.jsonl, line 6: `speaker` is not `person` or `assistant`",
            "own.jsonl, line 7: `at` is not a time as RFC 3339",
            "own.jsonl, line 8: `tags` is not under free names: plain words, none that the reader sets",
            "own.jsonl, line 9: the JSON breaks off",
        ]
    );
    let read = came.read;
    assert_eq!((read.conversations, read.turns, read.unread, read.without_time), (2, 4, 6, 1));
    assert_eq!(
        read.languages.into_iter().collect::<Vec<_>>(),
        [("en".into(), 1), ("zh".into(), 1)]
    );
}

#[test]
fn lists_of_messages_are_read_with_what_stands_around_them() {
    let came = of_fixture("openai.jsonl", &How { keep: &["channel", "month"], ..How::default() });
    assert_eq!(came.read.files[0].format, Format::OpenAi);
    let bare = ids(&came)[1].to_owned();
    assert!(bare.starts_with("t-"), "{bare}");
    assert_eq!(ids(&came), ["c1", &bare, "c3", "c1-2", "c9"]);
    let [first, second, third, fourth, call] = came.items.as_slice() else { panic!("five") };
    assert_eq!(
        said(first),
        [
            "c: My exam went badly.\n\nI feel like a failure.",
            "s: One exam is not you.\nWhat happened?",
            "c: This is my sheet:\n(not text)",
            "s: Thank you for showing me.",
        ]
    );
    assert_eq!(
        tags(first),
        ["channel=web", "client=recorded", "month=2026-05", "version=7.1", "year=2026"]
    );
    assert_eq!(talk(first).region.as_deref(), Some("DE"));
    // What a person says at the end without a reply stays.
    assert_eq!(said(second), ["c: Hello", "s: Hello. What brings you here?", "c: Nothing much."]);
    assert_eq!(said(third), ["c: What is on today?", "s: A walk at ten."]);
    assert_eq!(said(fourth), ["c: Another talk.", "s: Under a known id."]);
    assert_eq!(said(call), ["c: Am I talking to a machine?", "s: Yes, I am a program."]);
    assert_eq!(call.tags["model"], "lab/owl");
    assert_eq!(call.tags["month"], "2026-05");
    assert_eq!(
        came.unread,
        [
            "openai.jsonl, line 6: the speaker is none of the known ones, such as user and assistant",
            "openai.jsonl, line 7: `messages` is not a list",
            "openai.jsonl, line 8: `content` is missing",
            "openai.jsonl, line 10: not JSON from column 2 on",
        ]
    );
    let read = came.read;
    assert_eq!((read.joined_turns, read.blank_turns, read.not_text), (1, 1, 1));
    assert_eq!((read.aside, read.duplicates, read.renamed), (3, 1, 1));
    assert_eq!(read.warnings.len(), 2, "{:?}", read.warnings);
    assert!(read.warnings[0].contains("1 records are calls with their answers"));
    assert!(read.warnings[1].contains("given one of their own: c1"), "{}", read.warnings[1]);
}

#[test]
fn a_list_over_several_lines_is_read_record_by_record() {
    let came = of_fixture("sharegpt.json", &How::default());
    assert_eq!(came.read.files[0].format, Format::ShareGpt);
    assert_eq!(ids(&came), ["s1"]);
    assert_eq!(said(&came.items[0]), ["c: My cat died.", "s: I am sorry about your cat."]);
    // A quote that is not closed takes along what stands behind it, and is told once.
    assert_eq!(came.unread.len(), 1, "{:?}", came.unread);
    assert!(came.unread[0].starts_with("sharegpt.json, line 7: not JSON"), "{:?}", came.unread);
}

#[test]
fn one_conversation_in_a_json_file_is_read_in_all_its_shapes() {
    let messages = r#"[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]"#;
    let spread = messages.replace(", ", ",\n  ");
    let turns = messages.replace("role", "from").replace("content", "value");
    for (text, format) in [
        (messages.to_owned(), Format::OpenAi),
        (spread.clone(), Format::OpenAi),
        (format!("\u{feff}{{\n\"messages\": {spread}\n}}\n"), Format::OpenAi),
        (format!("[{{\"messages\": {messages}}}]"), Format::OpenAi),
        (format!("{{\"conversations\": {turns}}}"), Format::ShareGpt),
        (turns, Format::ShareGpt),
    ] {
        let came = read_as("talk.json", text.as_bytes(), &How::default()).unwrap();
        assert_eq!(came.read.files[0].format, format, "{text}");
        assert_eq!(came.unread, [""; 0], "{text}");
        assert_eq!(said(&came.items[0]), ["c: a", "s: b"], "{text}");
    }
    let list = messages.replace("{\"role", "{\"chat_id\": 5, \"role");
    let came = read_as("talk.json", list.as_bytes(), &How::default()).unwrap();
    assert_eq!(came.read.files[0].format, Format::Rows(Table::JsonLines));
    assert_eq!(ids(&came), ["5"]);
}

#[test]
fn folders_of_texts_are_walked_and_other_files_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let within = folder.path().join("may");
    fs::create_dir_all(&within).unwrap();
    fs::copy(fixture("talk-1.txt"), folder.path().join("talk-1.txt")).unwrap();
    fs::write(within.join("talk-1.txt"), "Heading\nuser: Hi.\nchatbot: Hello.\nchatbot: Yes?\n")
        .unwrap();
    fs::write(within.join("alone.txt"), "user: Hi.\n").unwrap();
    fs::write(within.join("notes.txt"), "Nothing that anybody said.\n").unwrap();
    fs::write(within.join("empty.txt"), "\n").unwrap();
    fs::write(within.join("page.html"), "user: no\nchatbot: no\n").unwrap();
    fs::write(within.join(".hidden.txt"), "user: no\nchatbot: no\n").unwrap();
    let came = read_paths(&[folder.path().to_owned()], &How::default()).unwrap();
    assert_eq!(ids(&came), ["talk-1", "talk-1-2"]);
    assert_eq!(said(&came.items[0]), ["c: Hi.", "s: Hello.\n\nYes?"]);
    assert_eq!(
        said(&came.items[1]),
        [
            "c: I keep postponing the call.",
            "s: What makes it hard?\n\n- the call itself\n- what comes after",
            "c: Both."
        ]
    );
    assert_eq!(came.unread, ["may/alone.txt, line 1: the assistant says nothing in it"]);
    let files: Vec<&str> = came.read.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(files, ["may/alone.txt", "may/talk-1.txt", "talk-1.txt"]);
    let [empty, notes, heading, renamed] = came.read.warnings.as_slice() else {
        panic!("{:?}", came.read.warnings)
    };
    assert_eq!(empty, "may/empty.txt is empty");
    assert!(notes.starts_with("may/notes.txt: the file has none of the known forms"), "{notes}");
    assert_eq!(heading, "may/talk-1.txt: 1 lines before the first turn were left out");
    assert!(renamed.starts_with("1 conversations have an id"), "{renamed}");
    assert_eq!((came.read.joined_turns, came.read.unread), (1, 1));
}

#[test]
fn the_line_of_the_documentation_is_one_of_ours() {
    let page = include_str!("../../../../../docs/transcripts.md");
    let (_, line) = page.split_once("```json file=talks.jsonl\n").unwrap();
    let (line, _) = line.split_once("```").unwrap();
    let came = read_as("talks.jsonl", line.as_bytes(), &How::default()).unwrap();
    assert_eq!(ids(&came), ["c-1041"]);
    assert_eq!(came.unread, [""; 0]);
    assert_eq!(said(&came.items[0]), ["c: I cannot sleep.", "s: How long has that been so?"]);
    // The table names every key with the names under which it is known.
    for column in Column::ALL {
        let row = page.lines().find(|line| line.starts_with(&format!("| `{}` |", column.key())));
        let names = row.unwrap().split('|').nth(2).unwrap().to_lowercase().replace('_', "");
        for usual in column.usual_names() {
            assert!(names.split([',', ';']).any(|name| name.trim() == *usual), "{usual}: {names}");
        }
    }
}
