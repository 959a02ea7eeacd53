//! Several judges of the same replies, on a terminal.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

use trustmh_core::metric::Estimate;
use trustmh_core::panel::{Panel, PanelMetric};

use crate::comparison::Shown;
use crate::number::{count, decimal, direction, estimate_interval};
use trustmh_core::inert::inert;

/// The panel as tables of at most `width` columns.
pub fn panel(found: &Panel, shown: Shown, width: u16) -> String {
    let judges = found.judges.join(", ");
    let mut text = inert(&format!("{} judged by {}: {judges}", found.subject, found.judges.len()));
    text.push_str("\n\n");
    for (id, metrics) in &found.tasks {
        text.push_str(&format!("{id}\n"));
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_width(width);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(["metric and judge", "value", "95 % interval", "n"]);
        let is_shown = |metric: &&PanelMetric| metric.primary || shown == Shown::All;
        for metric in metrics.values().filter(is_shown) {
            let head = format!("{} ({})", metric.title, direction(metric.direction));
            table.add_row([Cell::new(inert(&head))]);
            for (name, estimate) in rows(found, metric) {
                table.add_row([
                    Cell::new(format!("  {}", inert(&name))),
                    Cell::new(decimal(estimate.value)).set_alignment(CellAlignment::Right),
                    Cell::new(estimate_interval(&estimate)),
                    Cell::new(count(estimate.n, estimate.clusters)),
                ]);
            }
        }
        text.push_str(&format!("{table}\n\n"));
    }
    if found.tasks.is_empty() {
        text.push_str("On no trial do the judges differ, or none was judged by all of them.\n");
    }
    text.push_str(&cards(found));
    for warning in &found.warnings {
        text.push_str(&inert(&format!("! {warning}")));
        text.push('\n');
    }
    text.push_str(FOOT);
    text
}

/// How far each judge has been checked against human ratings; a panel weighs nothing by it.
fn cards(found: &Panel) -> String {
    let mut text = String::new();
    for (judge, validity) in found.judges.iter().zip(&found.validity) {
        for one in validity {
            text.push_str(&inert(&format!("{judge}: {}", one.in_words())));
            text.push('\n');
        }
    }
    text
}

const FOOT: &str = "Metrics on which the judges never differ are left out. Judges that agree may be wrong together: only people's labels say how \
far a judge may be trusted (trustmh validate, trustmh agreement, trustmh score --calibration).\n";

fn rows(found: &Panel, metric: &PanelMetric) -> Vec<(String, Estimate)> {
    let mut rows: Vec<(String, Estimate)> =
        found.judges.iter().cloned().zip(metric.by_judge.iter().copied()).collect();
    rows.extend(metric.mean.map(|mean| ("mean of the judges".to_owned(), mean)));
    if let Some(majority) = &metric.majority {
        let name = match majority.ties {
            0 => "majority of the judges".to_owned(),
            ties => format!("majority of the judges ({ties} ties left out)"),
        };
        rows.push((name, majority.estimate));
    }
    rows.extend(metric.alpha.map(|alpha| ("Krippendorff's alpha of the judges".to_owned(), alpha)));
    rows
}
