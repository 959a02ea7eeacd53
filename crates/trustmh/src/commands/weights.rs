//! `trustmh weights`: the weights of the models in this process.

use clap::{Args, Subcommand};
use std::path::PathBuf;

use crate::failure::{Exit, Failure};

/// Download or locate the weights of the models that run in this process
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct WeightsArguments {
    #[command(subcommand)]
    action: WeightsAction,
}

const EXAMPLES: &str = r"Examples:
  trustmh weights fetch
  trustmh weights fetch minilm
  trustmh weights where smollm2";

#[derive(Debug, Subcommand)]
enum WeightsAction {
    /// Download the weights unless they are present, and verify their checksum
    Fetch(WeightsFolder),
    /// Print the paths of the weights; fails if they are missing
    Where(WeightsFolder),
}

/// A model in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Model {
    /// SmolLM2-135M-Instruct, the local subject (98 MB)
    Smollm2,
    /// all-MiniLM-L6-v2, the encoder of the embedded judge (91 MB)
    Minilm,
}

/// Which weights, and where they are kept.
#[derive(Debug, Args)]
struct WeightsFolder {
    /// Models [default: all]
    #[arg(value_enum)]
    models: Vec<Model>,
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

    let (WeightsAction::Fetch(which) | WeightsAction::Where(which)) = &arguments.action;
    let folder = user_folders::weights(which.weights_dir.as_deref())?;
    for weights in which.weights() {
        let found = match &arguments.action {
            WeightsAction::Fetch(_) => weights
                .fetch(&folder, &mut |step| screen::note(&step.to_string()))
                .map_err(|error| Failure::usage(error.to_string())),
            WeightsAction::Where(_) => weights.locate(&folder).map_err(|error| {
                Failure::usage(error.to_string())
                    .with_hint("download them with `trustmh weights fetch`")
            }),
        };
        for path in found? {
            screen::print(&format!("{}\n", path.display()));
        }
    }
    Ok(Exit::Ok)
}

#[cfg(feature = "local")]
impl WeightsFolder {
    fn weights(&self) -> Vec<&'static trustmh_local::Weights> {
        if self.models.is_empty() {
            return trustmh_local::ALL_WEIGHTS.to_vec();
        }
        let of = |model: &Model| match model {
            Model::Smollm2 => &trustmh_local::SMOLLM2,
            Model::Minilm => &trustmh_local::MINILM,
        };
        self.models.iter().map(of).collect()
    }
}
