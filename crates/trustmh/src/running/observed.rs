//! Transcripts that become a run: read into its folder, planned, and judged.

use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use trustmh_core::id::{ModelId, RubricId, TaskId};
use trustmh_core::protocol::Protocol;
use trustmh_core::repeats::Repeats;
use trustmh_core::request::Asking;
use trustmh_core::scorecard::JudgeName;
use trustmh_data::redact::TalkRedactor;
use trustmh_data::starter::Shelf;
use trustmh_data::transcripts::{Columns, Options, Unread};
use trustmh_engine::benchmark::{Benchmark, SourceFile};
use trustmh_engine::rubric::Rubric;
use trustmh_engine::walk::{JudgeQuestions, UnreadVerdict};
use trustmh_model::http::is_this_machine;
use trustmh_model::name::ModelName;
use trustmh_run::manifest::{self, Caps, JudgeRecord, Manifest, ModelRecord, fresh_id};
use trustmh_run::observed::{OBSERVED, Observed, Values, take_in};
use trustmh_run::plan::{Plan, Request, Transcripts};

use super::effect::{self, Answering, Answers};
use super::finished::Finished;
use super::judge::{self, JudgeRequest, default_judge};
use super::prepared::PreparedRun;
use crate::arguments::{CallArguments, RequestArguments};
use crate::commands::judge::JudgeArguments;
use crate::failure::Failure;
use crate::models;
use crate::{screen, suggest};

/// So many files are told one by one.
const TOLD_FILES: usize = 8;

/// Facets by which every figure is split where transcripts have more than one value of them.
const USUAL: [&str; 4] = ["month", LANGUAGE, "version", "model"];

const LANGUAGE: &str = "language";

/// Transcripts that were read, and the plan to judge them.
pub(crate) struct ReadTranscripts {
    pub(crate) benchmark: Benchmark,
    pub(crate) plan: Plan,
    pub(crate) observed: Observed,
    pub(crate) first_unread: Vec<Unread>,
    folder: NewFolder,
    earlier: Vec<PathBuf>,
}

/// The folder of a run that is being made: it goes unless it becomes one.
struct NewFolder {
    path: PathBuf,
    becomes: Becomes,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Becomes {
    Nothing,
    Run,
}

impl NewFolder {
    fn create(path: PathBuf) -> Result<Self, Failure> {
        fs::create_dir_all(&path)
            .map_err(|error| Failure::io(&path, "creating the run's folder", &error))?;
        Ok(Self { path, becomes: Becomes::Nothing })
    }

    fn kept(mut self) -> PathBuf {
        self.becomes = Becomes::Run;
        self.path.clone()
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        if self.becomes == Becomes::Nothing {
            // Nothing depends on it: a folder that cannot be removed holds no run.
            drop(fs::remove_dir_all(&self.path));
        }
    }
}

impl ReadTranscripts {
    /// Reads the transcripts into the folder of a new run and plans it.
    pub(crate) fn of(arguments: &JudgeArguments) -> Result<Self, Failure> {
        let (benchmark, task) = benchmark_for(&arguments.rubric)?;
        let judge = judge_record(&benchmark, arguments)?;
        effect::check(
            Answering {
                subject: Answers::Nobody,
                judge: Answers::of_judge(&judge.name),
                client: Answers::Nobody,
                toxicity: Answers::Nobody,
            },
            &arguments.calls,
        )?;
        let id = fresh_id(&ModelId::new(OBSERVED), Timestamp::now());
        let runs = &arguments.runs_dir.runs_dir;
        let earlier = if arguments.anew { Vec::new() } else { earlier_runs(runs, &judge)? };
        let folder = NewFolder::create(runs.join(id.as_str()))?;
        let columns: Columns = arguments.map.iter().cloned().collect();
        let redactor = arguments.redact.then(TalkRedactor::default);
        // Readers make a tag of the language only where that is asked for.
        let mut keep = arguments.by.clone();
        if !keep.iter().any(|column| column == LANGUAGE) {
            keep.push(LANGUAGE.to_owned());
        }
        let region = arguments.region.as_deref().map(str::to_uppercase);
        let options = Options {
            map: &columns,
            keep: &keep,
            region: region.as_deref(),
            format: arguments.format,
            redactor: None,
        };
        let intake = take_in(&arguments.transcripts, &options, redactor.as_ref(), &folder.path)?;
        let by = split_by(&arguments.by, &intake.facets);
        let observed = Observed { by, ..intake.observed };
        let transcripts = Transcripts {
            path: intake.path,
            observed: observed.clone(),
            warnings: intake.warnings,
        };
        let mut plan = Plan::make(&benchmark, &request(&task, judge, arguments, transcripts))?;
        plan.manifest.id = id;
        let first_unread = intake.first_unread;
        Ok(Self { benchmark, plan, observed, first_unread, folder, earlier })
    }

    /// Says what was read, and what could not be.
    pub(crate) fn tell(&self) {
        let Observed { files, conversations, turns, unread, .. } = &self.observed;
        // Many files are as a rule one conversation each: those that were read whole are told together.
        let few = files.len() <= TOLD_FILES;
        for (name, file) in files.iter().filter(|(_, file)| few || file.unread > 0) {
            let lost =
                if file.unread > 0 { format!(", {} UNREAD", file.unread) } else { String::new() };
            screen::note(&format!(
                "{name}: {}, {} conversations, {} turns{lost}",
                file.format, file.conversations, file.turns
            ));
        }
        if files.len() > 1 {
            let forms: BTreeSet<&str> = files.values().map(|file| file.format.as_str()).collect();
            let forms: Vec<&str> = forms.into_iter().collect();
            screen::note(&format!(
                "{} files ({}): {conversations} conversations, {turns} turns",
                files.len(),
                forms.join(", ")
            ));
        }
        for one in &self.first_unread {
            screen::note(&format!("not read: {one}"));
        }
        let more = unread.saturating_sub(self.first_unread.len() as u64);
        if more > 0 {
            let kept = "; all are named in unread.jsonl in the run's folder";
            screen::note(&format!("not read: {more} more{kept}"));
        }
    }

    /// Judges what no earlier run has judged, then scores and reports.
    pub(crate) fn judge(self, calls: &CallArguments) -> Result<Finished, Failure> {
        if self.observed.redaction.is_none() && self.leaves_the_machine() {
            screen::note(
                "texts go to the judge as they are; --redact takes names, numbers and addresses out first",
            );
        }
        let Self { benchmark, plan, folder, earlier, .. } = self;
        let given = calls.limits.reuse.iter().cloned();
        let reuse: Vec<PathBuf> = given.chain(earlier).collect();
        let run = PreparedRun::new(&benchmark, plan, folder.path.clone(), calls)?;
        folder.kept();
        run.execute(&benchmark, calls, &reuse)
    }

    /// Whether texts go to an endpoint that is not plainly on this machine.
    fn leaves_the_machine(&self) -> bool {
        let judge = &self.plan.manifest.judge;
        let is_remote = judge
            .name
            .model()
            .is_some_and(|id| matches!(id.as_str().parse(), Ok(ModelName::Remote(..))));
        is_remote && !judge.base_url.as_deref().is_some_and(is_this_machine)
    }
}

/// The facets by which figures are split: the usual ones that have several values, and the columns that were named.
fn split_by(named: &[String], facets: &BTreeMap<String, Values>) -> Vec<String> {
    for column in named.iter().filter(|column| !facets.contains_key(*column)) {
        screen::note(&format!("warning: no conversation has a value of `{column}`"));
    }
    let usual = USUAL.iter().filter(|facet| facets.get(**facet) == Some(&Values::Several));
    let usual = usual.map(|facet| (*facet).to_owned());
    usual.chain(named.iter().filter(|facet| !USUAL.contains(&facet.as_str())).cloned()).collect()
}

/// The benchmark with a task for the rubric: one by name, or the user's own.
fn benchmark_for(rubric: &str) -> Result<(Benchmark, TaskId), Failure> {
    let mut benchmark = Benchmark::embedded()?;
    let mut id = RubricId::new(rubric);
    if Path::new(rubric).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml")) {
        let path = Path::new(rubric);
        let text =
            fs::read_to_string(path).map_err(|error| Failure::io(path, "reading", &error))?;
        id = Rubric::parse(rubric, &text)?.file.id;
        let file = SourceFile { path: format!("rubrics/{id}.toml"), text };
        benchmark = Benchmark::with_overrides(vec![file])?;
    }
    if benchmark.rubric(&id).is_err() {
        let known: Vec<&str> = benchmark.conversation_rubrics().map(RubricId::as_str).collect();
        let otherwise = format!("rubrics of conversations: {}", known.join(", "));
        return Err(Failure::usage(format!("--rubric: no rubric `{rubric}`"))
            .with_hint(suggest::hint(rubric, known, &otherwise)));
    }
    let (task, made) = benchmark.observing(&id)?;
    Ok((made.unwrap_or(benchmark), task))
}

fn judge_record(benchmark: &Benchmark, arguments: &JudgeArguments) -> Result<JudgeRecord, Failure> {
    let address = arguments.judge_base_url.as_deref();
    models::recordable("--judge-base-url", address)?;
    if address.is_some() {
        judge::check_no_cluster(&arguments.calls)?;
    }
    let name = match &arguments.judge {
        Some(JudgeName::None) => {
            return Err(Failure::usage("without a judge there is nothing to count")
                .with_hint("name a model with --judge, or take `offline`"));
        }
        Some(named) => named,
        None => default_judge(&arguments.calls),
    };
    let requests = RequestArguments {
        judge_thinking_tokens: arguments.judge_thinking_tokens,
        judge_option: arguments.judge_option.clone(),
        ..RequestArguments::default()
    };
    judge::check_options(&[name], &requests)?;
    if address.is_some() && !matches!(name, JudgeName::Model(_)) {
        return Err(judge::without_effect());
    }
    JudgeRequest { name, address }.record(benchmark, &requests, &arguments.calls.endpoints)
}

fn request(
    task: &TaskId,
    judge: JudgeRecord,
    arguments: &JudgeArguments,
    transcripts: Transcripts,
) -> Request {
    let items = arguments.sample.map(std::num::NonZeroUsize::get);
    Request {
        subject: ModelRecord {
            id: ModelId::new(OBSERVED),
            name: arguments.name.clone(),
            base_url: None,
            asked: Asking::USUAL,
        },
        judge,
        toxicity_url: None,
        client: None,
        judge_questions: JudgeQuestions::Together,
        tasks: vec![task.clone()],
        protocol: Protocol::Corrected,
        unread_verdict: UnreadVerdict::by(Protocol::Corrected),
        seed: arguments.seed,
        data: None,
        starter: Shelf::embedded(),
        caps: Caps { items, ..Caps::default() },
        repeats: Repeats::ONCE,
        prompts_from: None,
        observed: Some(transcripts),
    }
}

/// Earlier runs on transcripts whose judge was the same, the newest first: what they judged need not be judged again.
fn earlier_runs(runs: &Path, judge: &JudgeRecord) -> Result<Vec<PathBuf>, Failure> {
    if judge.name == JudgeName::Offline || !runs.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(runs).map_err(|error| Failure::io(runs, "reading", &error))?;
    let mut found = Vec::new();
    for entry in entries {
        let folder = entry.map_err(|error| Failure::io(runs, "reading", &error))?.path();
        if !folder.join(manifest::FILE).is_file() {
            continue;
        }
        // A folder that is damaged, or of another program, serves nobody.
        let Ok(manifest) = Manifest::read(&folder) else { continue };
        if manifest.origin.observed().is_some() && same_judge(&manifest.judge, judge) {
            found.push((manifest.created, folder));
        }
    }
    found.sort_by(|(one, _), (other, _)| other.cmp(one));
    Ok(found.into_iter().map(|(_, folder)| folder).collect())
}

fn same_judge(one: &JudgeRecord, other: &JudgeRecord) -> bool {
    one.name == other.name
        && super::reuse::is_same(one.base_url.as_deref(), other.base_url.as_deref())
}
