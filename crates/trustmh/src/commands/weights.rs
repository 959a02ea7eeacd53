//! `trustmh weights`: the local model's weights.

use crate::arguments::{WeightsAction, WeightsArguments};
use crate::failure::{Exit, Failure};

#[cfg(not(feature = "local"))]
pub(super) fn run(_: &WeightsArguments) -> Result<Exit, Failure> {
    Err(Failure::usage("this build has no local model").with_hint("build with the feature `local`"))
}

#[cfg(feature = "local")]
pub(super) fn run(arguments: &WeightsArguments) -> Result<Exit, Failure> {
    use crate::screen;
    use crate::user_folders;
    use trustmh_local::Weights;

    match &arguments.action {
        WeightsAction::Fetch { weights_dir } => {
            let folder = user_folders::weights(weights_dir.as_deref())?;
            let path = Weights::fetch(&folder, &mut |step| screen::note(&step.to_string()))
                .map_err(|error| Failure::usage(error.to_string()))?;
            screen::print(&format!("{}\n", path.display()));
        }
        WeightsAction::Where { weights_dir } => {
            let folder = user_folders::weights(weights_dir.as_deref())?;
            let path = Weights::locate(&folder).map_err(|error| {
                Failure::usage(error.to_string())
                    .with_hint("fetch them with `trustmh weights fetch`")
            })?;
            screen::print(&format!("{}\n", path.display()));
        }
    }
    Ok(Exit::Ok)
}
