//! Runs compared: the rules and statistics of `trustmh compare`, what became worse first.

mod lines;
mod several;
mod side;

use maud::{Markup, html};

use trustmh_core::comparison::{Comparison, Difference, SideBySide};
use trustmh_core::id::TaskId;
use trustmh_core::unlike::Unlike;
use trustmh_report::comparison::{chance, verdict};
use trustmh_report::number::{count, decimal, estimate_interval, interval, signed};

use super::{Site, Width};
use crate::compared::{Compared, OfRun};
use crate::error::ViewError;
use lines::{Line, Standing, lines};
pub(crate) use side::side_by_side;

/// So many changed trials of a task are listed.
const LISTED: usize = 20;

/// Which runs, and which of their trials.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Asked {
    runs: Vec<String>,
    name: String,
}

impl Asked {
    /// Of the parameters of an address; a run that is named twice counts once.
    pub(crate) fn of(pairs: Vec<(String, String)>) -> Self {
        let mut asked = Self::default();
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            match name.as_str() {
                "run" | "a" | "b" if !asked.runs.contains(&value) => asked.runs.push(value),
                "name" => asked.name = value,
                _ => {}
            }
        }
        asked
    }

    fn enough(&self) -> Result<(), ViewError> {
        match self.runs.len() {
            0 | 1 => {
                Err(ViewError::Form("tick two or more runs in the list to compare them".to_owned()))
            }
            _ => Ok(()),
        }
    }

    fn address<'a>(&'a self, site: &Site<'_>, page: &str, name: &'a str) -> String {
        let mut parameters: Vec<(&str, &str)> =
            self.runs.iter().map(|run| ("run", run.as_str())).collect();
        if !name.is_empty() {
            parameters.push(("name", name));
        }
        site.to(page, &parameters)
    }

    /// The same with the run at this place first.
    fn with_first(&self, place: usize) -> Self {
        let mut runs = self.runs.clone();
        if place < runs.len() {
            let first = runs.remove(place);
            runs.insert(0, first);
        }
        Self { runs, name: String::new() }
    }
}

/// The name of a run on this page: A, B, and so on.
fn letter(place: usize) -> String {
    let letter = u8::try_from(place).ok().and_then(|place| b'A'.checked_add(place));
    letter
        .filter(u8::is_ascii_uppercase)
        .map_or_else(|| format!("R{}", place + 1), |letter| char::from(letter).to_string())
}

/// The runs that were ticked, the first beside each of the others.
pub(crate) fn compare(site: &Site<'_>, asked: &Asked) -> Result<String, ViewError> {
    asked.enough()?;
    let compared = site.viewer.compared(&asked.runs)?;
    let body = html! {
        main {
            h1 { (asked.runs.len()) " runs compared" }
            (legend(site, asked, &compared))
            p.small { "The rules and statistics are those of " code { "trustmh compare" } ": only trials that both runs have, intervals of the differences, "
                "p values corrected over all pairs and tasks. “Not told apart” does not mean equal." }
            @if compared.runs.len() > 2 { (several::standings(&compared)) }
            @for second in 1..compared.runs.len() {
                @if let Some(pair) = compared.pair(0, second) { (of_pair(site, asked, &compared, pair, second)) }
            }
        }
    };
    Ok(site.page_of(Width::Wide, "Runs compared", &body))
}

fn legend(site: &Site<'_>, asked: &Asked, compared: &Compared) -> Markup {
    html! {
        ul.legend { @for (place, run) in compared.runs.iter().enumerate() { li {
            strong { (letter(place)) } " " a href=(site.of_run(&run.name, "", &[])) { (run.card.subject_shown()) }
            " " span.small { (run.name) "; judge " (run.card.judge.title()) ", protocol " (run.card.protocol) }
            @if let Some(note) = &run.card.record.note { " " span.missing { (note) } }
            @if place > 0 { " " a.small href=(asked.with_first(place).address(site, "/compare", "")) { @if compared.runs.len() == 2 { "the other way round" } @else { "compare the others with this one" } } }
        } } }
    }
}

fn of_pair(
    site: &Site<'_>,
    asked: &Asked,
    compared: &Compared,
    pair: &Comparison,
    second: usize,
) -> Markup {
    let (a, b) = (letter(0), letter(second));
    let lines = lines(compared, pair);
    let anchor = format!("pair-{b}");
    html! {
        section aria-labelledby=(anchor) {
            h2 id=(anchor) { (b) " beside " (a) ": " (pair.second.subject_shown()) " beside " (pair.first.subject_shown()) }
            (unlike(pair))
            (counted(&lines, &b))
            @if lines.is_empty() { p { "There is nothing to compare." } }
            @else { (table(compared, second, &lines, [&a, &b])) }
            (changed(site, asked, compared, second, &lines))
            (aside(pair, [&a, &b]))
        }
    }
}

/// What is not alike: what forbids to compare first, what is only told after.
fn unlike(pair: &Comparison) -> Markup {
    let told: Vec<(&TaskId, &Unlike)> = pair
        .tasks
        .iter()
        .filter(|(_, task)| task.is_alike())
        .flat_map(|(id, task)| task.differs.iter().map(move |unlike| (id, unlike)))
        .collect();
    let mut once: Vec<String> = told.iter().map(|(_, unlike)| unlike.to_string()).collect();
    once.sort();
    once.dedup();
    html! {
        @if !pair.differs.is_empty() {
            div.warn {
                p { strong { "Not compared. " } "In these tasks the runs differ in more than their subjects, so a difference between scores tells nothing of the subjects." }
                ul { @for why in &pair.differs { li { (why) } } }
            }
        }
        @if !once.is_empty() {
            details { summary { "Compared all the same, though besides the subjects these differ" }
                ul { @for why in &once { li { (why) } } } }
        }
    }
}

/// One sentence of how many are worse, better, and neither.
fn counted(lines: &[Line<'_>], b: &str) -> Markup {
    let of = |standing: Standing| lines.iter().filter(|line| line.standing() == standing).count();
    let (worse, better) = (of(Standing::Worse), of(Standing::Better));
    html! {
        @if !lines.is_empty() {
            p role="status" { (b) " is found worse in " (worse) " and better in " (better) " of " (lines.len()) " tasks." }
        }
    }
}

fn table(compared: &Compared, second: usize, lines: &[Line<'_>], [a, b]: [&str; 2]) -> Markup {
    let runs = [compared.runs.first(), compared.runs.get(second)];
    html! {
        table.rows.compared {
            thead { tr {
                th scope="col" { "Task and metric" } th scope="col" { (a) } th scope="col" { (b) } th scope="col" { "Change" }
                th scope="col" { "95 % interval" } th scope="col" { "Points of 100" } th scope="col" { "n" } th scope="col" { "p" }
                th scope="col" { (b) " is" } th scope="col" { "Judge" }
            } }
            tbody { @for line in lines { (row(line, runs, [a, b])) } }
        }
    }
}

fn row(line: &Line<'_>, [first, second]: [Option<&OfRun>; 2], [a, b]: [&str; 2]) -> Markup {
    let found: &Difference = line.found;
    html! {
        tr class=(line.standing().class()) {
            th scope="row" { (line.task.title) br; span.small { (line.id) ", " (found.title) ", " (found.direction.in_words()) } }
            td.number data-label=(a) { (value(line, first, found.first)) }
            td.number data-label=(b) { (value(line, second, found.second)) }
            td.number data-label="Change" { (signed(found.difference)) }
            td data-label="95 % interval" { @if found.low.is_some() { (interval(found.low, found.high)) } @else { "too little data" } }
            td.number data-label="Points of 100" { @match line.points { Some(points) => (points_in_words(points)), None => "–" } }
            td.number data-label="n" { (count(found.n, found.clusters)) @if found.missing > 0 { br; span.small { (found.missing) " missing" } } }
            td.number data-label="p" { @match found.p_corrected { Some(p) => (chance(p)), None => "none" } }
            td data-label={ (b) " is" } { (line.standing().shape()) " " (verdict(found.verdict, found.validity.as_ref(), found.untested.as_deref())) }
            td data-label="Judge" { @match &found.validity {
                Some(validity) => details { summary { (validity.level.word()) } span.small { (validity.in_words()) } },
                None => span.small { "no judge" },
            } }
        }
    }
}

/// A run's value on the shared trials, with the interval of its own where that is of the same trials.
fn value(line: &Line<'_>, run: Option<&OfRun>, shared: f64) -> Markup {
    let own = run.and_then(|run| run.metric(line.id, line.name));
    html! {
        (decimal(shared))
        @if let Some(own) = own {
            br; span.small {
                @if (own.value - shared).abs() > 1e-9 { "alone " (decimal(own.value)) " " }
                (estimate_interval(&own.estimate())) ", n " (own.n)
            }
        }
    }
}

/// The trials that changed most, task by task in the order of the table.
fn changed(
    site: &Site<'_>,
    asked: &Asked,
    compared: &Compared,
    second: usize,
    lines: &[Line<'_>],
) -> Markup {
    let (a, b) = (letter(0), letter(second));
    let runs: Vec<String> =
        [0, second].iter().filter_map(|place| asked.runs.get(*place).cloned()).collect();
    let two = Asked { runs, name: String::new() };
    let of_tasks: Vec<&Line<'_>> =
        lines.iter().filter(|line| !line.task.changed.is_empty()).collect();
    html! {
        @if !of_tasks.is_empty() {
            h3 { "Trials that changed most" }
            p.small { "Single trials tell no order. Points are of the 100 between the worst and the best that the task's metric knows." }
            @for line in &of_tasks {
                @let task = line.task;
                details {
                    summary { (line.id) ": " (task.changed.len()) @if task.changed.len() == 1 { " trial" } @else { " trials" } " changed" }
                    table.rows {
                        thead { tr { th scope="col" { "Trial" } th scope="col" { (a) } th scope="col" { (b) } th scope="col" { "Points of 100" } } }
                        tbody { @for one in task.changed.iter().take(LISTED) { tr {
                            @let name = format!("{}:{}", line.id, one.trial);
                            th scope="row" { a href=(two.address(site, "/compare/trial", &name)) { (one.trial) } }
                            td.number data-label=(a) { (decimal(one.first)) } td.number data-label=(b) { (decimal(one.second)) }
                            td.number data-label="Points of 100" { @match lines::points(compared, line.id, line.name, [one.first, one.second]) {
                                Some(points) => (points_in_words(points)), None => "–",
                            } }
                        } } }
                    }
                    @if task.changed.len() > LISTED { p.small { "The first " (LISTED) " are listed; the pages side by side lead on to the others." } }
                }
            }
        }
    }
}

/// Each run's own values where nothing may be compared.
fn aside(pair: &Comparison, [a, b]: [&str; 2]) -> Markup {
    let rows: Vec<(&TaskId, &SideBySide)> = pair
        .tasks
        .iter()
        .flat_map(|(id, task)| task.side_by_side.values().map(move |found| (id, found)))
        .filter(|(_, found)| found.primary)
        .collect();
    html! {
        @if !rows.is_empty() {
            details { summary { "Values of tasks that are not compared, side by side" }
                p.small { "They measure different things: a difference between them tells nothing of the subjects." }
                table.rows {
                    thead { tr { th scope="col" { "Task and metric" } th scope="col" { (a) } th scope="col" { (b) } } }
                    tbody { @for (id, found) in rows { tr {
                        th scope="row" { (id) ", " (found.title) }
                        @for (letter, own) in [(a, &found.first), (b, &found.second)] {
                            td data-label=(letter) { (decimal(own.value)) " " (estimate_interval(own)) ", n " (own.n) }
                        }
                    } } }
                }
            }
        }
    }
}

fn points_in_words(points: f64) -> String {
    match points.round() {
        points if points > 0.0 => format!("+{points:.0} better"),
        points if points < 0.0 => format!("{points:.0} worse"),
        _ => "0".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_named_once_and_can_be_the_first() {
        let pairs = [("run", "x"), ("run", "y"), ("run", "x"), ("b", "z"), ("name", "t")];
        let asked =
            Asked::of(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        assert_eq!((asked.runs.join(","), asked.name.as_str()), ("x,y,z".to_owned(), "t"));
        assert_eq!(asked.with_first(2).runs.join(","), "z,x,y");
        assert_eq!((letter(0), letter(26)), ("A".to_owned(), "R27".to_owned()));
    }

    #[test]
    fn points_say_which_way() {
        assert_eq!(points_in_words(-12.4), "-12 worse");
        assert_eq!(
            (points_in_words(0.2), points_in_words(3.0)),
            ("0".to_owned(), "+3 better".to_owned())
        );
    }
}
