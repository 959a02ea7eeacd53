//! `trustmh resume`: go on with an interrupted run.

use trustmh_core::scorecard::ItemOrigin;
use trustmh_run::manifest::Manifest;
use trustmh_run::plan::Plan;

use super::ended::output;
use super::opened::Opened;
use super::run::carry_out;
use super::{benchmark, reuse, shelf};
use crate::arguments::ResumeArguments;
use crate::failure::{Exit, Failure};

pub(super) fn run(arguments: &ResumeArguments) -> Result<Exit, Failure> {
    let benchmark = benchmark(&arguments.tasks_from)?;
    let manifest = Manifest::read(&arguments.run)?;
    let published = manifest.tasks.values().any(|task| task.source.origin == ItemOrigin::Published);
    if published && arguments.data.data.is_none() {
        return Err(Failure::usage("the run asks published data, and no folder is given")
            .with_hint("give the folder it was planned with: --data DIR or $TRUSTMH_DATA"));
    }
    // A run on starter items goes on with them, also where $TRUSTMH_DATA is set.
    let data = arguments.data.data.as_deref().filter(|_| published);
    let plan =
        Plan::again(&benchmark, shelf(&arguments.tasks_from)?, manifest, &arguments.run, data)?;
    reuse::check(&plan.manifest, &arguments.access)?;
    let opened = Opened::open(&plan.manifest, &arguments.access, &arguments.workers)?;
    let access = &arguments.access;
    carry_out(&benchmark, plan, &arguments.run, &opened, access, &access.reuse)?
        .tell(&arguments.run, output(arguments.json))
}
