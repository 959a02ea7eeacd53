//! A run as the user names it: its folder, or a bundle of it.

use std::fs::File;
use std::io::Read;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

use trustmh_core::given_name::GivenName;
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::{JudgeName, RecordState};
use trustmh_core::validity::Demand;
use trustmh_engine::benchmark::Benchmark;
use trustmh_run::derived::score::ScoredRun;
use trustmh_run::derived::validity::JudgeCards;
use trustmh_run::error::RunError;
use trustmh_run::integrity::bundle;
use trustmh_run::integrity::finding::{Finding, State};

use crate::failure::{Exit, Failure};
use crate::{screen, user_folders};

/// A run's folder; that of a bundle is there for as long as this is held.
pub(crate) struct RunFolder {
    given: PathBuf,
    unpacked: Option<Unpacked>,
}

struct Unpacked {
    folder: TempDir,
    finding: Finding,
}

impl RunFolder {
    /// Opens what the user named.
    pub(crate) fn open(given: &Path) -> Result<Self, Failure> {
        let unpacked = if is_archive(given) { Some(Unpacked::of(given)?) } else { None };
        Ok(Self { given: given.to_owned(), unpacked })
    }

    /// Where the run is.
    pub(crate) fn path(&self) -> &Path {
        self.unpacked.as_ref().map_or(&self.given, |unpacked| unpacked.folder.path())
    }

    /// How the files of a bundle stand to their hashes; none for a folder.
    pub(crate) fn finding(&self) -> Option<&Finding> {
        self.unpacked.as_ref().map(|unpacked| &unpacked.finding)
    }

    /// The run's scores, and on standard error what must be known besides.
    pub(crate) fn score(
        &self,
        benchmark: &Benchmark,
        by: Option<Protocol>,
        judge: Option<JudgeName>,
    ) -> Result<ScoredRun, Failure> {
        let scored = self.score_alone(benchmark, by, judge)?;
        let scored = scored.held_to(benchmark, &judge_cards()?, &Demand::USUAL)?;
        warn(&scored);
        Ok(scored)
    }

    /// The run's scores, their judges held to nothing.
    pub(crate) fn score_alone(
        &self,
        benchmark: &Benchmark,
        by: Option<Protocol>,
        judge: Option<JudgeName>,
    ) -> Result<ScoredRun, RunError> {
        let mut scored = trustmh_run::derived::score::score(benchmark, self.path(), by, judge)?;
        scored.scorecard.run = self.given.display().to_string();
        if let Some(finding) = self.finding().filter(|finding| finding.state == State::Broken) {
            screen::note(&format!("warning: {}: {}", self.given.display(), finding.detail));
        }
        Ok(scored)
    }
}

/// What is known of judges: what is built in, and what the user has found.
pub(crate) fn judge_cards() -> Result<JudgeCards, Failure> {
    let built_in = JudgeCards::built_in()?;
    match user_folders::judge_cards().filter(|folder| folder.is_dir()) {
        Some(folder) => Ok(built_in.with(JudgeCards::read(&folder)?)),
        None => Ok(built_in),
    }
}

impl Unpacked {
    fn of(bundle: &Path) -> Result<Self, Failure> {
        let folder = TempDir::with_prefix("trustmh-")
            .map_err(|error| Failure::io(bundle, "creating a folder to unpack it", &error))?;
        let finding = bundle::unpack(bundle, folder.path())?;
        Ok(Self { folder, finding })
    }
}

/// Says on standard error what whoever reads the results must know besides.
pub(crate) fn warn(scored: &ScoredRun) {
    for warning in scored.warnings() {
        screen::note(&format!("warning: {warning}"));
    }
}

/// Whether a file begins as a zip does.
fn is_archive(path: &Path) -> bool {
    let mut begin = [0_u8; 4];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut begin));
    path.is_file() && read.is_ok() && begin == *b"PK\x03\x04"
}

/// Several runs with their scores.
pub(crate) struct Scored {
    runs: Vec<ScoredRun>,
    // Scored runs read trials from here.
    _folders: Vec<RunFolder>,
}

impl Scored {
    /// The same with their judges held to what a policy asks of them.
    pub(crate) fn held_to(self, benchmark: &Benchmark, demand: &Demand) -> Result<Self, Failure> {
        let cards = judge_cards()?;
        let runs = self.runs.into_iter().map(|run| run.held_to(benchmark, &cards, demand));
        Ok(Self { runs: runs.collect::<Result<_, _>>()?, ..self })
    }

    /// The same with subjects called as the user says, by `RUN=NAME`.
    pub(crate) fn called(mut self, names: &[String]) -> Result<Self, Failure> {
        for given in names {
            let (place, name) = self.named(given)?;
            if let Some(run) = self.runs.get_mut(place) {
                run.scorecard.name = Some(name);
            }
        }
        Ok(self)
    }

    /// Which run a `RUN=NAME` is of, and the name. A folder may have `=` in its name.
    fn named(&self, given: &str) -> Result<(usize, GivenName), Failure> {
        let rest_of = |folder: &Path| {
            let own = folder.file_name().map(Path::new);
            let known = [Some(folder), own].into_iter().flatten();
            let mut rests =
                known.filter_map(|known| given.strip_prefix(known.to_str()?)?.strip_prefix('='));
            rests.next()
        };
        let mut rests = self.runs.iter().enumerate();
        let found =
            rests.find_map(|(place, run)| Some((place, rest_of(Path::new(&run.scorecard.run))?)));
        let Some((place, name)) = found else {
            let runs: Vec<&str> = self.runs.iter().map(|run| run.scorecard.run.as_str()).collect();
            return Err(Failure::usage(format!("--name {given}: no run is called so")).with_hint(
                format!("give RUN=NAME with one of these for RUN: {}", runs.join(", ")),
            ));
        };
        let name =
            name.parse().map_err(|fault| Failure::usage(format!("--name {given}: {fault}")))?;
        Ok((place, name))
    }
}

impl Deref for Scored {
    type Target = [ScoredRun];

    fn deref(&self) -> &[ScoredRun] {
        &self.runs
    }
}

/// Several runs, each scored by the rules given, else by its own.
pub(crate) fn score_all(
    benchmark: &Benchmark,
    given: &[PathBuf],
    by: Option<Protocol>,
) -> Result<Scored, Failure> {
    let folders: Vec<RunFolder> =
        given.iter().map(|path| RunFolder::open(path)).collect::<Result<_, _>>()?;
    let runs = folders.iter().map(|folder| folder.score(benchmark, by, None));
    let runs = runs.collect::<Result<_, _>>()?;
    Ok(Scored { runs, _folders: folders })
}

/// How a command that read these runs ends, which else would end with `otherwise`: a record that is
/// not whole is never passed over.
pub(crate) fn exit_of<'r>(runs: impl IntoIterator<Item = &'r ScoredRun>, otherwise: Exit) -> Exit {
    let mut states = runs.into_iter().map(|run| run.scorecard.record.state);
    match states.all(|state| state == RecordState::Complete) {
        true => otherwise,
        false => Exit::Incomplete,
    }
}
