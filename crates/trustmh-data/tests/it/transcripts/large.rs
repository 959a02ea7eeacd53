//! Many lines, some of them broken: every sound one is read, every broken one is named once.

use std::fmt::Write;

use super::{How, read_as, said, talk};

const LINES: usize = 20_000;

/// Every hundredth line is broken.
fn is_broken(line: usize) -> bool {
    line % 100 == 37
}

#[test]
fn one_line_in_a_hundred_is_broken_and_the_others_are_read() {
    let mut text = String::new();
    for line in 1..=LINES {
        let messages = format!(
            r#"[{{"role": "user", "content": "Question {line}"}}, {{"role": "assistant", "content": "Answer {line}"}}]"#
        );
        if is_broken(line) {
            writeln!(text, "{{\"id\": \"c{line}\", \"messages\": {messages}").unwrap();
        } else {
            write!(text, "{{\"id\": \"c{line}\", \"messages\": {messages}}}\r\n").unwrap();
        }
    }
    let came = read_as("many.jsonl", text.as_bytes(), &How::default()).unwrap();
    let wanted: Vec<String> = (1..=LINES)
        .filter(|line| is_broken(*line))
        .map(|line| format!("many.jsonl, line {line}: the JSON breaks off"))
        .collect();
    assert_eq!(wanted.len(), 200);
    assert_eq!(came.unread, wanted);
    assert_eq!(came.items.len(), LINES - 200);
    assert_eq!((came.read.conversations, came.read.turns, came.read.unread), (19_800, 39_600, 200));
    let last = came.items.last().unwrap();
    assert_eq!(last.id.as_str(), "c20000");
    assert_eq!(said(last), ["c: Question 20000", "s: Answer 20000"]);
}

#[test]
fn rows_of_many_conversations_at_once_come_back_together() {
    // A thousand conversations of ten rows each, one row of each at a time.
    let mut text = "thread_id,speaker,text\n".to_owned();
    for row in 0..10 {
        for thread in 0..1_000 {
            let speaker = if row % 2 == 0 { "human" } else { "ai" };
            writeln!(text, "{thread},{speaker},\"row {row}\nof {thread}\"").unwrap();
        }
    }
    let came = read_as("mixed.csv", text.as_bytes(), &How::default()).unwrap();
    assert_eq!(came.items.len(), 1_000);
    for (thread, item) in came.items.iter().enumerate() {
        assert_eq!(item.id.as_str(), thread.to_string());
        let turns = said(item);
        assert_eq!(turns.len(), 10);
        assert_eq!(turns[9], format!("s: row 9\nof {thread}"));
    }
}

#[test]
fn a_conversation_with_more_replies_than_an_item_may_have_is_split() {
    let mut text = "id,role,content\n".replace("id,", "chat_id,");
    for row in 1..=250 {
        writeln!(text, "long,user,q{row}\nlong,bot,a{row}").unwrap();
    }
    writeln!(text, "long.2,user,q\nlong.2,bot,a").unwrap();
    let came = read_as("long.csv", text.as_bytes(), &How::default()).unwrap();
    let shape: Vec<(&str, usize, Option<&str>)> = came
        .items
        .iter()
        .map(|item| {
            let part = item.tags.get("part").map(String::as_str);
            (item.id.as_str(), usize::from(talk(item).most_turns()), part)
        })
        .collect();
    assert_eq!(
        shape,
        [
            ("long", 100, Some("1")),
            ("long.2", 100, Some("2")),
            ("long.3", 50, Some("3")),
            ("long.2-2", 1, None)
        ]
    );
    assert_eq!(came.items[2].tags["testlet"], "long");
    assert_eq!((came.read.split, came.read.conversations, came.read.renamed), (1, 4, 1));
}
