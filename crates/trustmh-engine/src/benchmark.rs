//! All tasks, rubrics and templates together: embedded in the program, and overridden by a folder.

mod given;
mod materials;
mod observing;
mod release;

pub use materials::{FileOrigin, Material, TaskOrigin};
pub use release::Released;

use materials::BuiltIn;

use include_dir::{Dir, include_dir};
use std::collections::BTreeMap;
use std::sync::Arc;

use trustmh_core::codebook::{Codebook, LABELS, SCALES};
use trustmh_core::id::{DatasetId, RubricId, SchemeName, TaskId};

use crate::attack::Attacks;
use crate::conversation::ClientTables;
use crate::error::EngineError;
use crate::fit::{self, near};
use crate::identity::Identities;
use crate::judge::address::AddressRules;
use crate::judge::embedded::Heads;
use crate::judge::offline::{OfflineRules, TurnRules};
use crate::parse::label::LabelReader;
use crate::perturb::Tables;
use crate::plain::{self, PlainTable};
use crate::rubric::{Rubric, RubricTable};
use crate::task::Task;
use crate::template::Templates;

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../benchmark");

/// The file of the phrases by which replies speak to whoever scores them.
const ADDRESSES: &str = "judge-address.toml";

/// The file of the phrases by which turns of clients are told, and of the offline client's own lines.
const CLIENT: &str = "client.toml";

/// The file of the phrases by which the offline judge reads replies of conversations.
const TURNS: &str = "offline-conversation.toml";

/// The folder of what is known of judges.
const JUDGE_CARDS: &str = "judge-cards";

/// The folder of what laws and frameworks ask, which evidence packs go by.
const FRAMEWORKS: &str = "frameworks";

/// Tables that no task is made of.
const NOT_MEASURED: [&str; 7] = [
    release::FILE,
    "models.toml",
    "prices.toml",
    "published.toml",
    "redaction.toml",
    "sources.toml",
    "stigma-questions.toml",
];

/// Facets with their values; without values where the items decide.
pub type Facets = BTreeMap<String, Vec<String>>;

/// A benchmark file with the path by which the user knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Path relative to the benchmark folder, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// Everything the benchmark consists of, checked.
#[derive(Debug)]
pub struct Benchmark {
    tasks: BTreeMap<TaskId, Task>,
    rubrics: BTreeMap<RubricId, Rubric>,
    pub(crate) templates: Templates,
    pub(crate) attacks: Attacks,
    pub(crate) offline: OfflineRules,
    heads: Heads,
    addresses: AddressRules,
    client: ClientTables,
    turns: TurnRules,
    published_facets: BTreeMap<DatasetId, Facets>,
    identities: Identities,
    perturbations: BTreeMap<String, Tables>,
    /// The label schemes, ready to read replies by.
    labels: BTreeMap<SchemeName, LabelReader>,
    /// Tasks that are built in.
    built_in: BTreeMap<TaskId, BuiltIn>,
    /// What the user has put on top of what is built in.
    overrides: Vec<SourceFile>,
    /// Anchors that stand in the place of a rubric's own: the rubric, the table's path and text.
    tables: Vec<(RubricId, String, String)>,
}

impl Benchmark {
    /// The files embedded in the program.
    ///
    /// # Errors
    /// As [`Benchmark::with_overrides`].
    pub fn embedded() -> Result<Self, EngineError> {
        Self::with_overrides(Vec::new())
    }

    /// The embedded files, with `overrides` added or put in the place of files of the same path.
    ///
    /// # Errors
    /// [`EngineError`] of the first file that is malformed, breaks a rule, or names a rubric or
    /// template that is not there; [`EngineError::Misfits`] if parts of task files do not fit together.
    pub fn with_overrides(overrides: Vec<SourceFile>) -> Result<Self, EngineError> {
        let benchmark = Self::assembled(overrides)?;
        fit::check(&benchmark)?;
        Ok(benchmark)
    }

    /// The same without a look at whether the parts of task files fit together.
    fn assembled(overrides: Vec<SourceFile>) -> Result<Self, EngineError> {
        let mut files = embedded_files();
        let built_in = materials::built_in(&files)?;
        files.extend(overrides.iter().map(|file| (file.path.clone(), file.text.clone())));
        let mut tasks: BTreeMap<TaskId, Task> = BTreeMap::new();
        let mut rubrics = BTreeMap::new();
        let mut templates = Templates::default();
        let mut attacks = None;
        let mut offline = None;
        let mut heads = Heads::default();
        let mut addresses = None;
        let mut client = None;
        let mut turns = None;
        let mut identities = None;
        let mut published_facets = BTreeMap::new();
        let mut perturbations = BTreeMap::new();
        let mut codebook = Codebook::default();
        let mut plain = PlainTable::default();
        for (path, text) in &files {
            match path.split_once('/') {
                None if path == "attacks.toml" => attacks = Some(Attacks::parse(path, text)?),
                None if path == "offline-judge.toml" => {
                    offline = Some(OfflineRules::parse(path, text)?);
                }
                None if path == ADDRESSES => addresses = Some(text),
                None if path == TURNS => turns = Some(TurnRules::parse(path, text)?),
                None if path == CLIENT => client = Some(ClientTables::parse(path, text)?),
                None if path == "facets.toml" => {
                    published_facets =
                        toml::from_str(text).map_err(|error| EngineError::toml(path, &error))?;
                }
                None if path == "identities.toml" => {
                    identities = Some(Identities::parse(path, text)?);
                }
                // Words of one file do not take those of another away.
                None if path == plain::FILE => plain.extend(plain::parse(path, text)?),
                // What things cost, where they come from, and how published files are read is no part of what is measured.
                None if NOT_MEASURED.contains(&path.as_str()) => {}
                Some(("heads", _)) => heads.add(path, text)?,
                Some(("prompts", name)) => templates.add(name, text)?,
                Some(("rubrics", _)) => {
                    let rubric = Rubric::parse(path, text)?;
                    rubrics.insert(rubric.file.id.clone(), rubric);
                }
                Some(("perturbations", _)) => {
                    let tables = Tables::parse(path, text)?;
                    perturbations.insert(tables.language.clone(), tables);
                }
                Some((LABELS | SCALES, _)) => drop(codebook.add(path, text)?),
                Some(("starter" | "policies" | JUDGE_CARDS | FRAMEWORKS, _)) => {}
                _ if path.ends_with(".toml") => {
                    let task = Task::parse(path, text)?;
                    tasks.insert(task.file.id.clone(), task);
                }
                _ => {}
            }
        }
        materials::settle_suites(&mut tasks, &built_in)?;
        let labels = label_readers(&codebook)?;
        for file in overrides.iter().filter(|file| file.path == plain::FILE) {
            plain::check(&file.path, &plain::parse(&file.path, &file.text)?, &tasks)?;
        }
        let codebook = Arc::new(codebook);
        for task in tasks.values_mut() {
            task.codebook = Arc::clone(&codebook);
            task.plain = plain.remove(&task.file.id).map(Arc::new);
        }
        let missing = |file: &str| EngineError::Malformed {
            file: file.to_owned(),
            message: "is missing".to_owned(),
        };
        let fields = rubrics.values().flat_map(|rubric: &Rubric| &rubric.file.fields);
        let fields = fields.map(|field| field.name.as_str());
        let addresses = addresses.ok_or_else(|| missing(ADDRESSES))?;
        let addresses = AddressRules::parse(ADDRESSES, addresses, fields)?;
        // Those that are built in are checked by a test.
        if overrides.iter().any(|file| file.path == ADDRESSES) {
            addresses.check(ADDRESSES)?;
        }
        let benchmark = Self {
            tasks,
            rubrics,
            templates,
            attacks: attacks.ok_or_else(|| missing("attacks.toml"))?,
            offline: offline.ok_or_else(|| missing("offline-judge.toml"))?,
            heads,
            addresses,
            client: client.ok_or_else(|| missing(CLIENT))?,
            turns: turns.ok_or_else(|| missing(TURNS))?,
            published_facets,
            identities: identities.ok_or_else(|| missing("identities.toml"))?,
            perturbations,
            labels,
            built_in,
            overrides,
            tables: Vec::new(),
        };
        benchmark.check_references()?;
        Ok(benchmark)
    }

    /// All tasks in the order of the pillars.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values()
    }

    /// The task with this id.
    ///
    /// # Errors
    /// [`EngineError::UnknownTask`], listing the tasks there are.
    pub fn task(&self, id: &TaskId) -> Result<&Task, EngineError> {
        self.tasks.get(id).ok_or_else(|| EngineError::UnknownTask {
            task: id.to_string(),
            known: self.tasks.keys().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        })
    }

    /// The rubric with this id.
    ///
    /// # Errors
    /// [`EngineError::UnknownRubric`].
    pub fn rubric(&self, id: &RubricId) -> Result<&Rubric, EngineError> {
        self.rubrics.get(id).ok_or_else(|| EngineError::UnknownRubric { rubric: id.clone() })
    }

    /// All rubrics, by name.
    pub fn rubrics(&self) -> impl Iterator<Item = &Rubric> {
        self.rubrics.values()
    }

    /// The label scheme of this name, ready to read replies by.
    pub fn labels(&self, scheme: &SchemeName) -> Option<&LabelReader> {
        self.labels.get(scheme)
    }

    /// The heads of the embedded judge.
    pub fn heads(&self) -> &Heads {
        &self.heads
    }

    /// The attack transforms.
    pub fn attacks(&self) -> &Attacks {
        &self.attacks
    }

    /// The identities that are told.
    pub fn identities(&self) -> &Identities {
        &self.identities
    }

    /// What texts of a language are perturbed with; of one without tables of its own, the English ones.
    ///
    /// # Errors
    /// [`EngineError::Malformed`] if there are no English ones either.
    pub fn perturbations(&self, language: &str) -> Result<&Tables, EngineError> {
        let primary = language.split('-').next().unwrap_or(language);
        let tables = self.perturbations.get(primary).or_else(|| self.perturbations.get("en"));
        tables.ok_or_else(|| EngineError::Malformed {
            file: "perturbations/en.toml".to_owned(),
            message: "is missing".to_owned(),
        })
    }

    /// The template `name` in a language, if there is one, else the plain one.
    pub(crate) fn template_for(&self, name: &str, language: &str) -> String {
        let own = format!("{name}-{language}");
        if self.templates.has(&own) { own } else { name.to_owned() }
    }

    /// The rubric `id` in a language, if there is one, else the plain one.
    ///
    /// # Errors
    /// [`EngineError::UnknownRubric`].
    pub fn rubric_for(&self, id: &RubricId, language: &str) -> Result<&Rubric, EngineError> {
        let own = RubricId::new(format!("{id}-{language}"));
        self.rubrics.get(&own).map_or_else(|| self.rubric(id), Ok)
    }

    /// The rubric `id` and those of the same name in other languages.
    pub(crate) fn in_languages<'b>(&'b self, id: &'b RubricId) -> impl Iterator<Item = &'b Rubric> {
        self.rubrics.values().filter(move |rubric| {
            let rest = rubric.file.id.as_str().strip_prefix(id.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        })
    }

    /// Puts the anchors or questions of a table in the place of a rubric's own; which they are is told by the file's name. Of a rubric
    /// whose questions are another's, the ones in other languages go: they would ask something else.
    ///
    /// # Errors
    /// [`EngineError::UnknownRubric`], and whatever is wrong with the table.
    pub fn set_table(&mut self, id: &RubricId, path: &str, table: &str) -> Result<(), EngineError> {
        let own = self.rubric(id)?;
        let rubric = match RubricTable::of(path) {
            RubricTable::Anchors => own.with_anchors(path, table)?,
            RubricTable::Questions => {
                let questions = own.with_questions(path, table)?;
                let translated = format!("{id}-");
                self.rubrics.retain(|other, _| !other.as_str().starts_with(&translated));
                questions
            }
        };
        self.rubrics.insert(id.clone(), rubric);
        self.tables.push((id.clone(), path.to_owned(), table.to_owned()));
        Ok(())
    }

    /// The facets that items of a published set carry.
    pub fn published_facets(&self, set: &DatasetId) -> Option<&Facets> {
        self.published_facets.get(set)
    }

    /// The offline judge's rules.
    pub fn offline(&self) -> &OfflineRules {
        &self.offline
    }

    /// How the offline judge reads replies of conversations.
    pub fn turn_rules(&self) -> &TurnRules {
        &self.turns
    }

    /// How turns of clients are told, and what the offline client says.
    pub fn client_tables(&self) -> &ClientTables {
        &self.client
    }

    /// How replies are told that speak to whoever scores them.
    pub fn addresses(&self) -> &AddressRules {
        &self.addresses
    }

    /// The rubric, or why there is none and which was meant.
    fn known_rubric(&self, id: &RubricId) -> Result<&Rubric, String> {
        let meant = || meant(near(id.as_str(), self.rubrics.keys().map(RubricId::as_str)));
        self.rubric(id).map_err(|error| format!("{error}{}", meant()))
    }

    fn check_references(&self) -> Result<(), EngineError> {
        for task in self.tasks.values() {
            let rules = [
                ("reference", &task.file.protocols.reference),
                ("corrected", &task.file.protocols.corrected),
            ];
            for (name, rule) in rules {
                let broken = |field: &str, message: String| EngineError::Rule {
                    file: task.path.clone(),
                    field: format!("protocols.{name}.{field}"),
                    message,
                };
                for (field, template) in
                    [("prompt", Some(&rule.prompt)), ("reask", rule.reask.as_ref())]
                {
                    if let Some(template) = template
                        && !self.templates.has(template)
                    {
                        let meant = meant(self.templates.near(template));
                        return Err(broken(
                            field,
                            format!("no template prompts/{template}.md{meant}"),
                        ));
                    }
                }
                for id in &rule.rubrics {
                    let rubric = self.known_rubric(id).map_err(|why| broken("rubrics", why))?;
                    if rubric.file.about != task.file.scorer {
                        let message = format!("rubric `{id}` is about another scorer");
                        return Err(broken("rubrics", message));
                    }
                }
                for id in &rule.turn_rubrics {
                    self.known_rubric(id).map_err(|why| broken("turn_rubrics", why))?;
                }
                for (arm, ids) in &rule.arm_rubrics {
                    let field = format!("arm_rubrics.{arm}");
                    for id in ids {
                        let rubric = self.known_rubric(id).map_err(|why| broken(&field, why))?;
                        // What a judge is shown depends on the kind of item alone.
                        if !rubric.file.about.scorer().items.include(task.file.items) {
                            let message = format!("rubric `{id}` is about another kind of item");
                            return Err(broken(&field, message));
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// The cards of judges that are built in, as files.
pub fn judge_cards() -> impl Iterator<Item = SourceFile> {
    let files = EMBEDDED.get_dir(JUDGE_CARDS).into_iter().flat_map(Dir::files);
    let cards = files.filter(|file| file.path().extension().is_some_and(|end| end == "json"));
    cards.filter_map(|file| {
        let path = file.path().to_string_lossy().replace('\\', "/");
        Some(SourceFile { path, text: file.contents_utf8()?.to_owned() })
    })
}

fn meant(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

fn label_readers(codebook: &Codebook) -> Result<BTreeMap<SchemeName, LabelReader>, EngineError> {
    let readers = codebook.schemes().map(|scheme| {
        let reader = LabelReader::new(scheme).map_err(|(field, message)| {
            EngineError::rule(&format!("{LABELS}/{}.toml", scheme.name), field, message)
        })?;
        Ok((scheme.name.clone(), reader))
    });
    readers.collect()
}

fn embedded_files() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![&EMBEDDED];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        for file in folder.files() {
            if let Some(text) = file.contents_utf8() {
                let path = file.path().to_string_lossy().replace('\\', "/");
                files.insert(path, text.to_owned());
            }
        }
    }
    files
}
