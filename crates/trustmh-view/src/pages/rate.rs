//! Blind rating of replies by people: no model, no verdict and nobody else's rating in sight.

use maud::{Markup, html};
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};
use std::sync::PoisonError;

use trustmh_core::call::Exchange;
use trustmh_core::digest::Digest;
use trustmh_core::id::{RubricId, TrialId};
use trustmh_engine::judge::{Block, context};
use trustmh_engine::rubric::{Field, Rubric};
use trustmh_engine::walk::{JudgeRule, Walk};
use trustmh_run::derived::annotations::{self, Annotation};
use trustmh_run::journal::Recorded;

use super::trial::{find, last_reply, said};
use super::{Site, talk};
use crate::error::ViewError;
use crate::index::Filter;
use crate::runs::Opened;
use crate::viewer::{Ratings, Sample};

/// Names of people are short, and no more than letters and digits.
const NAME: usize = 40;

/// Who rates which task.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    task: String,
    annotator: String,
}

/// The next reply that this person has not rated, in an order of their own.
pub(crate) fn rate(site: &Site<'_>, run: &str, asked: &Asked) -> Result<String, ViewError> {
    may_write(site)?;
    let opened = site.open(run)?;
    let annotator = asked.annotator.trim();
    if annotator.is_empty() {
        return Ok(site.page("Rate replies", &who(asked)));
    }
    check_name(annotator)?;
    let done: HashSet<String> = annotations::read(&opened.folder)?
        .into_iter()
        .filter(|one| one.annotator == annotator)
        .map(|one| one.trial.to_string())
        .collect();
    let filter =
        Filter { task: asked.task.clone(), outcome: "scored".to_owned(), ..Filter::default() };
    let mut names = opened.index.lock().unwrap_or_else(PoisonError::into_inner).names(&filter)?;
    // There is nothing left to rate.
    names.retain(|name| !opened.trials.is_forgotten(name));
    draw(&mut names, site.viewer.sample, opened.manifest.seed);
    names.sort_by_key(|name| Digest::half(&format!("{annotator}\n{name}")));
    let (total, rated) = (names.len(), names.iter().filter(|name| done.contains(*name)).count());
    let next = names.into_iter().find(|name| !done.contains(name));
    let body = match next {
        None => {
            html! { main { h1 { "All rated" } p role="status" { (rated) " of " (total) " replies are rated. Thank you." }
            p { a href=(site.of_run(&opened.name, "/agreement", &[("task", &asked.task)])) { "How people and the judge agree" } } } }
        }
        Some(name) => {
            let recorded = find(&opened, &name)?;
            let rubric = rubric_of(site, &opened, &recorded)?;
            form(site, &opened, asked, &recorded, rubric, [rated, total])?
        }
    };
    Ok(site.page("Rate replies", &body))
}

/// Keeps the names that the sample takes: those whose digests with the seed are least, whatever else is there.
fn draw(names: &mut Vec<String>, sample: Sample, seed_of_run: u64) {
    let Sample::Of { count, seed } = sample else { return };
    let seed = seed.unwrap_or(seed_of_run);
    names.sort_by_key(|name| Digest::half(&format!("sample {seed}\n{name}")));
    names.truncate(count);
}

fn may_write(site: &Site<'_>) -> Result<(), ViewError> {
    match site.viewer.ratings {
        Ratings::Taken => Ok(()),
        Ratings::ReadOnly => Err(ViewError::Form(
            "ratings are not taken here; start with: trustmh view --annotate".to_owned(),
        )),
    }
}

fn check_name(name: &str) -> Result<(), ViewError> {
    let fits = name.chars().count() <= NAME
        && name.chars().all(|c| c.is_alphanumeric() || "-_. ".contains(c));
    if fits {
        Ok(())
    } else {
        Err(ViewError::Form(format!(
            "a name has at most {NAME} letters, digits, blanks, dots and dashes"
        )))
    }
}

fn who(asked: &Asked) -> Markup {
    html! {
        main {
            h1 { "Rate replies to " code { (asked.task) } }
            p { "You see each reply alone: not which model wrote it, not what a judge said, not what others said. Use initials or a "
                "pseudonym; it is written into the file beside the run. Stop whenever you want: you go on where you were." }
            form method="get" {
                input type="hidden" name="task" value=(asked.task);
                label { "Your initials or pseudonym" input name="annotator" required maxlength=(NAME) autofocus; }
                button type="submit" { "Begin" }
            }
        }
    }
}

fn rubric_of<'s>(
    site: &'s Site<'_>,
    opened: &'s Opened,
    recorded: &Recorded,
) -> Result<&'s Rubric, ViewError> {
    let walk = walk(site, opened, recorded)?;
    let rubrics = walk.rules.rubrics(&recorded.trial)?;
    let task = &recorded.trial.task;
    rubrics.first().copied().ok_or_else(|| {
        ViewError::Form(match walk.rules.rule.turn_rubrics.is_empty() {
            true => format!("{task} is not judged: it has no rubric to rate by"),
            false => format!(
                "{task} is judged reply by reply, and people rate conversations as a whole: it has no rubric for that"
            ),
        })
    })
}

fn walk<'s>(
    site: &'s Site<'_>,
    opened: &'s Opened,
    recorded: &Recorded,
) -> Result<Walk<'s>, ViewError> {
    let own =
        opened.manifest.walk(opened.benchmark(&site.viewer.benchmark), &recorded.trial.task)?;
    Ok(own.scored_by(own.rules.protocol, JudgeRule::Model))
}

fn form(
    site: &Site<'_>,
    opened: &Opened,
    asked: &Asked,
    recorded: &Recorded,
    rubric: &Rubric,
    [rated, total]: [usize; 2],
) -> Result<Markup, ViewError> {
    let walk = walk(site, opened, recorded)?;
    let blocks: Vec<Block> = context(&walk.rules, rubric, &recorded.trial)
        .map_err(|error| ViewError::Form(error.to_string()))?;
    let is_talk = talk::is_one(recorded);
    Ok(html! {
        main {
            h1 { @if is_talk { "Rate this conversation" } @else { "Rate this reply" } }
            p role="status" { (rated) " of " (total) " rated" }
            @for block in &blocks { (said(&block.title, &block.text)) }
            @if is_talk { (talk::transcript(&walk, &recorded.trial, &recorded.exchanges)) }
            @else { (said("reply", last_reply(recorded).and_then(Exchange::text).unwrap_or_default())) }
            form.rating method="post" action=(site.of_run(&opened.name, "/rate", &[])) {
                input type="hidden" name="task" value=(asked.task);
                input type="hidden" name="annotator" value=(asked.annotator.trim());
                input type="hidden" name="trial" value=(recorded.trial.id);
                input type="hidden" name="rubric" value=(rubric.file.id);
                details { summary { "How to rate: " (rubric.file.title) } div.text { (rubric.file.instructions) } }
                @for question in &rubric.file.questions {
                    p.small { strong { (question.dimension) } ": " (question.asks) }
                }
                @for field in &rubric.file.rated() { (choices(field)) }
                label { "Note (optional)" input name="note" maxlength="2000"; }
                p { button type="submit" { "Save and next" } " "
                    span.small { "Keys: " kbd { "1" } "–" kbd { "9" } " choose, " kbd { "Enter" } " saves" } }
            }
        }
    })
}

fn choices(field: &Field) -> Markup {
    let values: Vec<String> = match field.scale {
        Some(_) => field.scores().iter().map(ToString::to_string).collect(),
        None => field.labels.clone(),
    };
    html! {
        fieldset {
            legend { strong { (field.name) } ": " (field.meaning) }
            @for value in &values {
                label.choice { input type="radio" name={ "field:" (field.name) } value=(value) required; " " (value) }
            }
        }
    }
}

/// Writes a rating, and gives the address of the next.
pub(crate) fn save(
    site: &Site<'_>,
    run: &str,
    mut form: BTreeMap<String, String>,
) -> Result<String, ViewError> {
    may_write(site)?;
    let opened = site.open(run)?;
    let mut take = |name: &str| form.remove(name).unwrap_or_default();
    let (task, annotator, trial, note) =
        (take("task"), take("annotator"), take("trial"), take("note"));
    take("rubric");
    check_name(&annotator)?;
    if annotator.is_empty() {
        return Err(ViewError::Form("a rating needs a name".to_owned()));
    }
    let recorded = find(&opened, &trial)?;
    // The rubric is the trial's own, whatever the form says.
    let rubric = rubric_of(site, &opened, &recorded)?;
    let mut values = BTreeMap::new();
    for field in &rubric.file.rated() {
        let value = form.remove(&format!("field:{}", field.name)).unwrap_or_default();
        let allowed = match field.scale {
            Some(_) => value.parse().is_ok_and(|score| field.scores().contains(&score)),
            None => field.labels.contains(&value),
        };
        if !allowed {
            let message = format!("{}: `{value}` is not one of {}", field.name, field.allowed());
            return Err(ViewError::Form(message));
        }
        values.insert(field.name.clone(), value);
    }
    let id: RubricId = rubric.file.id.clone();
    let rating = Annotation::now(&annotator, TrialId::new(&trial), id, values, &note);
    annotations::add(&opened.folder, &rating)?;
    Ok(site.of_run(&opened.name, "/rate", &[("task", &task), ("annotator", &annotator)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_the_same_for_all_and_another_by_another_seed() {
        let all = || (0..50).map(|n| format!("t:{n}:plain:0")).collect::<Vec<_>>();
        let drawn = |count, seed| {
            let mut names = all();
            draw(&mut names, Sample::Of { count, seed }, 7);
            names
        };
        assert_eq!(drawn(10, Some(1)), drawn(10, Some(1)));
        assert_eq!(drawn(10, None), drawn(10, Some(7)));
        assert_ne!(drawn(10, Some(1)), drawn(10, Some(2)));
        // More are the same and some besides.
        assert_eq!(drawn(20, Some(1))[..10], drawn(10, Some(1)));
        assert_eq!(drawn(99, Some(1)).len(), 50);
    }
}
