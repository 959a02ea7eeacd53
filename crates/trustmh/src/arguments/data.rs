//! Where data and runs are kept.

use clap::Args;
use std::path::PathBuf;

/// Where published data is.
#[derive(Debug, Default, Args)]
pub(crate) struct DataSource {
    /// Folder of published data [default: the starter items]
    #[arg(long, value_name = "DIR", env = "TRUSTMH_DATA", hide_env_values = true)]
    pub(crate) data: Option<PathBuf>,
}

/// Where runs are written.
#[derive(Debug, Args)]
pub(crate) struct RunsDir {
    /// Folder that holds runs
    #[arg(long, value_name = "DIR", default_value = "runs")]
    pub(crate) runs_dir: PathBuf,
}
