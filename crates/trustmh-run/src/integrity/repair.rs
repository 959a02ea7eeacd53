//! A damaged run, and what can be saved of it: a new run of the lines that are sound, which says what was left out.

use jiff::Timestamp;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use trustmh_core::digest::Digest;
use trustmh_core::id::RunId;

use crate::error::RunError;
use crate::integrity::signature::SIGNATURE_FILE;
use crate::journal::{
    self, Event, Extent, Fault, Lines, Mark, SEAL_FILE, SealFile, SessionEnd, Writer,
};
use crate::manifest::materials;
use crate::manifest::plan_hash;
use crate::manifest::repaired::{DroppedLine, Repaired};
use crate::manifest::{self, FORMAT, Manifest};

/// Of lines that were left out, so many are named in the manifest.
const NAMED: usize = 1000;
/// So many events are appended at once.
const AT_ONCE: usize = 256;

/// Writes what is sound of the run in `folder` into a new run in `output`, which must not exist yet, and says what was left out.
///
/// A line is sound if it is an event and if the line written after it vouches for it: it names its hash. The last line of a session that
/// was not sealed needs no voucher, and lines of formats before 3 have none. Marks of editors and blank lines are taken out.
///
/// # Errors
/// [`RunError::NotMendable`] for a run whose manifest is not the one it was planned with, or whose journal needs no repair;
/// [`RunError::Io`].
pub async fn repair(folder: &Path, output: &Path) -> Result<Repaired, RunError> {
    let damaged = Manifest::read(folder)?;
    let refused = |message: &str| RunError::NotMendable {
        path: folder.to_owned(),
        message: message.to_owned(),
    };
    if !damaged.origin.is_imported() && plan_hash(&damaged) != damaged.plan_hash {
        return Err(refused(
            "run.json was changed: what it plans does not give the plan hash it names",
        ));
    }
    if output.exists() {
        return Err(refused(&format!(
            "{} is there already: give another --output",
            output.display()
        )));
    }
    let path = folder.join(journal::FILE);
    if has_forgotten(&path)? {
        return Err(refused(
            "words of it were forgotten, and what is left of a forgotten line stands only where the line stood: a new chain \
             would not hold it. The damaged run can still be read line by line",
        ));
    }
    let vouched = vouched(folder, &path)?;
    let mut repaired = Repaired {
        at: Timestamp::now(),
        from: damaged.id.clone(),
        journal: Digest::of_file(&path).map_err(RunError::io(&path, "reading"))?,
        kept: 0,
        dropped: 0,
        missing: vouched.missing,
        named: Vec::new(),
    };
    let mut taken = HashSet::new();
    let mut lines = Lines::open(&path)?;
    while let Some((line, bytes)) = lines.read()? {
        match sound(&normal(bytes), line, &vouched, &mut taken) {
            Ok(_) => repaired.kept += 1,
            Err(why) => {
                repaired.dropped += 1;
                if repaired.named.len() < NAMED {
                    repaired.named.push(DroppedLine { line, why });
                }
            }
        }
    }
    let damage = repaired.dropped > 0 || journal::scan(&path, |_, _| {}).is_err();
    if !damage {
        return Err(refused("its journal needs no repair"));
    }
    let id = output.file_name().map(|name| name.to_string_lossy().into_owned());
    let manifest = Manifest {
        format: FORMAT,
        id: RunId::new(id.unwrap_or_else(|| format!("{}-repaired", damaged.id))),
        repaired: Some(repaired.clone()),
        ..damaged
    };
    fs::create_dir_all(output).map_err(RunError::io(output, "creating the run's folder"))?;
    copy_beside(folder, output)?;
    write(&path, &vouched, &manifest, output).await?;
    Ok(repaired)
}

async fn write(
    path: &Path,
    vouched: &Vouched,
    manifest: &Manifest,
    output: &Path,
) -> Result<(), RunError> {
    let digest = Digest::of(manifest.text()?.as_bytes());
    let writer = Writer::open(&output.join(journal::FILE), &Extent::beginning(&digest))?;
    let mut taken = HashSet::new();
    let mut batch = Vec::with_capacity(AT_ONCE);
    let mut lines = Lines::open(path)?;
    while let Some((number, bytes)) = lines.read()? {
        if let Ok(event) = sound(&normal(bytes), number, vouched, &mut taken) {
            batch.push(taken_over(event));
        }
        if batch.len() == AT_ONCE {
            writer.append(std::mem::take(&mut batch)).await?;
        }
    }
    writer.append(batch).await?;
    writer.seal(SessionEnd::Interrupted).await?;
    // The manifest comes last: a folder without one is not a run, so a broken repair leaves none.
    manifest.write(output)
}

/// A seal counts the lines of its own journal; what it says of the session stays true.
fn taken_over(event: Event) -> Event {
    match event {
        Event::Finish(seal) => Event::Session(seal.session(Mark::Finished)),
        Event::Interrupted(seal) => Event::Session(seal.session(Mark::Stopped)),
        other => other,
    }
}

/// Whether words of the journal were forgotten.
fn has_forgotten(path: &Path) -> Result<bool, RunError> {
    let mut found = false;
    journal::survey(path, |seen, _| {
        found |= seen.event.is_ok_and(|event| match *event {
            Event::Forgotten(_) | Event::Scored(_) | Event::Forgot(_) => true,
            Event::Session(_)
            | Event::Finish(_)
            | Event::Interrupted(_)
            | Event::Trial(_)
            | Event::Call(_)
            | Event::Lesson(_)
            | Event::Reuse { .. } => false,
        });
        Ok(())
    })?;
    Ok(found)
}

/// The line as it was before an editor put marks into it.
fn normal(bytes: &[u8]) -> Vec<u8> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match bytes.strip_suffix(b"\r\n") {
        Some(line) => [line, b"\n"].concat(),
        None => bytes.to_owned(),
    }
}

type Half = [u8; 16];

/// The hashes that lines name, and that the seal names: what has one of them is as it was when the line after it was written.
struct Vouched {
    hashes: HashSet<Half>,
    /// The last line, if no seal covers it: nothing could vouch for it.
    last: Option<u64>,
    /// Lines that were sealed and are no longer there.
    missing: u64,
}

fn vouched(folder: &Path, path: &Path) -> Result<Vouched, RunError> {
    let half = |hash: &Digest| Digest::half(hash.as_str());
    let mut vouched = Vouched { hashes: HashSet::new(), last: None, missing: 0 };
    let seal = SealFile::read(folder).ok().flatten().map(|(seal, _)| seal);
    vouched.hashes.extend(seal.iter().map(|seal| half(&seal.journal)));
    let chain = journal::survey(path, |seen, _| {
        vouched.hashes.extend(seen.prev.as_ref().map(half));
        if !matches!(seen.event, Err(Fault::Blank | Fault::Torn)) {
            vouched.last = Some(seen.number);
        }
        Ok(())
    })?;
    if let Some(seal) = seal {
        vouched.missing = seal.lines.saturating_sub(chain.lines());
        if seal.lines >= chain.lines() {
            vouched.last = None;
        }
    }
    Ok(vouched)
}

/// The event of a line that is to be taken over, or why it is left out.
fn sound(
    bytes: &[u8],
    number: u64,
    vouched: &Vouched,
    taken: &mut HashSet<Half>,
) -> Result<Event, String> {
    let line = journal::line_in(bytes).map_err(|fault| fault.to_string())?;
    let half = Digest::half(Digest::of(bytes).as_str());
    let chained = line.v >= manifest::CHAINED;
    if chained && Some(number) != vouched.last && !vouched.hashes.contains(&half) {
        return Err(
            "no line after it vouches for it: it was changed after it was written, or the line after it was"
                .to_owned(),
        );
    }
    match taken.insert(half) {
        true => Ok(line.event),
        false => Err("it is there twice".to_owned()),
    }
}

/// Copies what stands beside the journal: files the run keeps, ratings of people.
fn copy_beside(folder: &Path, output: &Path) -> Result<(), RunError> {
    const MADE_ANEW: [&str; 5] =
        [journal::FILE, manifest::FILE, SEAL_FILE, SIGNATURE_FILE, "report.html"];
    copy_files(folder, output, &MADE_ANEW)?;
    let (kept, to) = (folder.join(materials::FOLDER), output.join(materials::FOLDER));
    if kept.is_dir() {
        fs::create_dir_all(&to).map_err(RunError::io(&to, "creating"))?;
        copy_files(&kept, &to, &[])?;
    }
    Ok(())
}

fn copy_files(from: &Path, to: &Path, but: &[&str]) -> Result<(), RunError> {
    for entry in fs::read_dir(from).map_err(RunError::io(from, "reading"))? {
        let entry = entry.map_err(RunError::io(from, "reading"))?;
        let (path, name) = (entry.path(), entry.file_name());
        // A link may lead anywhere.
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && !but.iter().any(|but| name == *but) {
            let place: PathBuf = to.join(name);
            fs::copy(&path, &place).map_err(RunError::io(&place, "copying"))?;
        }
    }
    Ok(())
}
