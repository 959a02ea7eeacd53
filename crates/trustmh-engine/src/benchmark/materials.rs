//! Which files a task is made of, and which of them are the benchmark's own.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use trustmh_core::digest::Digest;
use trustmh_core::id::{SuiteId, TaskId};
use trustmh_core::item::ItemKind;
use trustmh_core::protocol::Protocol;

use super::{Benchmark, EMBEDDED, SourceFile};
use crate::block;
use crate::conversation;
use crate::error::EngineError;
use crate::judge::talk;
use crate::kind;
use crate::task::Task;
use crate::template::is_language;

/// Whose a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaskOrigin {
    /// The benchmark's, as it is built in.
    BuiltIn,
    /// Under the name of one that is built in, but by another file.
    Changed,
    /// The user's own.
    Own,
}

/// Whose a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileOrigin {
    /// Built into this program.
    BuiltIn,
    /// The user's: new, or other than the one that is built in.
    Own,
}

/// A file that decides how tasks are asked and scored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Material {
    /// The file.
    pub file: SourceFile,
    /// Whose it is.
    pub origin: FileOrigin,
}

/// Tables that all tasks share; they are a task's materials only where a user has put others in their place.
const SHARED: [&str; 6] = [
    "attacks.toml",
    "client.toml",
    "identities.toml",
    "judge-address.toml",
    "offline-conversation.toml",
    "offline-judge.toml",
];

impl Benchmark {
    /// Whose the task is; none if there is no such task.
    pub fn origin(&self, id: &TaskId) -> Option<TaskOrigin> {
        let task = self.tasks.get(id)?;
        Some(match self.built_in.get(id) {
            Some(built_in) if built_in.digest == task.digest => TaskOrigin::BuiltIn,
            Some(_) => TaskOrigin::Changed,
            None => TaskOrigin::Own,
        })
    }

    /// The tasks that are built in, whatever files are on top of them.
    pub fn built_in(&self) -> impl Iterator<Item = &TaskId> {
        self.built_in.keys()
    }

    /// Those of them that make up the pillars.
    pub fn of_pillars(&self) -> impl Iterator<Item = &TaskId> {
        let tasks = self.built_in.iter().filter(|(_, built_in)| built_in.suite.is_trustmh_bench());
        tasks.map(|(id, _)| id)
    }

    /// The task file, prompts and rubrics of the tasks `ids` under either protocol and in every language, those of the judge among
    /// them, and the user's own tables that all tasks share. No items.
    ///
    /// # Errors
    /// [`EngineError::UnknownTask`], [`EngineError::UnknownRubric`].
    pub fn materials<'i>(
        &self,
        ids: impl IntoIterator<Item = &'i TaskId>,
    ) -> Result<Vec<Material>, EngineError> {
        let mut paths: BTreeSet<String> = BTreeSet::new();
        let mut folders = vec!["perturbations"];
        for id in ids {
            let task = self.task(id)?;
            paths.insert(task.path.clone());
            // Items name their scheme or scale; the task file does not say which.
            folders.extend(kind::facts(task.file.items).codebook);
            for protocol in Protocol::ALL {
                let rule = task.rule(protocol);
                let mut templates: Vec<&str> = vec![&rule.prompt];
                templates.extend(rule.reask.as_deref());
                let context = block::template_of(task.file.items);
                if task.file.items == ItemKind::Conversation {
                    templates.extend(conversation::TEMPLATES.map(|(name, _)| name));
                }
                if rule.all_rubrics().next().is_some() {
                    templates.push(context.as_str());
                    if task.file.items == ItemKind::Conversation {
                        templates.extend(talk::TEMPLATES.map(|(name, _)| name));
                    } else {
                        templates.extend(["judge", "reask-verdict"]);
                    }
                }
                for name in templates {
                    paths.extend(self.variants(&format!("prompts/{name}"), ".md"));
                }
                for rubric in rule.all_rubrics() {
                    paths.insert(self.rubric(rubric)?.path.clone());
                    paths.extend(self.in_languages(rubric).map(|other| other.path.clone()));
                }
            }
        }
        let own_tables = self.overrides.iter().map(|file| file.path.as_str());
        let own_tables = own_tables
            .filter(|path| {
                let folder = path.split_once('/').map(|(folder, _)| folder);
                SHARED.contains(path) || folder.is_some_and(|folder| folders.contains(&folder))
            })
            .map(str::to_owned);
        paths.extend(own_tables);
        Ok(paths.into_iter().filter_map(|path| self.material(path)).collect())
    }

    /// The same benchmark with files that a run has kept: below those that the user has put on top, above those that are built in.
    /// They were checked when the run was made, by the rules of that time.
    ///
    /// # Errors
    /// As [`Benchmark::with_overrides`].
    pub fn with_kept(&self, kept: Vec<SourceFile>) -> Result<Self, EngineError> {
        let mut benchmark =
            Self::assembled(kept.into_iter().chain(self.overrides.clone()).collect())?;
        for (rubric, path, table) in &self.tables {
            benchmark.set_table(rubric, path, table)?;
        }
        Ok(benchmark)
    }

    /// Whether the user has put a file of this path on top of what is built in.
    pub fn overrides(&self, path: &str) -> bool {
        self.overrides.iter().any(|file| file.path == path)
    }

    /// The text of a file that the user has put on top, where it is another than the one that is built in.
    pub fn own_file(&self, path: &str) -> Option<&str> {
        let own = self.overrides.iter().rev().find(|file| file.path == path)?;
        (embedded(path) != Some(own.text.as_str())).then_some(own.text.as_str())
    }

    /// The file `stem` + `ending`, and those in other languages.
    fn variants(&self, stem: &str, ending: &str) -> Vec<String> {
        let is_variant = |path: &str| {
            let rest = path.strip_prefix(stem).and_then(|rest| rest.strip_suffix(ending));
            rest.is_some_and(|rest| rest.is_empty() || is_language(rest))
        };
        let own = self.overrides.iter().map(|file| file.path.clone());
        let folder = EMBEDDED.get_dir("prompts").into_iter().flat_map(|folder| folder.files());
        let built_in = folder.map(|file| file.path().to_string_lossy().replace('\\', "/"));
        own.chain(built_in).filter(|path| is_variant(path)).collect()
    }

    fn material(&self, path: String) -> Option<Material> {
        let built_in = embedded(&path);
        let own = self.overrides.iter().rev().find(|file| file.path == path);
        let text = own.map(|file| file.text.as_str()).or(built_in)?;
        let origin = if built_in == Some(text) { FileOrigin::BuiltIn } else { FileOrigin::Own };
        Some(Material { file: SourceFile { text: text.to_owned(), path }, origin })
    }
}

fn embedded(path: &str) -> Option<&'static str> {
    EMBEDDED.get_file(path)?.contents_utf8()
}

/// What is known of a task that is built in, without a look at what the user has put in its place.
#[derive(Debug)]
pub(super) struct BuiltIn {
    /// The hash of its file.
    digest: Digest,
    /// The suite that its file names, or that of the benchmark.
    suite: SuiteId,
}

/// What a task's file says of its suite.
#[derive(Deserialize)]
struct Membership {
    suite: Option<SuiteId>,
}

/// The tasks that are built in, whose files are named like them.
///
/// # Errors
/// [`EngineError::Malformed`].
pub(super) fn built_in(
    files: &BTreeMap<String, String>,
) -> Result<BTreeMap<TaskId, BuiltIn>, EngineError> {
    let mut tasks = BTreeMap::new();
    for (path, text) in files {
        let id = path.strip_suffix(".toml").and_then(|id| id.parse::<TaskId>().ok());
        let Some(id) = id else { continue };
        let Membership { suite } =
            toml::from_str(text).map_err(|error| EngineError::toml(path, &error))?;
        let suite = suite.unwrap_or_else(SuiteId::trustmh_bench);
        tasks.insert(id, BuiltIn { digest: Digest::of(text.as_bytes()), suite });
    }
    Ok(tasks)
}

/// Resolves to which suite each task belongs.
///
/// # Errors
/// [`EngineError::Rule`] for a task that claims to be of the benchmark and is not built in.
pub(super) fn settle_suites(
    tasks: &mut BTreeMap<TaskId, Task>,
    built_in: &BTreeMap<TaskId, BuiltIn>,
) -> Result<(), EngineError> {
    for (id, task) in tasks {
        let own = task.file.suite.clone();
        let is_built_in = built_in.contains_key(id);
        if !is_built_in && own.as_ref().is_some_and(SuiteId::is_trustmh_bench) {
            let message =
                "only tasks that are built in belong to it; leave `suite` out, or name another";
            return Err(EngineError::rule(&task.path, "suite", message.to_owned()));
        }
        let usual = if is_built_in { SuiteId::trustmh_bench } else { SuiteId::own };
        task.suite = own.unwrap_or_else(usual);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(path: &str, text: &str) -> SourceFile {
        SourceFile { path: path.to_owned(), text: text.to_owned() }
    }

    fn paths(materials: &[Material], origin: FileOrigin) -> Vec<&str> {
        let of_origin = materials.iter().filter(|material| material.origin == origin);
        of_origin.map(|material| material.file.path.as_str()).collect()
    }

    #[test]
    fn built_in_tasks_are_in_files_of_their_name() {
        let benchmark = Benchmark::embedded().unwrap();
        let of_files: Vec<&TaskId> = benchmark.built_in().collect();
        let read: Vec<&TaskId> = benchmark.tasks().map(|task| &task.file.id).collect();
        assert_eq!(of_files, read);
        assert!(read.iter().all(|id| benchmark.origin(id) == Some(TaskOrigin::BuiltIn)));
    }

    #[test]
    fn a_task_has_its_file_prompts_and_rubrics_in_every_language_and_no_items() {
        let benchmark = Benchmark::embedded().unwrap();
        let id: TaskId = "reliability/intervention".parse().unwrap();
        let materials = benchmark.materials([&id]).unwrap();
        let found = paths(&materials, FileOrigin::BuiltIn);
        assert_eq!(found.len(), materials.len());
        for path in [
            "reliability/intervention.toml",
            "prompts/reliability-counselling.md",
            "prompts/reliability-counselling-zh.md",
            "prompts/reliability-counselling-chat.md",
            "prompts/reliability-counselling-chat-zh.md",
            "prompts/judge.md",
            "prompts/judge-zh.md",
            "rubrics/counselling.toml",
            "rubrics/counselling-zh.toml",
        ] {
            assert!(found.contains(&path), "{path} is not in {found:?}");
        }
        assert!(!found.iter().any(|path| path.starts_with("starter/")), "{found:?}");
        assert!(!found.contains(&"prompts/safety-jailbreak.md"));
        // That is of another template, not of one in another language.
        assert!(!found.contains(&"prompts/judge-turn.md"));
    }

    #[test]
    fn files_of_the_user_are_told_from_those_built_in() {
        let jailbreak = embedded("safety/jailbreak.toml").unwrap();
        let mine = jailbreak.replace("id = \"safety/jailbreak\"", "id = \"safety/mine\"");
        let other = format!("{jailbreak}\n# another\n");
        let benchmark = Benchmark::with_overrides(vec![
            own("safety/mine.toml", &mine),
            own("safety/jailbreak.toml", &other),
            own("prompts/sycophancy.md", embedded("prompts/sycophancy.md").unwrap()),
        ])
        .unwrap();
        let origin = |id: &str| benchmark.origin(&id.parse().unwrap());
        assert_eq!(origin("safety/mine"), Some(TaskOrigin::Own));
        assert_eq!(origin("safety/jailbreak"), Some(TaskOrigin::Changed));
        assert_eq!(origin("sycophancy/pas"), Some(TaskOrigin::BuiltIn));
        assert_eq!(origin("safety/none"), None);
        assert!(!benchmark.built_in().any(|id| id.name() == "mine"));
        let ids: [TaskId; 2] = ["safety/mine", "sycophancy/pas"].map(|id| id.parse().unwrap());
        let materials = benchmark.materials(&ids).unwrap();
        assert_eq!(paths(&materials, FileOrigin::Own), ["safety/mine.toml"]);

        let kept = vec![own("safety/mine.toml", &mine)];
        let again = Benchmark::embedded().unwrap().with_kept(kept).unwrap();
        assert!(again.task(&ids[0]).is_ok());
        // What the user puts on top comes before what a run has kept.
        let newer = format!("{mine}\n# newer\n");
        let on_top = Benchmark::with_overrides(vec![own("safety/mine.toml", &newer)]).unwrap();
        let again = on_top.with_kept(vec![own("safety/mine.toml", &mine)]).unwrap();
        assert_eq!(again.task(&ids[0]).unwrap().digest, Digest::of(newer.as_bytes()));
    }

    #[test]
    fn a_task_is_of_the_suite_it_names_or_of_its_origins() {
        let jailbreak = embedded("safety/jailbreak.toml").unwrap();
        let mine = jailbreak.replace("id = \"safety/jailbreak\"", "id = \"safety/mine\"");
        let of = |suite: &str| {
            let text = mine.replacen("version =", &format!("{suite}version ="), 1);
            let benchmark = Benchmark::with_overrides(vec![own("safety/mine.toml", &text)]);
            benchmark
                .map(|found| found.task(&"safety/mine".parse().unwrap()).unwrap().suite.clone())
        };
        assert_eq!(of("").unwrap(), SuiteId::own());
        assert_eq!(of("suite = \"ward-7\"\n").unwrap().heading(), "Suite ward-7");
        for claimed in ["trustmh-bench", "all", "crisis", "Ward 7", ""] {
            let fault = of(&format!("suite = \"{claimed}\"\n")).unwrap_err().to_string();
            assert!(fault.contains("`suite`"), "{fault}");
        }
        let benchmark = Benchmark::embedded().unwrap();
        let of_pillars: Vec<&TaskId> = benchmark.of_pillars().collect();
        assert_eq!(of_pillars.len(), 19);
        let others: Vec<&TaskId> =
            benchmark.built_in().filter(|id| !of_pillars.contains(id)).collect();
        assert!(!others.is_empty());
        for id in others {
            assert!(benchmark.task(id).unwrap().suite.is_asked_by_name(), "{id}");
        }
    }
}
