//! The two lines of progress on a terminal, fitted to its width.

use anstyle::{AnsiColor, Style};
use std::time::Duration;

use trustmh_model::traffic::Moment;

use trustmh_report::number::counted;

use super::tally::{Tally, UnderWay};
use super::words::{money, rate, time};

/// The bar is left out below this many columns, and does not grow above that many.
const BAR: std::ops::RangeInclusive<usize> = 8..=40;

/// Between what stands in the first line.
const GAP: &str = "  ";

/// What the lines tell of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'t> {
    pub(super) tally: &'t Tally,
    pub(super) traffic: Moment,
    /// US dollars that may be spent.
    pub(super) bound: Option<f64>,
    /// Since when calls are made.
    pub(super) since: Duration,
}

/// Words in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    text: String,
    style: Style,
}

impl Piece {
    fn new(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style }
    }

    fn width(&self) -> usize {
        self.text.chars().count()
    }

    /// The words with their colour.
    pub(super) fn painted(&self) -> String {
        format!("{}{}{:#}", self.style, self.text, self.style)
    }

    /// The words alone.
    pub(super) fn plain(&self) -> &str {
        &self.text
    }
}

const fn plain() -> Style {
    Style::new()
}

fn colour(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(colour.into()))
}

/// The two lines, neither of them wider than `width`. What does not fit is left out, the least important first.
pub(super) fn lines(seen: &Seen<'_>, width: usize) -> [Vec<Piece>; 2] {
    [how_far(seen, width), what_goes_on(seen, width)]
}

/// What is under way, a bar, trials, rate, time left and cost. The number of trials is always there.
fn how_far(seen: &Seen<'_>, width: usize) -> Vec<Piece> {
    let Seen { tally, .. } = seen;
    let total = format!("{}/{}", tally.trials, tally.planned());
    let mut shown = Shown { width, used: total.chars().count() };
    // In the order in which they are given room.
    let left = shown.room(time_left(seen));
    let cost = shown.room(cost(seen));
    let label = shown.room(tally.under_way().map(label));
    let rate = shown.room(tally.rate(seen.since).map(rate));
    let bar = shown.bar(tally.trials, tally.planned());
    let bold = Style::new().bold();
    let pieces = [
        label.map(|text| Piece::new(text, bold)),
        bar.map(|text| Piece::new(text, colour(AnsiColor::Green))),
        Some(Piece::new(total, plain())),
        rate.map(|text| Piece::new(text, plain())),
        left.map(|text| Piece::new(text, plain())),
        cost.map(|text| Piece::new(text, plain())),
    ];
    joined(pieces.into_iter().flatten(), GAP)
}

/// Room in a line.
struct Shown {
    width: usize,
    used: usize,
}

impl Shown {
    /// The text, if there is room for it.
    fn room(&mut self, text: Option<String>) -> Option<String> {
        let text = text?;
        let needed = self.used + GAP.len() + text.chars().count();
        (needed <= self.width).then(|| {
            self.used = needed;
            text
        })
    }

    fn bar(&self, ended: u64, planned: u64) -> Option<String> {
        let free = self.width.checked_sub(self.used + GAP.len())?;
        let cells = free.min(*BAR.end());
        (cells >= *BAR.start()).then(|| {
            let share = ended as f64 / planned.max(1) as f64;
            let full = ((share * cells as f64) as usize).min(cells);
            format!("{}{}", "█".repeat(full), "░".repeat(cells - full))
        })
    }
}

pub(super) fn label(under_way: UnderWay) -> String {
    let UnderWay { title, ended } = under_way;
    match ended {
        Some(ended) => format!("{title} {}/{}", ended.ended, ended.planned),
        None => title,
    }
}

pub(super) fn time_left(seen: &Seen<'_>) -> Option<String> {
    let seconds = seen.tally.seconds_left(seen.since)?;
    // What cannot be a duration is longer than anybody waits.
    let left = Duration::try_from_secs_f64(seconds).ok()?;
    Some(format!("{} left", time(left)))
}

pub(super) fn cost(seen: &Seen<'_>) -> Option<String> {
    let dollars = seen.tally.dollars;
    (dollars > 0.0 || seen.bound.is_some()).then(|| money(dollars, seen.bound))
}

/// Calls in flight and those that wait, then faults, then what was done: the rest is cut.
fn what_goes_on(seen: &Seen<'_>, width: usize) -> Vec<Piece> {
    let mut used = 0;
    let fitting = going_on(seen).into_iter().take_while(|piece| {
        let gap = if used == 0 { 0 } else { ", ".len() };
        used += gap + piece.width();
        used <= width
    });
    joined(fitting, ", ")
}

/// In the order of their importance.
pub(super) fn going_on(seen: &Seen<'_>) -> Vec<Piece> {
    let Seen { tally, traffic, .. } = seen;
    let Moment { in_flight, limited, retrying } = *traffic;
    let dim = Style::new().dimmed();
    let mut pieces = vec![Piece::new(format!("{in_flight} in flight"), plain())];
    let mut told = |is_told: bool, text: String, style: Style| {
        if is_told {
            pieces.push(Piece::new(text, style));
        }
    };
    let yellow = colour(AnsiColor::Yellow);
    told(limited > 0, format!("{limited} waiting (rate limit)"), yellow);
    told(retrying > 0, format!("{retrying} waiting to retry"), yellow);
    let failed = format!("{} failed", tally.failures);
    told(tally.failures > 0, failed, colour(AnsiColor::Red));
    told(true, counted(tally.calls, "call", "calls"), dim);
    told(tally.retries > 0, counted(tally.retries, "retry", "retries"), dim);
    told(tally.tokens > 0, counted(tally.tokens, "token", "tokens"), dim);
    pieces
}

fn joined(pieces: impl IntoIterator<Item = Piece>, between: &str) -> Vec<Piece> {
    let mut line: Vec<Piece> = Vec::new();
    for piece in pieces {
        if !line.is_empty() {
            line.push(Piece::new(between, plain()));
        }
        line.push(piece);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use trustmh_core::id::TaskId;
    use trustmh_run::dispatch::Work;

    /// 212 of 700 trials, 41 of 96 of them of the pillar under way.
    fn busy() -> Tally {
        let id = |text: &str| -> TaskId { text.parse().unwrap() };
        let mut tally = Tally::of([
            (id("reliability/knowledge"), 171),
            (id("crisis/identification"), 96),
            (id("ethics/reasoning"), 433),
        ]);
        for _ in 0..171 {
            tally.trial_ended(id("reliability/knowledge"), Work::Made);
        }
        for _ in 0..41 {
            tally.trial_ended(id("crisis/identification"), Work::Made);
        }
        (tally.calls, tally.failures, tally.retries) = (49, 1, 1);
        (tally.tokens, tally.dollars) = (25_118, 0.1234);
        tally
    }

    fn shown(seen: &Seen<'_>) -> String {
        let mut text = String::new();
        for width in [20, 40, 60, 80, 100, 200] {
            text.push_str(&format!("{width}\n"));
            for line in lines(seen, width) {
                let line: String = line.iter().map(Piece::plain).collect();
                assert!(line.chars().count() <= width, "{width}: {line}");
                text.push_str(&format!("{line}\n"));
            }
        }
        text
    }

    #[test]
    fn lines_are_fitted_to_the_width() {
        let tally = busy();
        let traffic = Moment { in_flight: 12, limited: 3, retrying: 0 };
        let since = Duration::from_secs(68);
        insta::assert_snapshot!(
            "busy",
            shown(&Seen { tally: &tally, traffic, bound: None, since })
        );
        let traffic = Moment { retrying: 2, ..traffic };
        let bound = Some(25.0);
        insta::assert_snapshot!("bounded", shown(&Seen { tally: &tally, traffic, bound, since }));
    }

    #[test]
    fn before_the_first_trial_there_is_neither_rate_nor_cost() {
        let tally = Tally::of([("ethics/reasoning".parse().unwrap(), 20)]);
        let seen = Seen {
            tally: &tally,
            traffic: Moment::default(),
            bound: None,
            since: Duration::from_secs(3),
        };
        insta::assert_snapshot!("begun", shown(&seen));
    }
}
