//! Blind rating of replies by people: no model, no verdict and nobody else's rating in sight.

mod end;
mod form;
mod guide;
mod queue;
mod save;
mod who;

use maud::{Markup, html};
use serde::Deserialize;

use trustmh_core::call::Exchange;
use trustmh_core::id::TaskId;
use trustmh_core::item::ItemKind;
use trustmh_engine::judge::{Block, context};
use trustmh_engine::rubric::Rubric;
use trustmh_engine::walk::{JudgeRule, Walk};
use trustmh_run::derived::people::Unit;
use trustmh_run::journal::Recorded;

pub(crate) use save::save;

use super::trial::{find, last_reply, said};
use super::{Site, talk};
use crate::error::ViewError;
use crate::runs::Opened;
use crate::viewer::Ratings;
use queue::Queue;

/// Names of people are short, and no more than letters and digits.
const NAME: usize = 40;

/// Who rates which task, how, and where in their order they are.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    task: String,
    annotator: String,
    by: String,
    /// The unit that is shown; none for the next that is open.
    at: String,
    turn: String,
    /// The unit behind which the next open one is looked for.
    after: String,
    after_turn: String,
}

impl Asked {
    fn annotator(&self) -> &str {
        self.annotator.trim()
    }
}

/// What is rated at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// The reply of a trial, or a whole conversation.
    Whole,
    /// Each reply of a conversation by itself.
    Turns,
}

impl Way {
    const fn word(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Turns => "turns",
        }
    }
}

/// The ways in which people can rate the replies of a task, the usual one first; none where no rubric is for them.
pub(crate) fn ways(site: &Site<'_>, opened: &Opened, task: &TaskId) -> Vec<Way> {
    let benchmark = opened.benchmark(&site.viewer.benchmark);
    let Ok(task) = benchmark.task(task) else { return Vec::new() };
    let rule = task.rule(opened.manifest.protocol);
    let whole = rule.reply_rubrics().next().map(|_| Way::Whole);
    let of_turns = !rule.turn_rubrics.is_empty() && task.file.items == ItemKind::Conversation;
    whole.into_iter().chain(of_turns.then_some(Way::Turns)).collect()
}

/// Whether people rate replies of a task here.
pub(crate) fn is_rated(site: &Site<'_>, opened: &Opened, task: &TaskId) -> bool {
    site.viewer.ratings == Ratings::Taken && !ways(site, opened, task).is_empty()
}

/// The way that was chosen, or the usual one.
fn way(site: &Site<'_>, opened: &Opened, asked: &Asked) -> Result<Way, ViewError> {
    let none =
        || ViewError::Form(format!("{} is not judged: it has no rubric to rate by", asked.task));
    let task: TaskId = asked.task.parse().map_err(|_| none())?;
    let ways = ways(site, opened, &task);
    let chosen = ways.iter().find(|way| way.word() == asked.by).or(ways.first());
    chosen.copied().ok_or_else(none)
}

/// The reply that is asked for, or the next that this person has not rated, in an order of their own.
pub(crate) fn rate(site: &Site<'_>, run: &str, asked: &Asked) -> Result<String, ViewError> {
    may_write(site)?;
    let opened = site.open(run)?;
    if asked.task.is_empty() {
        return Ok(site.page("Rate replies", &who::tasks(site, &opened)));
    }
    let way = way(site, &opened, asked)?;
    if asked.annotator().is_empty() {
        return Ok(site.page("Rate replies", &who::page(site, &opened, asked)?));
    }
    check_name(asked.annotator())?;
    let queue = Queue::of(site, &opened, asked, way)?;
    let body = match queue.place(asked)? {
        None => end::page(site, &opened, asked, &queue)?,
        Some(unit) => form::page(&Rating::of(site, &opened, asked, &queue, unit)?)?,
    };
    Ok(site.page("Rate replies", &body))
}

/// What is rated, and by whom.
struct Rating<'r> {
    site: &'r Site<'r>,
    opened: &'r Opened,
    asked: &'r Asked,
    queue: &'r Queue<'r>,
    unit: Unit,
    recorded: Recorded,
}

impl<'r> Rating<'r> {
    fn of(
        site: &'r Site<'r>,
        opened: &'r Opened,
        asked: &'r Asked,
        queue: &'r Queue<'r>,
        unit: Unit,
    ) -> Result<Self, ViewError> {
        let recorded = find(opened, &unit.trial)?;
        Ok(Self { site, opened, asked, queue, unit, recorded })
    }

    /// What a judge is shown besides, then the reply, or the conversation as far as it is rated.
    fn text(&self, rubric: &Rubric) -> Result<Markup, ViewError> {
        let walk = walk(self.site, self.opened, &self.recorded)?;
        let trial = &self.recorded.trial;
        let blocks: Vec<Block> = context(&walk.rules, rubric, trial)
            .map_err(|error| ViewError::Form(error.to_string()))?;
        let exchanges = &self.recorded.exchanges;
        Ok(html! {
            @for block in &blocks { (said(&block.title, &block.text)) }
            @if talk::is_one(&self.recorded) { (talk::transcript_to(&walk, trial, exchanges, self.unit.turn)) }
            @else { (said("reply", last_reply(&self.recorded).and_then(Exchange::text).unwrap_or_default())) }
        })
    }
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

/// The rubric by which a unit is rated: that of its trial, whatever a form says.
fn rubric_of<'s>(
    site: &'s Site<'_>,
    opened: &'s Opened,
    recorded: &Recorded,
    turn: Option<u8>,
) -> Result<&'s Rubric, ViewError> {
    let walk = walk(site, opened, recorded)?;
    let rubrics = match turn {
        Some(_) => walk.rules.turn_rubrics(&recorded.trial)?,
        None => walk.rules.rubrics(&recorded.trial)?,
    };
    rubrics.first().copied().ok_or_else(|| {
        let task = &recorded.trial.task;
        ViewError::Form(format!("{task} has no rubric to rate this by"))
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
