//! Messages in rows.

use trustmh_core::digest::Digest;
use trustmh_data::transcripts::{Format, Table};

use super::{How, fixture, ids, read_as, read_paths, said, tags, times};

#[test]
fn mixed_rows_of_a_table_are_put_together_by_conversation() {
    let how = How { keep: &["channel"], ..How::default() };
    let came = read_paths(&[fixture("rows.csv")], &how).unwrap();
    assert_eq!(came.read.files[0].format, Format::Rows(Table::Csv));
    assert_eq!(ids(&came), ["k1", "k2"]);
    assert_eq!(
        said(&came.items[0]),
        [
            "c: I moved to a new town, and know nobody.",
            "s: That can be lonely.\nWhat did you like to do before?",
            "c: I \"sang\" in a choir.",
            "s: Is there a choir near you?",
        ]
    );
    let at = |text: &str| Some(text.to_owned());
    assert_eq!(
        times(&came.items[0]),
        [at("2026-04-30T23:59:00Z"), at("2026-05-01T00:00:10Z"), at("2026-05-01T00:01:00Z"), None]
    );
    let persona = format!("persona=p-{}", &Digest::of(b"ann").as_str()[..12]);
    assert_eq!(
        tags(&came.items[0]),
        ["channel=web", "client=recorded", "month=2026-04", &persona, "year=2026"]
    );
    assert_eq!(said(&came.items[1]), ["c: Can I ask you something?", "s: Of course."]);
    // The quoted line break is counted, so the lines are those of the file.
    assert_eq!(
        came.unread,
        [
            "rows.csv, line 8: the speaker is none of the known ones, such as user and assistant",
            "rows.csv, line 10: 2 cells where the header has 6",
            "rows.csv, line 11: `conversation` is missing",
            "rows.csv, line 9: the assistant says nothing in it",
        ]
    );
    assert_eq!((came.read.unread_times, came.read.reordered), (1, 0));
}

#[test]
fn one_table_is_read_in_every_encoding_and_with_every_sign() {
    let table = "sender,text,chat_id,note\r\nuser,\"你好,\r\n在吗？\",1,x\r\nassistant,在的。,1,\r\nuser,a,,\r\n";
    let wide = |text: &str| -> Vec<u8> {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    };
    let tabs = table.replace("\",1", "\"\t1").replace("你好,", "你好，");
    let tabs = tabs.replace(',', "\t").replace('，', ",");
    let semicolons = table.replace("你好,", "你好，").replace(',', ";").replace('，', ",");
    let gbk = encoding_rs::GB18030.encode(table).0.into_owned();
    for (name, bytes, kind) in [
        ("t.csv", table.as_bytes().to_vec(), Table::Csv),
        ("t.csv", format!("\u{feff}{table}").into_bytes(), Table::Csv),
        ("t.csv", gbk, Table::Csv),
        ("t.csv", semicolons.into_bytes(), Table::Csv),
        ("t.tsv", tabs.clone().into_bytes(), Table::Tsv),
        ("t.txt", wide(&tabs), Table::Tsv),
    ] {
        let came = read_as(name, &bytes, &How::default()).unwrap();
        assert_eq!(came.read.files[0].format, Format::Rows(kind));
        assert_eq!(came.read.files[0].digest, Digest::of(&bytes));
        assert_eq!(came.items.len(), 1, "{name} {kind:?} {:?}", came.unread);
        assert_eq!(came.items[0].language, "zh");
        let turns = said(&came.items[0]);
        assert_eq!(turns, ["c: 你好,\r\n在吗？", "s: 在的。"], "{name}");
        assert_eq!(came.unread, [format!("{name}, line 5: `conversation` is missing")]);
    }
}

#[test]
fn json_rows_with_names_of_their_own_are_mapped_and_put_in_order() {
    let how = How { map: "content=body,time=ts", ..How::default() };
    let came = read_paths(&[fixture("rows.jsonl")], &how).unwrap();
    assert_eq!(came.read.files[0].format, Format::Rows(Table::JsonLines));
    assert_eq!(ids(&came), ["7", "8"]);
    assert_eq!(said(&came.items[0]), ["c: It is late.\n\nAre you there?", "s: I am here."]);
    assert_eq!(said(&came.items[1]), ["s: Welcome back."]);
    assert_eq!(
        came.unread,
        [
            "rows.jsonl, line 5: the JSON breaks off",
            "rows.jsonl, line 6: `conversation` is missing"
        ]
    );
    assert_eq!((came.read.reordered, came.read.joined_turns), (1, 1));
}

#[test]
fn rows_without_an_id_are_one_conversation_and_a_missing_column_is_told() {
    let table = "role,content\nuser,a\nassistant,b\nuser,c\n";
    let how = How { keep: &["channel", "arm"], ..How::default() };
    let came = read_as("one.csv", table.as_bytes(), &how).unwrap();
    assert_eq!(said(&came.items[0]), ["c: a", "s: b", "c: c"]);
    assert_eq!(
        came.read.warnings,
        [
            "the column `arm` is not kept: the name means something else here",
            "one.csv: no column says which conversation a row belongs to; the 3 rows are read as one",
            "no conversation has a column `channel`",
        ]
    );
    let wrong = How { map: "role=who", ..How::default() };
    let error = read_as("one.csv", table.as_bytes(), &wrong).err().unwrap();
    assert_eq!(
        error.to_string(),
        "one.csv: the file has none of the known forms of transcripts: trustmh, openai, sharegpt, csv, tsv, json-rows, \
         parquet, vera-mh, inspect"
    );
    assert!(error.hint().unwrap().contains("--map role=COLUMN"));
}
