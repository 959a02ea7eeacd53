//! Fields of a form, one by one: what each may hold, and what is said of anything else.

use std::collections::BTreeSet;

use axum::http::Uri;

use trustmh_core::pillar::Pillar;
use trustmh_engine::benchmark::Benchmark;

use super::{Data, Fault, JudgeChoice, SelfJudging, Typed};
use crate::starting::program::Offers;

/// Longer names and addresses are none.
const LONGEST: usize = 300;

pub(super) fn keep<T>(read: Result<T, Fault>, faults: &mut Vec<Fault>) -> Option<T> {
    read.map_err(|fault| faults.push(fault)).ok()
}

/// A whole number from 1.
pub(super) fn whole(
    typed: &Typed,
    field: &'static str,
    what: &str,
    most: u64,
    faults: &mut Vec<Fault>,
) -> Option<u64> {
    let text = typed.given(field)?;
    match text.parse::<u64>() {
        Ok(number) if (1..=most).contains(&number) => Some(number),
        Ok(_) | Err(_) => {
            let upper =
                if most < u64::from(u32::MAX) { format!(" to {most}") } else { String::new() };
            faults.push(Fault::new(field, format!("{what} is a whole number from 1{upper}.")));
            None
        }
    }
}

/// A name of a model: of a service that is known, a script, a model in this process, or a short name. Programs (`command:`) and
/// recorded runs (`replay:`) are for the command line: pages start nothing else on this machine and name no paths.
pub(super) fn model(typed: &Typed, field: &'static str, offers: &Offers) -> Result<String, Fault> {
    let name = typed.one(field);
    let what = if field == "subject" { "the model" } else { "the judge" };
    if name.is_empty() {
        return Err(Fault::new(field, format!("Name {what}, for example openai/gpt-4.1-mini.")));
    }
    let fits = |sign: char| sign.is_ascii_alphanumeric() || "-_.:/@+".contains(sign);
    let begins_well = name.starts_with(|sign: char| sign.is_ascii_alphanumeric());
    if name.len() > LONGEST || !begins_well || !name.chars().all(fits) {
        let why =
            "The name of a model begins with a letter or digit and has no signs but - _ . : / @ +.";
        return Err(Fault::new(field, why));
    }
    match name.split_once('/') {
        Some((prefix, _)) if offers.prefixes.iter().any(|known| known == prefix) => {}
        Some((prefix, _)) => {
            let known = offers.prefixes.join(", ");
            let why = format!(
                "No models are known as {prefix}/…; before the slash stands one of {known}."
            );
            return Err(Fault::new(field, why));
        }
        None if name.contains(':') => {
            let why = "Programs (command:) and recorded runs (replay:) are asked from the command line only.";
            return Err(Fault::new(field, why));
        }
        None => {}
    }
    Ok(name.to_owned())
}

/// An address of a service. It is recorded with the run and may be shown, so it carries no credential; and nothing of the
/// environment is put into it, as the command line may do.
pub(super) fn address(typed: &Typed, field: &'static str) -> Result<Option<String>, Fault> {
    let Some(text) = typed.given(field) else { return Ok(None) };
    let plain = text.len() <= LONGEST
        && text.chars().all(|sign| sign.is_ascii_graphic() && !"$,\"'<>`\\{}|^".contains(sign));
    let read = text.parse::<Uri>().ok().filter(|_| plain);
    let Some(address) = read.filter(|read| read.host().is_some_and(|host| !host.is_empty())) else {
        return Err(Fault::new(field, "The address is not one, such as http://127.0.0.1:8000/v1."));
    };
    if !["http", "https"].contains(&address.scheme_str().unwrap_or_default()) {
        return Err(Fault::new(field, "The address begins with http:// or https://."));
    }
    let named = address.authority().is_some_and(|authority| authority.as_str().contains('@'));
    if named || address.query().is_some() || text.contains('#') {
        let why = "The address has no user, password, query or fragment; keys are read from the environment.";
        return Err(Fault::new(field, why));
    }
    Ok(Some(text.to_owned()))
}

pub(super) fn tasks(typed: &Typed, benchmark: &Benchmark, faults: &mut Vec<Fault>) -> Vec<String> {
    let mut known: BTreeSet<String> = Pillar::ALL.map(|pillar| pillar.slug().to_owned()).into();
    for task in benchmark.tasks() {
        known.insert(task.suite.to_string());
        known.insert(task.file.id.to_string());
    }
    let mut chosen: Vec<String> = Vec::new();
    for name in typed.all("task").filter(|name| !name.is_empty()) {
        if !known.contains(name) {
            faults.push(Fault::new("task", "There is no such task, pillar or suite."));
            return Vec::new();
        }
        if !chosen.iter().any(|one| one == name) {
            chosen.push(name.to_owned());
        }
    }
    chosen
}

/// One of the folders that are offered: no path that was typed is ever opened.
pub(super) fn data(typed: &Typed, offers: &Offers) -> Result<Data, Fault> {
    match typed.one("data") {
        "" | "starter" => Ok(Data::Starter),
        path => {
            let known = offers.data.iter().map(|folder| folder.path.to_string_lossy());
            let mut found = known.filter(|folder| folder == path);
            let why =
                "That data folder is not offered; start the viewer with --data DIR to use another.";
            found
                .next()
                .map(|folder| Data::Folder(folder.into_owned()))
                .ok_or_else(|| Fault::new("data", why))
        }
    }
}

pub(super) fn judge(typed: &Typed, offers: &Offers, faults: &mut Vec<Fault>) -> JudgeChoice {
    match typed.one("judge") {
        "" | "usual" => JudgeChoice::Usual,
        "offline" => JudgeChoice::Offline,
        "embedded" => JudgeChoice::Embedded,
        "none" => JudgeChoice::Nobody,
        "model" => {
            let allowed = typed.has("allow-self-judge", "yes");
            JudgeChoice::Model {
                name: keep(model(typed, "judge-model", offers), faults).unwrap_or_default(),
                base_url: keep(address(typed, "judge-base-url"), faults).flatten(),
                self_judging: if allowed { SelfJudging::Allowed } else { SelfJudging::Refused },
            }
        }
        _ => {
            faults.push(Fault::new("judge", "The judge is one of those offered."));
            JudgeChoice::Usual
        }
    }
}
