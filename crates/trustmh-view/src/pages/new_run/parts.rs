//! The parts of the form: model, tasks, data, judge, limits.

use maud::{Markup, html};
use std::collections::BTreeMap;

use trustmh_core::id::SuiteId;
use trustmh_core::pillar::Pillar;

use crate::pages::Site;
use crate::starting::{Offers, Profile, Typed};

/// The items of a task in a standard run, in words.
fn extent(profile: Profile) -> String {
    match profile {
        Profile::Quick => {
            "Quick: 8 items and about 10 trials of each task, replies of 80 tokens".to_owned()
        }
        Profile::Standard => {
            format!("Standard: up to {} items of each task", crate::starting::STANDARD_ITEMS)
        }
        Profile::Full => "Full: everything".to_owned(),
    }
}

pub(super) fn model(typed: &Typed, offers: &Offers) -> Markup {
    html! {
        fieldset {
            legend { "Model" }
            label.field { span { "Name" }
                input #subject name="subject" value=(typed.one("subject")) required maxlength="300" list="models" autocomplete="off"
                    spellcheck="false" autocapitalize="none" placeholder="openai/gpt-4.1-mini";
            }
            datalist #models { @for name in &offers.models { option value=(name) {} } }
            label.field { span { "Address " span.small { "(empty for the service's own)" } }
                input #base-url name="base-url" value=(typed.one("base-url")) maxlength="300" inputmode="url" autocomplete="off"
                    spellcheck="false" placeholder="http://127.0.0.1:8000/v1";
            }
            p.small { "Keys are read from the environment of the viewer. They are never typed in and never shown." }
            p { button type="submit" name="do" value="test" formnovalidate .quiet { "Test the model with one call" } }
        }
    }
}

pub(super) fn tasks(site: &Site<'_>, typed: &Typed) -> Markup {
    let benchmark = &site.viewer.benchmark;
    let mut suites: BTreeMap<&SuiteId, u64> = BTreeMap::new();
    for task in benchmark.tasks() {
        *suites.entry(&task.suite).or_default() += 1;
    }
    let usual = suites.get(&SuiteId::trustmh_bench()).copied().unwrap_or_default();
    // Conversations that took place are not asked.
    suites.retain(|suite, _| !suite.is_trustmh_bench() && **suite != SuiteId::observed());
    let mut singly: BTreeMap<Pillar, Vec<(String, &str)>> = BTreeMap::new();
    for task in benchmark.tasks().filter(|task| task.suite != SuiteId::observed()) {
        let (id, title) = (task.file.id.to_string(), task.file.title.as_str());
        singly.entry(task.file.id.pillar()).or_default().push((id, title));
    }
    let profile = Profile::ALL.into_iter().find(|one| one.word() == typed.one("profile"));
    let profile = profile.unwrap_or(Profile::Quick);
    let ticks = |name: &str| typed.has("task", name);
    let any = singly.values().flatten().any(|(id, _)| ticks(id));
    html! {
        fieldset {
            legend { "Tasks" }
            div role="radiogroup" aria-label="How much of each task" { @for one in Profile::ALL {
                label.choice { input type="radio" name="profile" value=(one.word()) checked[one == profile]; " " (extent(one)) }
            } }
            p.small { "Tick what is to be asked. With nothing ticked, all " (usual) " tasks of TrustMH-Bench are." }
            div.ticks role="group" aria-label="Pillars" { @for pillar in Pillar::ALL { (tick(pillar.slug(), pillar.title(), ticks(pillar.slug()))) } }
            @if !suites.is_empty() {
                p.small { "Beside the benchmark:" }
                div.ticks role="group" aria-label="Suites" { @for (suite, count) in &suites {
                    (tick(suite.as_str(), &format!("{} ({count})", suite.heading()), ticks(suite.as_str())))
                } }
            }
            details open[any] {
                summary { "Single tasks" }
                @for (pillar, tasks) in &singly {
                    p.small { (pillar.title()) }
                    div.ticks role="group" aria-label=(pillar.title()) { @for (id, title) in tasks { (tick(id, title, ticks(id))) } }
                }
            }
        }
    }
}

fn tick(value: &str, title: &str, ticked: bool) -> Markup {
    html! { label.choice { input type="checkbox" name="task" value=(value) checked[ticked]; " " (title) } }
}

pub(super) fn data(typed: &Typed, offers: &Offers) -> Markup {
    let chosen = typed.one("data");
    let starter = !offers.data.iter().any(|folder| folder.path.to_string_lossy() == chosen);
    html! {
        fieldset {
            legend { "Data" }
            label.choice { input type="radio" name="data" value="starter" checked[starter]; " Starter items: the project's own, built in" }
            @for folder in &offers.data {
                @let path = folder.path.to_string_lossy();
                label.choice { input type="radio" name="data" value=(path) checked[path == chosen]; " " code { (path) } }
                @if folder.sets.is_empty() { p.small { "It holds no published set." } }
                @else {
                    ul.sets { @for set in &folder.sets { li {
                        @if set.files == set.of { span.there aria-hidden="true" { "✓" } " " (set.id) }
                        @else { span aria-hidden="true" { "–" } " " (set.id) " (" (set.files) " of " (set.of) " files)" }
                    } } }
                }
            }
            p.small { "Published sets are fetched with " code { "trustmh data fetch" } "; start the viewer with " code { "--data DIR" } " to offer another folder." }
        }
    }
}

pub(super) fn judge(typed: &Typed) -> Markup {
    let known = [
        ("usual", "As usual: the embedded judge where its weights are, else offline rules"),
        ("embedded", "Embedded: a small model in this program"),
        ("offline", "Offline: phrase rules"),
        ("none", "None: only what needs no judge is scored"),
        ("model", "A model:"),
    ];
    let chosen = known.iter().map(|(word, _)| *word).find(|word| *word == typed.one("judge"));
    let chosen = chosen.unwrap_or("usual");
    html! {
        fieldset {
            legend { "Judge" }
            div role="radiogroup" aria-label="Who judges" { @for (word, title) in known {
                label.choice { input type="radio" name="judge" value=(word) checked[word == chosen]; " " (title) }
            } }
            label.field { span { "Model that judges" }
                input #judge-model name="judge-model" value=(typed.one("judge-model")) maxlength="300" list="models" autocomplete="off"
                    spellcheck="false" autocapitalize="none";
            }
            label.field { span { "Its address " span.small { "(empty for the service's own)" } }
                input #judge-base-url name="judge-base-url" value=(typed.one("judge-base-url")) maxlength="300" inputmode="url" autocomplete="off" spellcheck="false";
            }
            label.choice { input type="checkbox" name="allow-self-judge" value="yes" checked[typed.has("allow-self-judge", "yes")];
                " Let the model judge itself; every report will say so" }
        }
    }
}

pub(super) fn limits(typed: &Typed, offers: &Offers) -> Markup {
    let seed = offers.seed.to_string();
    html! {
        fieldset {
            legend { "Limits" }
            div.numbers {
                (budget(typed))
                (number(typed, "items", "Items of each task, at most", "1", None))
                (number(typed, "repeats", "Times each trial is asked", "1", Some("1")))
                (number(typed, "seed", "Seed", "0", Some(&seed)))
            }
        }
    }
}

/// The limits that a run is resumed under, too.
pub(in crate::pages) fn budget(typed: &Typed) -> Markup {
    html! {
        label.field { span { "US dollars, at most" }
            input #max-cost name="max-cost" value=(typed.one("max-cost")) type="number" min="0.01" step="0.01" inputmode="decimal";
        }
        (number(typed, "max-calls", "Calls, at most", "1", None))
        (number(typed, "rpm", "Calls a minute, at most", "1", None))
    }
}

fn number(typed: &Typed, name: &str, title: &str, least: &str, usual: Option<&str>) -> Markup {
    html! {
        label.field { span { (title) }
            input id=(name) name=(name) value=(typed.one(name)) type="number" min=(least) step="1" inputmode="numeric" placeholder=[usual];
        }
    }
}
