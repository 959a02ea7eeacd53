//! What is not as it was when a study was locked, item by item in plain words.

use std::collections::{BTreeMap, BTreeSet};

use super::{Lock, LockedModel, LockedTask};
use crate::plan::prices::Price;
use crate::study::differences::differences;

impl Lock {
    /// What has changed from this lock to `now`, in plain words; nothing where the same would be asked and judged again.
    pub fn changes_to(&self, now: &Self) -> Vec<String> {
        let mut all = Vec::new();
        changed(&mut all, "trustmh", &self.program, &now.program);
        all.extend(
            differences(&self.study, &now.study)
                .into_iter()
                .map(|field| format!("study file: {field}")),
        );
        if self.study_digest != now.study_digest
            && all.iter().all(|line| !line.starts_with("study file: "))
        {
            all.push("study file: only its comments or layout".to_owned());
        }
        self.tasks(now, &mut all);
        for (path, digest) in &now.files {
            if self.files.get(path).is_some_and(|was| was != digest) && !is_task_file(path, now) {
                all.push(format!("{path}: its text has changed"));
            }
        }
        changed(&mut all, "offline rules: version", self.offline_rules, now.offline_rules);
        for (name, is) in &now.subjects {
            if let Some(was) = self.subjects.get(name) {
                models(&format!("subject {name}"), was, is, &mut all);
            }
        }
        if let (Some(was), Some(is)) = (&self.client, &now.client) {
            models("client", was, is, &mut all);
        }
        self.judges(now, &mut all);
        changed(&mut all, "price table: date", &self.prices.as_of, &now.prices.as_of);
        all
    }

    fn tasks(&self, now: &Self, all: &mut Vec<String>) {
        let ids: BTreeSet<_> = self.tasks.keys().chain(now.tasks.keys()).collect();
        let mut data: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for id in ids {
            match (self.tasks.get(id), now.tasks.get(id)) {
                (Some(was), Some(is)) => {
                    task(&id.to_string(), was, is, all);
                    let files: BTreeSet<&String> = was.data.keys().chain(is.data.keys()).collect();
                    for file in
                        files.into_iter().filter(|file| was.data.get(*file) != is.data.get(*file))
                    {
                        let what = match (was.data.get(file), is.data.get(file)) {
                            (None, _) => format!("{file} was added"),
                            (_, None) => format!("{file} is gone"),
                            _ => format!("{file} has changed"),
                        };
                        data.entry(is.dataset.clone()).or_default().insert(what);
                    }
                }
                (Some(_), None) => all.push(format!("task {id}: is not asked any more")),
                (None, _) => all.push(format!("task {id}: was not asked before")),
            }
        }
        all.extend(data.into_iter().flat_map(|(set, what)| {
            what.into_iter().map(move |what| format!("data {set}: {what}"))
        }));
    }

    fn judges(&self, now: &Self, all: &mut Vec<String>) {
        for (name, is) in &now.judges {
            let Some(was) = self.judges.get(name) else { continue };
            let who = format!("judge {name}");
            let model = |judge: &super::LockedJudge| {
                judge
                    .judge
                    .model()
                    .map_or_else(|| judge.judge.title().to_owned(), ToString::to_string)
            };
            changed(all, &format!("{who}: model"), model(was), model(is));
            changed(
                all,
                &format!("{who}: endpoint"),
                shown(was.base_url.as_ref()),
                shown(is.base_url.as_ref()),
            );
            changed(
                all,
                &format!("{who}: asked with"),
                shown(was.asked.as_ref()),
                shown(is.asked.as_ref()),
            );
            if was.card != is.card {
                all.push(format!(
                    "{who}: what is known of how far it agrees with people has changed"
                ));
            }
            prices(&who, was.price, is.price, all);
        }
    }
}

fn task(id: &str, was: &LockedTask, is: &LockedTask, all: &mut Vec<String>) {
    let before = all.len();
    changed(all, &format!("task {id}: version"), was.version, is.version);
    if was.version == is.version && was.file != is.file {
        all.push(format!("task {id}: its file has changed, its version ({}) has not", is.version));
    }
    if was.rubrics != is.rubrics {
        all.push(format!("task {id}: its rubric has changed"));
    }
    changed(all, &format!("task {id}: data set"), &was.dataset, &is.dataset);
    changed(all, &format!("data {}: records", is.dataset), was.records, is.records);
    if all.len() == before && was.data == is.data && was.prompts != is.prompts {
        all.push(format!(
            "task {id}: what is asked has changed (items that are chosen, or their prompts)"
        ));
    }
}

fn models(who: &str, was: &LockedModel, is: &LockedModel, all: &mut Vec<String>) {
    changed(all, &format!("{who}: model"), &was.model, &is.model);
    changed(
        all,
        &format!("{who}: endpoint"),
        shown(was.base_url.as_ref()),
        shown(is.base_url.as_ref()),
    );
    let asked = (was.asked.as_ref(), is.asked.as_ref());
    let digest = |model: &LockedModel| model.system.as_ref().map(|file| file.digest.clone());
    match (digest(was), digest(is)) {
        (None, Some(_)) => all.push(format!("{who}: has a system prompt now")),
        (Some(_), None) => all.push(format!("{who}: has no system prompt any more")),
        (was, is) if was != is => all.push(format!("{who}: its system prompt has changed")),
        _ => changed(all, &format!("{who}: asked with"), shown(asked.0), shown(asked.1)),
    }
    prices(who, was.price, is.price, all);
}

fn prices(who: &str, was: Option<Price>, is: Option<Price>, all: &mut Vec<String>) {
    let words = |price: Option<Price>| {
        price.map_or_else(
            || "unknown".to_owned(),
            |price| format!("${} and ${} a million tokens", price.prompt, price.reply),
        )
    };
    if was != is {
        all.push(format!("{who}: price {} -> {}", words(was), words(is)));
    }
}

fn is_task_file(path: &str, lock: &Lock) -> bool {
    lock.tasks.keys().any(|id| path == format!("{id}.toml"))
}

fn shown(text: Option<&String>) -> String {
    text.map_or_else(|| "nothing given".to_owned(), Clone::clone)
}

fn changed<T: PartialEq + std::fmt::Display>(all: &mut Vec<String>, what: &str, was: T, is: T) {
    if was != is {
        all.push(format!("{what} {was} -> {is}"));
    }
}
