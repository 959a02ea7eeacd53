//! A look at a line: as much of it as tells where it belongs.

use serde::Deserialize;
use serde::de::IgnoredAny;
use std::borrow::Cow;

use trustmh_core::call::{Purpose, Usage};

use super::chain::{Chain, StandsFor};
use super::{Forgetting, Lesson, Seal, Session};

/// As much of a line as tells where it belongs; the whole line is read when its trial is.
#[derive(Deserialize)]
struct LineGlance<'l> {
    v: u32,
    #[serde(default, borrow)]
    prev: Option<Cow<'l, str>>,
    #[serde(borrow)]
    event: Glance<'l>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Glance<'l> {
    Session(Session),
    Finish(Seal),
    Interrupted(Seal),
    Lesson(Box<Lesson>),
    #[serde(borrow)]
    Trial(TrialGlance<'l>),
    #[serde(borrow)]
    Call(CallGlance<'l>),
    #[serde(borrow)]
    Reuse(ReuseGlance<'l>),
    #[serde(borrow)]
    Forgotten(ForgottenGlance<'l>),
    #[serde(borrow)]
    Scored(ScoredGlance<'l>),
    Forgot(Forgetting),
}

#[derive(Deserialize)]
pub(super) struct ForgottenGlance<'l> {
    #[serde(borrow)]
    line: Cow<'l, str>,
    #[serde(rename = "in")]
    number: u32,
    #[serde(borrow)]
    pub(super) left: LeftGlance<'l>,
}

/// What is left of a line begins as the line did.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum LeftGlance<'l> {
    #[serde(borrow)]
    Trial(TrialGlance<'l>),
    #[serde(borrow)]
    Call(CallGlance<'l>),
}

#[derive(Deserialize)]
pub(super) struct ScoredGlance<'l> {
    #[serde(borrow)]
    pub(super) score: ScoreGlance<'l>,
}

#[derive(Deserialize)]
pub(super) struct ScoreGlance<'l> {
    #[serde(borrow)]
    pub(super) trial: Cow<'l, str>,
}

#[derive(Deserialize)]
pub(super) struct TrialGlance<'l> {
    #[serde(borrow)]
    pub(super) id: Cow<'l, str>,
}

#[derive(Deserialize)]
pub(super) struct CallGlance<'l> {
    #[serde(borrow)]
    pub(super) key: Cow<'l, str>,
    #[serde(borrow)]
    pub(super) trial: Cow<'l, str>,
    pub(super) purpose: Purpose,
    pub(super) end: EndGlance,
    pub(super) tries: u32,
    #[serde(default)]
    pub(super) handed_out: Option<u32>,
}

#[derive(Deserialize)]
pub(super) struct ReuseGlance<'l> {
    #[serde(borrow)]
    pub(super) key: Cow<'l, str>,
    #[serde(borrow)]
    pub(super) trial: Cow<'l, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum EndGlance {
    Replied { usage: Option<Usage> },
    Recorded(IgnoredAny),
    Broken(IgnoredAny),
}

/// What a line that stands in its place in the chain is about.
pub(super) fn glance<'l>(bytes: &'l [u8], chain: &mut Chain) -> Result<Glance<'l>, String> {
    let line: LineGlance<'_> = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let stands_for = match &line.event {
        Glance::Forgotten(left) => Some(StandsFor { line: &left.line, number: left.number }),
        Glance::Session(_)
        | Glance::Finish(_)
        | Glance::Interrupted(_)
        | Glance::Lesson(_)
        | Glance::Trial(_)
        | Glance::Call(_)
        | Glance::Reuse(_)
        | Glance::Scored(_)
        | Glance::Forgot(_) => None,
    };
    chain.take(bytes, line.v, line.prev.as_deref(), stands_for)?;
    if let Glance::Forgot(forgetting) = &line.event {
        chain.hold(forgetting)?;
    }
    Ok(line.event)
}
