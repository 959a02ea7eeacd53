//! The first page, and what was found.

use super::section;
use crate::document::{Block, Inline, Line, Row, Section, Table};
use crate::pack::Pack;
use crate::status::Status;

/// The first page: what it is, what is missing, for what, of what.
pub(super) fn page(pack: &Pack) -> Vec<Block> {
    let mut blocks: Vec<Block> =
        pack.read_first.iter().map(|first| Block::Warning(first.as_str().into())).collect();
    blocks.push(Block::Text(Line::default().and(Inline::Strong(pack.statement.clone()))));
    blocks.extend(missing(pack));
    blocks.push(Block::heading("What this pack is about"));
    blocks.push(Block::Table(facts(pack)));
    blocks.push(Block::heading("What this pack does not prove"));
    blocks.push(Block::List(
        pack.framework.not_proved.iter().map(|not| not.as_str().into()).collect(),
    ));
    blocks
}

fn facts(pack: &Pack) -> Table {
    let framework = &pack.framework;
    let said = |name: &str| pack.system.words(name).unwrap_or_else(|| "not stated".to_owned());
    let runs: Vec<String> = pack.runs.iter().map(|run| run.id.clone()).collect();
    let duties = format!(
        "{} in all: {} filled, {} in part, {} the operator's to fill",
        pack.duties.len(),
        pack.duties_with(Status::Filled),
        pack.duties_with(Status::InPart),
        pack.duties_with(Status::Operators)
    );
    let rows = [
        ("System", format!("{}, version {}", said("system.name"), said("system.version"))),
        ("Provider", said("system.provider")),
        ("For", format!("{} ({})", framework.title, framework.kind.word())),
        ("Source", framework.source.clone()),
        ("Address of the source", framework.url.clone()),
        ("Version of the source", framework.version.clone()),
        ("Applies from", format!("{} in {}", framework.in_force, framework.jurisdiction)),
        ("Source read on", framework.read_on.to_string()),
        ("Whom it binds", framework.applies.clone()),
        ("Date of this pack", format!("{}: the day on which its newest run ended", pack.date)),
        ("Runs", runs.join(", ")),
        ("Duties", duties),
        ("Made by", format!("TrustMH {}", pack.program)),
    ];
    let rows = rows.map(|(name, text)| Row::of([name.into(), text.into()]));
    Table {
        caption: "The pack in short".to_owned(),
        head: vec!["What", "Which"],
        rows: rows.into(),
    }
}

/// What the framework asks for and the pack lacks.
fn missing(pack: &Pack) -> Vec<Block> {
    let mut lines: Vec<Line> = pack
        .missing
        .parts
        .iter()
        .map(|(part, remedy)| format!("{}: {remedy}.", part.title()).into())
        .collect();
    if !pack.missing.fields.is_empty() {
        let named: Vec<&str> = pack.missing.fields.iter().map(|field| field.as_str()).collect();
        lines.push(format!("Not stated in system.toml: {}.", named.join(", ")).into());
    }
    let mut blocks = vec![Block::heading("What is missing")];
    blocks.push(match lines.is_empty() {
        true => Block::Text("Nothing that the duties below call for.".into()),
        false => Block::List(lines),
    });
    blocks
}

/// What was found, in sentences.
pub(super) fn found(pack: &Pack) -> Section {
    let intro = "Each figure stands with its 95 % interval and with what it is counted on: “560 in 70” are 560 trials that share 70 \
                 items. Figures whose intervals overlap are not shown to differ.";
    let found = pack.found.iter().map(|sentence| sentence.as_str().into()).collect();
    section("found", "What was found", vec![Block::Text(intro.into()), Block::List(found)])
}
