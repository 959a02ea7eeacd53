//! How often the intervals of this crate hold, how often its tests find what is not there, and how often what is:
//!   scripts/simulate          a few minutes
//!   scripts/simulate --full   the figures of docs/statistics.md, some more
//! Prints Markdown tables, and fails where a figure misses its target by more than chance explains.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    unreachable_pub
)]

mod coverage;
mod dimension;
mod draw;
mod exchanged;
mod levels;
mod survival;

use std::process::ExitCode;

use rand::SeedableRng;

use draw::Rng;

/// The sizes of every table.
pub const SIZES: [usize; 5] = [5, 8, 10, 30, 100];

/// How many samples are drawn of a case.
#[derive(Clone, Copy)]
pub struct Effort {
    /// Where a sample takes a moment.
    plain: u64,
    /// Where it takes 2,000 resamples.
    resampled: u64,
}

/// What is asked of a row.
#[derive(Clone, Copy)]
pub enum Target {
    /// 93 to 97 %.
    Holds,
    /// At least 93 %: nothing narrower holds.
    Wide,
    /// Known to fall short below so many, said in the docs.
    ShortBelow(usize),
    /// At most this.
    AtMost(f64),
    /// At least this.
    AtLeast(f64),
}

/// A figure of one size: how many of how many samples; none where samples of this size carry no interval.
pub type Cell = Option<(u64, u64)>;

/// A row of a table.
pub struct Row {
    pub statistic: &'static str,
    pub case: String,
    pub target: Target,
    pub cells: Vec<(usize, Cell)>,
}

impl Row {
    /// The row of a Markdown table.
    pub fn shown(&self) -> String {
        let cells: Vec<String> = self.cells.iter().map(|(_, cell)| shown(*cell)).collect();
        let note = match self.target {
            Target::Wide => " (wide)",
            Target::ShortBelow(_) => " (falls short)",
            Target::Holds | Target::AtMost(_) | Target::AtLeast(_) => "",
        };
        format!("| {}{note} | {} | {} |", self.statistic, self.case, cells.join(" | "))
    }
}

/// Counts over seeded samples: `found` says whether a sample counts, none if it carries no figure. No cell where fewer than
/// half do.
pub fn count(samples: u64, found: impl Fn(&mut Rng) -> Option<bool> + Sync) -> Cell {
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get() as u64);
    let part = &|first: u64| {
        let seeds = (first..samples).step_by(threads as usize);
        let figures = seeds.filter_map(|seed| found(&mut Rng::seed_from_u64(seed)));
        figures.fold((0, 0), |(hits, all), hit| (hits + u64::from(hit), all + 1))
    };
    let (hits, all) = std::thread::scope(|scope| {
        let parts: Vec<_> = (0..threads).map(|first| scope.spawn(move || part(first))).collect();
        parts
            .into_iter()
            .map(|part| part.join().unwrap())
            .fold((0, 0), |sum: (u64, u64), part| (sum.0 + part.0, sum.1 + part.1))
    });
    (2 * all >= samples).then_some((hits, all))
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let effort = match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => Effort { plain: 1000, resampled: 150 },
        (Some("--full"), None) => Effort { plain: 10_000, resampled: 400 },
        (Some(_), _) => {
            eprintln!("usage: simulate [--full]");
            return ExitCode::from(2);
        }
    };
    println!("{} samples a case, {} where each is resampled\n", effort.plain, effort.resampled);
    let mut missed = Vec::new();
    println!("How often 95 % intervals hold, in %, by the number of items:\n");
    let mut rows = coverage::rows(effort);
    rows.extend(dimension::rows(effort.plain));
    table(&rows, &mut missed);
    println!(
        "\nHow often intervals and bands of survival hold, in %, by the number of conversations:\n"
    );
    table(&survival::rows(effort), &mut missed);
    println!("\nHow often tests at .05 find what is not there, in %:\n");
    let mut tests = levels::rows(effort);
    tests.extend(exchanged::rows(effort));
    table(&tests, &mut missed);
    println!(
        "\nHow often they find what `trustmh power` says they find four times in five, in %:\n"
    );
    for row in levels::power(effort) {
        for (n, cell) in &row.cells {
            println!("- {}, {}, {n} items: {}", row.statistic, row.case, shown(*cell));
        }
        missed.extend(misses(&row));
    }
    for miss in &missed {
        eprintln!("missed: {miss}");
    }
    if missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn table(rows: &[Row], missed: &mut Vec<String>) {
    let sizes = rows.first().map_or(&[][..], |row| &row.cells);
    let sizes: Vec<String> = sizes.iter().map(|(n, _)| n.to_string()).collect();
    let rule = "---|".repeat(sizes.len());
    println!("| statistic | data | {} |\n|---|---|{rule}", sizes.join(" | "));
    for row in rows {
        println!("{}", row.shown());
        missed.extend(misses(row));
    }
}

fn shown(cell: Cell) -> String {
    cell.map_or("too few".to_owned(), |(hits, all)| {
        format!("{:.1}", 100.0 * hits as f64 / all as f64)
    })
}

/// The cells that miss the row's target by more than three standard errors of the simulation.
fn misses(row: &Row) -> Vec<String> {
    let miss = |(n, cell): &(usize, Cell)| {
        let (hits, all) = (*cell)?;
        let rate = hits as f64 / all as f64;
        let (least, most) = match row.target {
            Target::Holds => (0.93, 0.97),
            Target::Wide => (0.93, 1.0),
            Target::ShortBelow(size) if *n < size => (0.0, 1.0),
            Target::ShortBelow(_) => (0.93, 1.0),
            Target::AtMost(most) => (0.0, most),
            Target::AtLeast(least) => (least, 1.0),
        };
        let off = |bound: f64| 3.0 * (bound * (1.0 - bound) / all as f64).sqrt();
        (rate < least - off(least) || rate > most + off(most))
            .then(|| format!("{}, {}, n {n}: {:.1} %", row.statistic, row.case, 100.0 * rate))
    };
    row.cells.iter().filter_map(miss).collect()
}
