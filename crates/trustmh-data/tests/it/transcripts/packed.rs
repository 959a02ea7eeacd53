//! Parquet, and logs of Inspect.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use serde_json::json;
use trustmh_data::transcripts::{Format, Table};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{How, fixture, ids, read_as, said, times};

/// Four messages of two conversations, in two groups of rows.
fn table(compression: Compression) -> Vec<u8> {
    let schema = "message rows { required binary chat_id (UTF8); required int64 created_at (TIMESTAMP_MILLIS); \
                  required binary noise (UTF8); required binary role (UTF8); optional binary text (UTF8); }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    let first = ([("a", "user", Some("Hello")), ("b", "user", None)], 1_777_629_600_000);
    let second = ([("b", "bot", Some("Yes?")), ("a", "bot", Some("Hi."))], 1_777_629_660_000);
    for (rows, at) in [first, second] {
        let texts = |cell: fn(&(&str, &str, Option<&str>)) -> String| -> Vec<ByteArray> {
            rows.iter().map(|row| ByteArray::from(cell(row).as_str())).collect()
        };
        let mut group = writer.next_row_group().unwrap();
        for (column, values) in [
            texts(|row| row.0.to_owned()),
            Vec::new(),
            texts(|_| "x".to_owned()),
            texts(|row| row.1.to_owned()),
            rows.iter().filter_map(|row| row.2).map(ByteArray::from).collect(),
        ]
        .into_iter()
        .enumerate()
        {
            let mut open = group.next_column().unwrap().unwrap();
            if column == 1 {
                open.typed::<Int64Type>().write_batch(&[at, at], None, None).unwrap();
            } else {
                let there: Vec<i16> = rows.iter().map(|row| i16::from(row.2.is_some())).collect();
                let levels = (column == 4).then_some(there.as_slice());
                open.typed::<ByteArrayType>().write_batch(&values, levels, None).unwrap();
            }
            open.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.into_inner().unwrap()
}

#[test]
fn parquet_is_read_row_by_row_however_it_is_packed() {
    let zstd = Compression::ZSTD(ZstdLevel::default());
    for compression in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        zstd,
        Compression::GZIP(Default::default()),
    ] {
        let came = read_as("t.parquet", &table(compression), &How::default()).unwrap();
        assert_eq!(came.read.files[0].format, Format::Rows(Table::Parquet));
        assert_eq!(ids(&came), ["a", "b"]);
        assert_eq!(said(&came.items[0]), ["c: Hello", "s: Hi."]);
        assert_eq!(times(&came.items[0])[1].as_deref(), Some("2026-05-01T10:01:00Z"));
        assert_eq!(said(&came.items[1]), ["s: Yes?"]);
        assert_eq!(came.unread, ["t.parquet, line 2: `content` is missing"]);
    }
}

#[test]
fn a_broken_parquet_file_is_an_error_that_names_it() {
    let whole = table(Compression::SNAPPY);
    let error = read_as("t.parquet", &whole[..whole.len() - 9], &How::default()).err().unwrap();
    assert!(error.to_string().starts_with("t.parquet: "), "{error}");
}

#[test]
fn no_changed_byte_of_a_parquet_file_ends_more_than_its_reading() {
    let whole = std::fs::read(fixture("rows.parquet")).unwrap();
    let (mut read, mut refused) = (0, 0);
    for place in (4..whole.len()).step_by(9) {
        for byte in [0, 0xFF] {
            let mut changed = whole.clone();
            changed[place] = byte;
            match read_as("t.parquet", &changed, &How::default()) {
                Ok(_) => read += 1,
                Err(error) => {
                    refused += 1;
                    assert!(error.to_string().starts_with("t.parquet: "), "{error}");
                }
            }
        }
    }
    assert!(read > 100 && refused > 10, "{read} read, {refused} refused");
}

#[test]
fn samples_of_a_log_are_conversations() {
    let sample = |id: &str, epoch: u64, reply: &str| {
        json!({
            "id": id, "epoch": epoch, "input": "x", "target": "",
            "messages": [
                { "role": "system", "content": "Listen." },
                { "role": "user", "content": "I am tired.", "source": "input" },
                { "role": "assistant", "content": [
                    { "type": "reasoning", "reasoning": "Ask." }, { "type": "text", "text": reply }
                ] },
            ],
        })
    };
    let head = json!({ "version": 2, "status": "success", "eval": { "model": "lab/owl" } });
    let samples = [sample("s1", 1, "Since when?"), sample("s1", 2, "Of what?"), json!({ "id": 3 })];
    let mut log = head.clone();
    log["samples"] = json!(samples);
    let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let mut member = |name: &str, text: String| {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    };
    member("header.json", head.to_string());
    for (number, sample) in samples.iter().enumerate() {
        member(&format!("samples/s_{number}.json"), sample.to_string());
    }
    member("samples/s_9.json", "{\"id\": ".to_owned());
    member("../../outside.json", "{}".to_owned());
    let archive = archive.finish().unwrap().into_inner();
    let spread = serde_json::to_vec_pretty(&log).unwrap();
    for (name, bytes, broken) in [
        ("a.eval", archive, true),
        ("a.json", log.to_string().into_bytes(), false),
        ("a.json", spread, false),
    ] {
        let came = read_as(name, &bytes, &How::default()).unwrap();
        assert_eq!(came.read.files[0].format, Format::Inspect);
        assert_eq!(ids(&came), ["s1", "s1-epoch2"]);
        assert_eq!(said(&came.items[0]), ["c: I am tired.", "s: Since when?"]);
        assert_eq!(came.items[1].tags["model"], "lab/owl");
        let mut unread = vec![format!("{name}, line 3: `messages` is missing")];
        if broken {
            unread.push(format!("{name}, line 4: cannot be unpacked"));
        }
        assert_eq!(came.unread, unread);
    }
}
