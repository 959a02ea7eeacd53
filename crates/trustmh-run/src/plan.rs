//! Planning: which items are asked by which rules, before anything is sent.

mod chosen;
pub mod cuts;
pub mod forecast;
mod items;
mod languages;
pub mod prices;
mod recorded;
mod room;

pub use chosen::Chosen;
pub use recorded::Recorded;

use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use trustmh_core::digest::{Digest, Hashing};
use trustmh_core::id::TaskId;
use trustmh_core::item::{Item, ItemKind};
use trustmh_core::protocol::Protocol;
use trustmh_core::repeats::Repeats;
use trustmh_core::scorecard::ItemOrigin;
use trustmh_core::trial::Trial;
use trustmh_data::error::DataError;
use trustmh_data::starter::Shelf;
use trustmh_engine::benchmark::{Benchmark, TaskOrigin};
use trustmh_engine::conversation;
use trustmh_engine::error::EngineError;
use trustmh_engine::expand;
use trustmh_engine::fit;
use trustmh_engine::rules::TaskRules;

use trustmh_engine::walk::{JudgeQuestions, UnreadVerdict};

use crate::error::RunError;
use crate::manifest::materials;
use crate::manifest::{
    Caps, FORMAT, JudgeRecord, Manifest, ModelRecord, Origin, PlannedTask, fresh_id, plan_hash,
};
use crate::observed::{Observed, TRANSCRIPTS};
use items::chosen;
use languages::Languages;
use recorded::Source;
use room::{as_asked, budget, capped};

/// What a user asked for, resolved but not yet read.
#[derive(Debug, Clone)]
pub struct Request {
    /// The model under test.
    pub subject: ModelRecord,
    /// Who judges.
    pub judge: JudgeRecord,
    /// The endpoint that scores toxicity, where the judge does not.
    pub toxicity_url: Option<String>,
    /// The model that plays clients; none for the offline client.
    pub client: Option<ModelRecord>,
    /// How the judge is asked the questions of decision trees.
    pub judge_questions: JudgeQuestions,
    /// The tasks.
    pub tasks: Vec<TaskId>,
    /// By which rules.
    pub protocol: Protocol,
    /// What becomes of verdicts that cannot be read.
    pub unread_verdict: UnreadVerdict,
    /// Seed of everything drawn.
    pub seed: u64,
    /// The folder of published data; none for the starter items.
    pub data: Option<PathBuf>,
    /// The starter sets at hand.
    pub starter: Shelf,
    /// What caps the run.
    pub caps: Caps,
    /// How often each trial is asked.
    pub repeats: Repeats,
    /// An imported run whose prompts are asked instead of those of the task files.
    pub prompts_from: Option<PathBuf>,
    /// Conversations that took place, in the place of items to ask.
    pub observed: Option<Transcripts>,
}

/// Conversations that took place, as they were read into a run's folder.
#[derive(Debug, Clone)]
pub struct Transcripts {
    /// The file of conversations.
    pub path: PathBuf,
    /// What is known of them.
    pub observed: Observed,
    /// What reading put right or left out.
    pub warnings: Vec<String>,
}

/// What of a task is asked.
#[derive(Debug)]
pub enum Asked {
    /// Items, by the rules of the task file.
    Items(Chosen),
    /// Recorded prompts, as they stand.
    Recorded(Recorded),
}

impl Asked {
    /// Items, or recorded prompts.
    pub fn len(&self) -> usize {
        match self {
            Self::Items(items) => items.len(),
            Self::Recorded(recorded) => recorded.len(),
        }
    }

    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A plan: the manifest, and the items behind it.
#[derive(Debug)]
pub struct Plan {
    /// The manifest, as it is written.
    pub manifest: Manifest,
    /// What is asked, by task, capped.
    pub asked: BTreeMap<TaskId, Asked>,
}

impl Plan {
    /// Reads the items and plans the run.
    ///
    /// # Errors
    /// [`RunError`] for unknown tasks, unreadable data and items that do not fit their task.
    pub fn make(benchmark: &Benchmark, request: &Request) -> Result<Self, RunError> {
        let from = request.prompts_from.as_deref();
        let recorded = from.map(|folder| Source::open(folder, request)).transpose()?;
        let mut asked = BTreeMap::new();
        let mut tasks = BTreeMap::new();
        let mut languages = Languages::of(&request.caps.languages);
        for id in &request.tasks {
            let found = match &recorded {
                Some(source) => source
                    .asked(benchmark, id)?
                    .map(|(recorded, planned)| (Asked::Recorded(recorded), planned)),
                None => planned(benchmark, id, request, &mut languages)?,
            };
            if let Some((of_task, planned)) = found {
                tasks.insert(id.clone(), planned);
                asked.insert(id.clone(), of_task);
            }
        }
        if let (Some(path), true) = (from, tasks.is_empty()) {
            let message = "it has no prompts of the tasks that are to be asked".to_owned();
            return Err(RunError::Prompts { path: path.to_owned(), message });
        }
        let without_items = languages.checked()?;
        let created = Timestamp::now();
        let mut manifest = Manifest {
            format: FORMAT,
            id: fresh_id(&request.subject.id, created),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            benchmark: Some(benchmark.release()?),
            created,
            origin: match &request.observed {
                None => Origin::Asked,
                Some(transcripts) => Origin::Observed(Box::new(transcripts.observed.clone())),
            },
            subject: request.subject.clone(),
            judge: request.judge.clone(),
            toxicity_url: request.toxicity_url.clone(),
            client: request.client.clone(),
            judge_questions: request.judge_questions,
            protocol: request.protocol,
            unread_verdict: request.unread_verdict,
            seed: request.seed,
            caps: request.caps.clone(),
            repeats: request.repeats,
            tasks,
            without_items,
            offline_rules: benchmark.offline().version,
            prompts_from: from.zip(recorded.as_ref()).map(|(folder, source)| source.named(folder)),
            materials: materials::of(benchmark, asked.keys())?,
            repaired: None,
            plan_hash: Digest::of(&[]),
        };
        manifest.plan_hash = plan_hash(&manifest);
        Ok(Self { manifest, asked })
    }

    /// Plans a recorded run again, to go on with it.
    ///
    /// # Errors
    /// [`RunError::Imported`] for a run nobody asked, [`RunError::Changed`] if tasks or data are no
    /// longer what they were.
    pub fn again(
        benchmark: &Benchmark,
        starter: Shelf,
        manifest: Manifest,
        folder: &Path,
        data: Option<&Path>,
    ) -> Result<Self, RunError> {
        if manifest.origin.is_imported() {
            return Err(RunError::Imported { path: folder.to_owned() });
        }
        let request = Request {
            subject: manifest.subject.clone(),
            judge: manifest.judge.clone(),
            toxicity_url: manifest.toxicity_url.clone(),
            client: manifest.client.clone(),
            judge_questions: manifest.judge_questions,
            tasks: manifest.tasks.keys().cloned().collect(),
            protocol: manifest.protocol,
            unread_verdict: manifest.unread_verdict,
            seed: manifest.seed,
            data: data.map(Path::to_owned),
            starter,
            caps: manifest.caps.clone(),
            repeats: manifest.repeats,
            prompts_from: manifest.prompts_from.as_ref().map(|source| source.path.clone()),
            observed: manifest.origin.observed().map(|observed| Transcripts {
                path: folder.join(TRANSCRIPTS),
                observed: observed.clone(),
                warnings: manifest
                    .tasks
                    .values()
                    .flat_map(|task| task.source.warnings.iter().cloned())
                    .collect(),
            }),
        };
        let mut plan = Self::make(benchmark, &request)?;
        plan.manifest.without_items.clone_from(&manifest.without_items);
        for (id, was) in &manifest.tasks {
            if let Some(is) = plan.manifest.tasks.get_mut(id) {
                as_then(was, is);
                same(format!("the file of task {id}"), was.digest.as_str(), is.digest.as_str())?;
                same(
                    format!("the dataset of task {id}"),
                    was.source.dataset.as_str(),
                    is.source.dataset.as_str(),
                )?;
                for (file, hash) in &was.source.files {
                    let now = is.source.files.get(file).map_or("missing", String::as_str);
                    same(format!("the data file {file}"), hash, now)?;
                }
            }
        }
        plan.manifest.plan_hash = plan_hash(&plan.manifest);
        same(
            "the plan (prompts, rubric, offline rules or items)".to_owned(),
            manifest.plan_hash.as_str(),
            plan.manifest.plan_hash.as_str(),
        )?;
        Ok(Self { manifest, asked: plan.asked })
    }

    /// Writes the manifest into the run's folder, after the files that it names.
    ///
    /// # Errors
    /// [`RunError::Io`].
    pub fn write(&self, benchmark: &Benchmark, folder: &Path) -> Result<(), RunError> {
        materials::keep(benchmark, &self.manifest, folder)?;
        self.manifest.write(folder)
    }

    /// All trials, made one after the other as they are needed.
    pub fn trials<'p>(
        &'p self,
        benchmark: &'p Benchmark,
    ) -> impl Iterator<Item = Result<Trial, RunError>> + 'p {
        let made =
            self.asked.iter().flat_map(move |(id, asked)| -> Box<dyn Iterator<Item = _> + 'p> {
                match asked {
                    Asked::Items(items) => Box::new(items.iter().flat_map(move |item| {
                        match self.made(benchmark, id, item) {
                            Ok(trials) => trials.into_iter().map(Ok).collect::<Vec<_>>(),
                            Err(error) => vec![Err(error)],
                        }
                    })),
                    Asked::Recorded(recorded) => match benchmark.task(id) {
                        Ok(task) => Box::new(recorded.iter(task)),
                        Err(error) => Box::new(std::iter::once(Err(error.into()))),
                    },
                }
            });
        made.map(|trial| Ok(as_asked(trial?, &self.manifest)))
    }

    fn made(
        &self,
        benchmark: &Benchmark,
        task: &TaskId,
        item: Result<Cow<'_, Item>, DataError>,
    ) -> Result<Vec<Trial>, RunError> {
        let manifest = &self.manifest;
        let task = benchmark.task(task)?;
        let (protocol, budget) =
            (manifest.protocol, budget(&manifest.caps, &manifest.subject.asked));
        let rules = TaskRules::new(benchmark, task, protocol, manifest.seed);
        let trials = expand::trials(&rules, &*item?, budget)?;
        let trials = expand::rounds(trials, manifest.repeats).into_iter();
        Ok(trials.map(|trial| capped(trial, &manifest.caps)).collect())
    }

    /// Trials planned over all tasks.
    pub fn total(&self) -> u64 {
        self.manifest.tasks.values().map(|task| task.trials).sum()
    }
}

/// The items of a task and what is to be remembered of them; nothing of a task without items in the languages asked for.
fn planned(
    benchmark: &Benchmark,
    id: &TaskId,
    request: &Request,
    languages: &mut Languages,
) -> Result<Option<(Asked, PlannedTask)>, RunError> {
    let task = benchmark.task(id)?;
    let (mut kept, source) = chosen(task, request)?;
    // What is built in is checked by a test; a set of one's own in its place need not have all its facets.
    if benchmark.origin(id) != Some(TaskOrigin::BuiltIn) {
        fit::check_facets(benchmark, task, request.protocol, kept.facets())?;
    }
    let met: usize = kept.met().values().sum();
    let other_languages = (met - kept.len()) as u64;
    if languages.leave_out(id, &kept) {
        return Ok(None);
    }
    if kept.is_empty() && !task.file.dataset.select.is_empty() {
        return Err(EngineError::Misfits(vec![fit::nothing_selected(task)]).into());
    }
    let rules = TaskRules::new(benchmark, task, request.protocol, request.seed);
    cap(&rules, &request.caps, request.repeats, &mut kept)?;
    let budget = budget(&request.caps, &request.subject.asked);
    let mut trials = 0;
    // Later rounds show what the first does.
    let mut prompts = Hashing::default();
    for item in kept.iter() {
        for trial in expand::trials(&rules, item?.as_ref(), budget)? {
            trials += u64::from(request.repeats.get());
            prompts_of(&trial, &mut prompts);
        }
    }
    if task.file.items == ItemKind::Conversation {
        // What clients say and how replies are read also follows from these tables.
        for version in [benchmark.client_tables().version, benchmark.turn_rules().version] {
            prompts.add(&version.to_le_bytes());
        }
    }
    let mut rubrics = Vec::new();
    for id in rules.rule.all_rubrics() {
        rubrics.push(benchmark.rubric(id)?.digest.clone());
    }
    let planned = PlannedTask {
        version: task.file.version,
        digest: task.digest.clone(),
        prompts: prompts.end(),
        rubrics,
        source,
        trials,
        other_languages,
    };
    Ok(Some((Asked::Items(kept), planned)))
}

/// Adds what the subject is shown to the hash of a task's prompts.
pub(crate) fn prompts_of(trial: &Trial, prompts: &mut Hashing) {
    if let Some(conversation) = conversation::of(trial) {
        // What is said later follows from the item.
        prompts.add(conversation::fingerprint(conversation).as_str().as_bytes());
    }
    for message in &trial.messages {
        let digest = Digest::of(message.content.as_bytes());
        prompts.add(digest.as_str().as_bytes());
    }
}

/// Keeps what the caps allow.
fn cap(
    rules: &TaskRules<'_>,
    caps: &Caps,
    repeats: Repeats,
    items: &mut Chosen,
) -> Result<(), RunError> {
    items.cap(caps.items);
    let Some(most) = caps.trials else { return Ok(()) };
    let mut trials = 0;
    for item in items.iter() {
        trials += expand::count(rules, item?.as_ref())? * repeats.get() as usize;
    }
    let fits = (most * items.len()) / trials.max(1);
    // A metric of both sides of a task has no value where one of them is not asked.
    items.cap(Some(fits.max(items.sides())));
    Ok(())
}

/// Items of a user's own were once recorded as starter items; whose they are decides no call.
fn as_then(was: &PlannedTask, is: &mut PlannedTask) {
    if was.source.origin == ItemOrigin::Starter && is.source.origin == ItemOrigin::Own {
        is.source.origin = ItemOrigin::Starter;
    }
}

fn same(what: String, was: &str, is: &str) -> Result<(), RunError> {
    if was == is {
        return Ok(());
    }
    Err(RunError::Changed { what, was: was.to_owned(), is: is.to_owned() })
}
