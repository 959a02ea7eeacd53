//! `trustmh judge-features`: the numbers that the heads of the embedded judge look at, for `scripts/train-judge`.

use clap::Args;
use std::path::PathBuf;

#[cfg(not(feature = "local"))]
use crate::failure::{Exit, Failure};

/// Print the numbers that the embedded judge's heads are trained on
#[derive(Debug, Args)]
pub(crate) struct JudgeFeaturesArguments {
    /// JSON lines with `reply`
    replies: PathBuf,
    /// Blocks of numbers, one after the other
    #[arg(long, value_delimiter = ',', required_unless_present = "sums")]
    blocks: Vec<String>,
    /// The sums of the head for this rubric in their place
    #[arg(long, value_name = "RUBRIC", conflicts_with = "blocks")]
    sums: Option<String>,
    /// Folder of the weights [default: the user's cache folder]
    #[arg(long, value_name = "DIR", env = "TRUSTMH_WEIGHTS_DIR", hide_env_values = true)]
    weights_dir: Option<PathBuf>,
}

#[cfg(not(feature = "local"))]
pub(crate) fn run(_: &JudgeFeaturesArguments) -> Result<Exit, Failure> {
    Err(Failure::usage("this build has no encoder").with_hint("build with the feature `local`"))
}

#[cfg(feature = "local")]
pub(crate) use with_encoder::run;

#[cfg(feature = "local")]
mod with_encoder {
    use serde::Deserialize;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Mutex, PoisonError};

    use trustmh_core::id::RubricId;
    use trustmh_engine::benchmark::Benchmark;
    use trustmh_engine::error::EngineError;
    use trustmh_engine::judge::embedded::{Block, Features};

    use super::JudgeFeaturesArguments;
    use crate::failure::{Exit, Failure};
    use crate::models::{Vectors, cores};
    use crate::{screen, user_folders};

    #[derive(Deserialize)]
    struct Line {
        reply: String,
    }

    pub(crate) fn run(arguments: &JudgeFeaturesArguments) -> Result<Exit, Failure> {
        let JudgeFeaturesArguments { replies, blocks, sums, weights_dir } = arguments;
        let blocks: Vec<Block> = blocks
            .iter()
            .map(|name| name.parse().map_err(|_| Failure::usage(format!("no block `{name}`"))))
            .collect::<Result<_, _>>()?;
        let text = std::fs::read_to_string(replies)
            .map_err(|error| Failure::io(replies, "reading", &error))?;
        let lines: Vec<Line> = text
            .lines()
            .map(|line| serde_json::from_str(line).map_err(|e| Failure::usage(e.to_string())))
            .collect::<Result<_, _>>()?;
        let vectors = Vectors::load(&user_folders::weights(weights_dir.as_deref())?)?;
        let benchmark = Benchmark::embedded()?;
        let head = match sums {
            Some(rubric) => {
                let none = || Failure::usage(format!("there is no head for the rubric `{rubric}`"));
                Some(benchmark.heads().of(&RubricId::new(rubric)).ok_or_else(none)?)
            }
            None => None,
        };
        let of = |line: &Line| {
            let mut features = Features::new("", &line.reply, benchmark.offline(), &vectors);
            match head {
                Some(head) => Ok(head.sums(&mut features)?.iter().map(|sum| *sum as f32).collect()),
                None => features.of(&blocks),
            }
        };
        for numbers in each(&lines, &of) {
            let numbers = numbers?.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            screen::print(&format!("{numbers}\n"));
        }
        Ok(Exit::Ok)
    }

    type Numbers = Result<Vec<f32>, EngineError>;

    /// Works on all cores; what is found comes in the order of the lines.
    fn each(lines: &[Line], of: &(dyn Fn(&Line) -> Numbers + Sync)) -> Vec<Numbers> {
        let next = AtomicUsize::new(0);
        let found = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..cores().get() {
                scope.spawn(|| {
                    while let Some(at) = Some(next.fetch_add(1, Ordering::Relaxed))
                        && let Some(line) = lines.get(at)
                    {
                        let numbers = of(line);
                        found.lock().unwrap_or_else(PoisonError::into_inner).push((at, numbers));
                    }
                });
            }
        });
        let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.sort_by_key(|(at, _)| *at);
        found.into_iter().map(|(_, numbers)| numbers).collect()
    }
}
