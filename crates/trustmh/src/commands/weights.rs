//! `trustmh weights`: the local model's weights.

use clap::{Args, Subcommand};
use std::path::PathBuf;

use crate::failure::{Exit, Failure};

/// Download or locate the local model's weights
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct WeightsArguments {
    #[command(subcommand)]
    action: WeightsAction,
}

const EXAMPLES: &str = r"Examples:
  trustmh weights fetch
  trustmh weights where";

#[derive(Debug, Subcommand)]
enum WeightsAction {
    /// Download the weights unless they are present, and verify their checksum
    Fetch(WeightsFolder),
    /// Print the path of the weights; fails if they are missing
    Where(WeightsFolder),
}

/// Where the weights are kept.
#[derive(Debug, Args)]
struct WeightsFolder {
    /// Folder of the weights [default: the user's cache folder]
    #[arg(long, value_name = "DIR", env = "TRUSTMH_WEIGHTS_DIR", hide_env_values = true)]
    weights_dir: Option<PathBuf>,
}

#[cfg(not(feature = "local"))]
pub(crate) fn run(_: &WeightsArguments) -> Result<Exit, Failure> {
    Err(Failure::usage("this build has no local model").with_hint("build with the feature `local`"))
}

#[cfg(feature = "local")]
pub(crate) fn run(arguments: &WeightsArguments) -> Result<Exit, Failure> {
    use crate::screen;
    use crate::user_folders;
    use trustmh_local::Weights;

    let path = match &arguments.action {
        WeightsAction::Fetch(WeightsFolder { weights_dir }) => {
            let folder = user_folders::weights(weights_dir.as_deref())?;
            Weights::fetch(&folder, &mut |step| screen::note(&step.to_string()))
                .map_err(|error| Failure::usage(error.to_string()))?
        }
        WeightsAction::Where(WeightsFolder { weights_dir }) => {
            let folder = user_folders::weights(weights_dir.as_deref())?;
            Weights::locate(&folder).map_err(|error| {
                Failure::usage(error.to_string())
                    .with_hint("download them with `trustmh weights fetch`")
            })?
        }
    };
    screen::print(&format!("{}\n", path.display()));
    Ok(Exit::Ok)
}
