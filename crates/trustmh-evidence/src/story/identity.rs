//! The system in the operator's words; what was tested with what; whether records are whole.

use super::section;
use crate::document::{Block, Inline, Line, Row, Section, Table, Weight};
use crate::pack::{Asked, Pack, Presence, RunEvidence};
use crate::system::FieldName;

/// What the operator says of the system.
pub(super) fn system(pack: &Pack) -> Section {
    let intro = "Statements of the operator, from system.toml. Nothing here checks them.";
    let mut blocks = vec![Block::Text(intro.into())];
    for group in pack.system.groups() {
        let rows = group.fields.iter().map(|field| {
            let said = field.said.filter(|said| !said.is_empty());
            let said = said.map_or_else(|| "not stated".to_owned(), ToString::to_string);
            Row {
                anchor: field.name.parse::<FieldName>().ok().map(|name| name.anchor()),
                cells: vec![Line::code(field.name), field.about.into(), said.into()],
                weight: Weight::Usual,
            }
        });
        blocks.push(Block::Table(Table {
            caption: group.title.to_owned(),
            head: vec!["Field", "What it asks", "What the operator states"],
            rows: rows.collect(),
        }));
    }
    section("system", "The system, as the operator describes it", blocks)
}

/// What was tested, with what, how and when.
pub(super) fn identity(pack: &Pack) -> Section {
    let mut blocks = vec![Block::Text(
        "Hashes are BLAKE3. With them, the same program and the same data, the tests can be made again.".into(),
    )];
    for run in &pack.runs {
        blocks.push(Block::heading(Line::text("Run ").then_code(run.id.clone())));
        blocks.push(Block::Table(Table {
            caption: format!("How run {} was made", run.id),
            head: vec!["What", "Which"],
            rows: facts(run),
        }));
        blocks.push(Block::Table(tasks(run)));
        blocks.extend(files(run));
    }
    section("identity", "Identity of the tests", blocks)
}

fn facts(run: &RunEvidence) -> Vec<Row> {
    let identity = &run.identity;
    let asked = |asked: &Asked| match &asked.with {
        Some(with) => format!("{}, asked with {with}", asked.name),
        None => asked.name.clone(),
    };
    let or_not = |text: &Option<String>| text.clone().unwrap_or_else(|| "not recorded".to_owned());
    let mut rows = vec![
        ("Program", format!("TrustMH {}", identity.program)),
        ("Origin", identity.origin.clone()),
        ("Planned", identity.planned.clone()),
        ("First call", or_not(&identity.began)),
        ("Last call", or_not(&identity.ended)),
        ("Plan hash", identity.plan.clone()),
        ("Subject", asked(&identity.subject)),
        ("Judge", asked(&identity.judge)),
    ];
    if let Some(client) = &identity.client {
        rows.push(("Clients played by", asked(client)));
    }
    rows.extend([
        ("Protocol of asking", identity.asked_by.to_string()),
        ("Protocol of scoring", identity.scored_by.to_string()),
        ("Seed", identity.seed.to_string()),
        ("Times each trial was asked", identity.repeats.clone()),
        ("Caps", identity.caps.clone().unwrap_or_else(|| "none".to_owned())),
        ("Calls to the subject", identity.subject_calls.to_string()),
        ("Calls to the judge", identity.judge_calls.to_string()),
        ("Calls that broke for good", identity.broken_calls.to_string()),
    ]);
    rows.into_iter().map(|(name, text)| Row::of([name.into(), text.into()])).collect()
}

fn tasks(run: &RunEvidence) -> Table {
    let rows = run.identity.tasks.iter().map(|(id, task)| {
        let mut hashes = Line::text("task file ")
            .then_code(task.file.clone())
            .and(Inline::Break)
            .then("prompts ")
            .then_code(task.prompts.clone());
        for rubric in &task.rubrics {
            hashes = hashes.and(Inline::Break).then("rubric ").then_code(rubric.clone());
        }
        for (name, hash) in &task.data {
            let data = hashes.and(Inline::Break).then("data file ").then_code(name.clone());
            hashes = data.then(" ").then_code(hash.clone());
        }
        Row::of([
            Line::code(id.to_string()).then(format!(", version {}", task.version)),
            Line::code(task.dataset.clone()).then(format!(", {}", task.items)),
            task.trials.to_string().into(),
            hashes,
        ])
    });
    Table {
        caption: format!("Tasks of run {}", run.id),
        head: vec!["Task", "Data set", "Trials", "Hashes"],
        rows: rows.collect(),
    }
}

fn files(run: &RunEvidence) -> Option<Block> {
    let rows = run.identity.files.iter();
    let rows: Vec<Row> = rows
        .map(|(path, hash)| Row::of([Line::code(path.clone()), Line::code(hash.clone())]))
        .collect();
    (!rows.is_empty()).then(|| {
        Block::Table(Table {
            caption: format!("Files that the tasks of run {} are made of", run.id),
            head: vec!["File", "Hash"],
            rows,
        })
    })
}

/// Whether records are as they were written, and how to check the pack.
pub(super) fn integrity(pack: &Pack, files: &[&str]) -> Section {
    let mut blocks = Vec::new();
    for run in &pack.runs {
        blocks.push(Block::heading(Line::text("Run ").then_code(run.id.clone())));
        let seal = run.integrity.seal.as_ref().map_or_else(
            || Line::text("The run has no seal."),
            |seal| {
                let signed = match seal.signature {
                    Presence::Present => {
                        " It is signed; whose signature it is takes the signer's public key."
                    }
                    Presence::Absent => " It is not signed.",
                };
                Line::text(format!("The seal covers {} lines; hash of the last: ", seal.lines))
                    .then_code(seal.journal.clone())
                    .then(", of the manifest: ")
                    .then_code(seal.manifest.clone())
                    .then(".")
                    .then(signed)
            },
        );
        blocks.push(Block::Text(seal));
        let checks = run.integrity.checks.iter();
        blocks.push(Block::Table(Table {
            caption: format!("What was checked of run {} when this pack was made", run.id),
            head: vec!["Check", "State", "What was found"],
            rows: checks
                .map(|one| {
                    Row::of([
                        one.check.as_str().into(),
                        one.state.words().into(),
                        one.detail.as_str().into(),
                    ])
                })
                .collect(),
        }));
    }
    blocks.push(Block::heading("This pack itself"));
    let mut named = Line::text("It consists of ");
    for (place, file) in files.iter().enumerate() {
        let part = if place == 0 { named } else { named.then(", ") };
        named = part.and(Inline::File((*file).to_owned()));
    }
    blocks.push(Block::Text(named.then(
        ". manifest.json lists the SHA-256 of each; seal.json holds that of the manifest. `trustmh evidence verify` checks them, with \
         --signed-by also a signature.",
    )));
    section("integrity", "Integrity of the record", blocks)
}
