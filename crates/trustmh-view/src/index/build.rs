//! How an index is made.

use std::path::Path;

use rusqlite::{Connection, Transaction, params};
use serde::Serialize;
use trustmh_core::item::ItemKind;
use trustmh_core::row::TrialRow;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::estimate::at_bad_end_measure;
use trustmh_run::derived::rows::{Words, rows};
use trustmh_run::derived::score::{ScoredRun, score};
use trustmh_run::derived::worst::worst;

use super::profile::Profiles;
use super::{
    FILE, FORMAT, Summary, WORST, Worst, apart, journal_length, manifest_digest, rule_files,
};
use crate::error::ViewError;

/// So much of a text is searched.
const SEARCHED: usize = 4000;

const TABLES: &str = "
create table meta (key text primary key, value text not null) without rowid;
create table trial (
  id integer primary key, name text not null, task text not null, outcome text not null, value real, flags text not null,
  reply text not null, profile integer not null
);
create table facet (id integer primary key, key text not null, value text not null, wide integer not null);
create table profile (id integer primary key, trials integer not null);
create table profile_facet (profile integer not null, facet integer not null, primary key (facet, profile)) without rowid;
create table wide_facet (trial integer not null, facet integer not null);
create virtual table words using fts5(text, content='', tokenize='unicode61 remove_diacritics 2');
";

const ORDERS: &str = "
create index trial_by_task on trial (task, value);
create index trial_by_name on trial (name);
create index trial_by_profile on trial (profile);
insert into wide_facet
  select trial.id, facet.id from trial join profile_facet on profile_facet.profile = trial.profile
  join facet on facet.id = profile_facet.facet where facet.wide order by trial.id, facet.id;
delete from profile_facet where facet in (select id from facet where wide);
create index wide_by_facet on wide_facet (facet, trial);
";

/// Scores the run in `folder` and writes its index, whole or not at all; gives the scored run.
///
/// # Errors
/// [`ViewError`] if the run cannot be scored or the index not be written.
pub fn build(benchmark: &Benchmark, folder: &Path) -> Result<ScoredRun, ViewError> {
    // The length is taken before the journal is read: what is written meanwhile makes the index old, not wrong.
    let length = journal_length(folder);
    let planned = manifest_digest(folder);
    let scored = score(benchmark, folder, None, None)?;
    let scratch = folder.join(format!("{FILE}.new"));
    // A scratch file of a build that was killed must not be added to.
    let _ = std::fs::remove_file(&scratch);
    let mut connection = Connection::open(&scratch)?;
    connection.execute_batch(
        "pragma journal_mode = off; pragma synchronous = off; pragma page_size = 8192; pragma cache_size = -64000;",
    )?;
    connection.execute_batch(TABLES)?;
    let work = connection.transaction()?;
    fill(benchmark, &scored, &work)?;
    let own = scored.benchmark(benchmark);
    let bad: Vec<Worst> = worst(benchmark, &scored, WORST)?.into_iter().map(Worst::of).collect();
    for (key, value) in [
        ("format", FORMAT.to_owned()),
        ("journal", length.to_string()),
        ("manifest", planned),
        ("program", env!("CARGO_PKG_VERSION").to_owned()),
        ("rules", rule_files(own, &scored.manifest)?.to_string()),
        ("scorecard", json("the scorecard", &scored.scorecard)?),
        ("summary", json("the summary", &Summary::of(&scored))?),
        ("worst", json("the worst replies", &bad)?),
    ] {
        work.execute("insert into meta values (?1, ?2)", params![key, value])?;
    }
    work.execute_batch(ORDERS)?;
    work.commit()?;
    connection.close().map_err(|(_, error)| error)?;
    let path = folder.join(FILE);
    std::fs::rename(&scratch, &path).map_err(|source| ViewError::Io { path, source })?;
    Ok(scored)
}

fn json(what: &str, value: &impl Serialize) -> Result<String, ViewError> {
    serde_json::to_string(value)
        .map_err(|error| ViewError::Broken { what: what.to_owned(), why: error.to_string() })
}

fn fill(
    benchmark: &Benchmark,
    scored: &ScoredRun,
    work: &Transaction<'_>,
) -> Result<(), ViewError> {
    let mut trials = work.prepare("insert into trial values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
    let mut wide = work.prepare("insert into wide_facet values (?1, ?2)")?;
    let mut words = work.prepare("insert into words (rowid, text) values (?1, ?2)")?;
    let protocol = scored.scorecard.protocol;
    let benchmark = scored.benchmark(benchmark);
    let mut profiles = Profiles::default();
    for (id, row) in (1_i64..).zip(rows(benchmark, scored, Words::Kept)) {
        let row = row?;
        let task = benchmark.task(&row.task)?;
        let value = at_bad_end_measure(task, protocol)
            .and_then(|measure| row.measures.get(measure).copied());
        let flags: Vec<&str> = row.flags.iter().map(|flag| flag.title()).collect();
        let reply = row.reply.as_deref().unwrap_or_default();
        let found = profiles.of(&row);
        for facet in found.wide {
            wide.execute(params![id, facet])?;
        }
        trials.execute(params![
            id,
            row.trial,
            row.task.to_string(),
            row.outcome.map_or("pending", |outcome| outcome.slug()),
            value,
            flags.join("; "),
            reply.chars().take(160).collect::<String>(),
            found.profile,
        ])?;
        words.execute(params![id, searched(&row, task.file.items)])?;
    }
    profiles.write(work)
}

/// The words by which a trial is found: its names, what was asked last, what came back, what the judge said.
fn searched(row: &TrialRow, items: ItemKind) -> String {
    let cut = |text: &str| text.chars().take(SEARCHED).collect::<String>();
    // Of a conversation every turn is searched.
    let turns = if items == ItemKind::Conversation { row.messages.len() } else { 1 };
    let asked = row.messages.iter().rev().take(turns).rev().map(|message| cut(&message.content));
    let asked = asked.collect::<Vec<_>>().join(" ");
    let mut text =
        format!("{} {asked} {}", row.item, cut(row.reply.as_deref().unwrap_or_default()));
    for verdict in &row.verdicts {
        text.push(' ');
        text.push_str(&cut(verdict));
    }
    apart(&text)
}
