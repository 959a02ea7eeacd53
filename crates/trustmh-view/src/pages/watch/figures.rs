//! Numbers of a run under way: pace, cost, and what each pillar shows so far.

use maud::{Markup, html};

use trustmh_report::number::{decimal, interval};

use crate::pages::new_run::grouped;
use crate::starting::{Figure, Interim, Limits, Numbers, PillarRow};

/// Below so many observations a number is shown as one that will change.
const FEW: u64 = 10;

pub(super) fn bar(title: &str, ended: u64, planned: u64) -> Markup {
    html! {
        progress aria-label=(title) max=(planned.max(1)) value=(ended) { (ended) " of " (planned) }
    }
}

/// Rate, time left, calls and cost; what the program does not tell is left out.
pub(super) fn pace(numbers: Option<&Numbers>, limits: &Limits, live: bool) -> Markup {
    let Some(numbers) = numbers else { return html! {} };
    let bound = limits.cost;
    html! {
        dl.figures {
            div { dt { "Rate" } dd { @match numbers.trials_per_second { Some(rate) => { (format!("{rate:.1}")) " trials a second" }, None => "not known yet" } } }
            @if let Some(left) = numbers.seconds_to_go.filter(|_| live) { div { dt { "Time left" } dd { "about " (duration(left)) } } }
            @if let Some(in_flight) = numbers.in_flight { div { dt { "In flight" } dd { (grouped(in_flight)) } } }
            @if let Some(waiting) = numbers.waiting { div { dt { "Waiting for rate limits" } dd { (grouped(waiting)) } } }
            div { dt { "Calls" } dd { (grouped(numbers.calls))
                @if let Some(most) = limits.calls { span.small { " of at most " (grouped(most)) } }
                @if numbers.retries > 0 { span.small { ", " (grouped(numbers.retries)) " tried again" } } } }
            div { dt { "Failed for good" } dd { (grouped(numbers.failures)) } }
            div { dt { "Tokens" } dd { (grouped(numbers.tokens)) } }
            // Without a price nothing is counted, and no sum is shown.
            @if numbers.dollars > 0.0 || bound.is_some() { div { dt { "Cost" } dd { "$" (format!("{:.2}", numbers.dollars))
                @if let Some(bound) = bound { span.small { " of at most $" (format!("{bound:.2}")) }
                    " " progress aria-label="Cost against its limit" max=(bound) value=(numbers.dollars.min(bound)) {} } } } }
        }
    }
}

fn duration(seconds: f64) -> String {
    match seconds.ceil() {
        whole if whole < 90.0 => format!("{whole} s"),
        _ if seconds < 5_400.0 => format!("{:.0} min", seconds / 60.0),
        _ => format!("{:.1} h", seconds / 3_600.0),
    }
}

/// Pillars with their tasks: trials that ended, and the metric each task is ranked by.
pub(super) fn pillars(interim: &Interim, numbers: Option<&Numbers>, live: bool) -> Markup {
    html! {
        table.pillars {
            caption { "What there is so far. A number is provisional until the run has ended and 10 observations are behind it." }
            thead { tr { th scope="col" { "Pillar and task" } th scope="col" { "Trials" } th scope="col" { "So far, with 95 % interval" } } }
            @for row in &interim.pillars { (pillar(row, numbers, live || interim.ended < interim.planned)) }
        }
    }
}

fn pillar(row: &PillarRow, numbers: Option<&Numbers>, going_on: bool) -> Markup {
    let told = numbers.and_then(|numbers| numbers.by_pillar.get(row.pillar.slug()));
    let ended = told.map_or(row.ended, |told| told.ended.max(row.ended)).min(row.planned);
    html! {
        tbody {
            tr.pillar {
                th scope="rowgroup" { (row.pillar.short_title()) }
                td.count { (ended) " of " (row.planned) }
                td { (bar(row.pillar.short_title(), ended, row.planned)) }
            }
            @for task in &row.tasks { tr {
                th scope="row" { (task.title) }
                td.count { (task.ended) " of " (task.planned) }
                td { @match (&task.metric, &task.without) {
                    (Some(figure), _) => (so_far(figure, going_on)),
                    (None, Some(_)) if going_on => span.small { "no number yet" },
                    (None, Some(why)) => span.small { "no number: " (why) },
                    (None, None) => span.small { "nothing yet" },
                } }
            } }
        }
    }
}

fn so_far(figure: &Figure, going_on: bool) -> Markup {
    let Figure { title, value, low, high, n } = figure;
    let provisional = going_on || *n < FEW;
    html! {
        span class=[provisional.then_some("provisional")] {
            (title) " " strong { (decimal(*value)) } " " (interval(*low, *high)) ", n " (n)
            @if provisional { " " span.tag { "provisional" } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_provisional_until_the_end_and_ten_observations() {
        let figure =
            |n| Figure { title: "Accuracy".to_owned(), value: 0.5, low: None, high: None, n };
        let marked =
            |n, going_on| so_far(&figure(n), going_on).into_string().contains("provisional");
        assert!(marked(9, false) && marked(10, true) && !marked(10, false));
    }

    #[test]
    fn time_left_in_units_that_fit() {
        let said = [5.2, 600.0, 7_200.0].map(duration);
        assert_eq!(said, ["6 s", "10 min", "2.0 h"]);
    }
}
