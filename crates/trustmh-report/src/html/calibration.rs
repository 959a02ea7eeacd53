//! How the judge agrees with people who rated replies of the run.

use maud::{Markup, html};

use trustmh_core::metric::Estimate;

use super::anchor;
use crate::facts::JudgeCalibration;
use crate::number::{decimal, estimate_interval};

/// The section, where anybody rated.
pub(super) fn section(found: &[JudgeCalibration]) -> Markup {
    html! {
        section aria-labelledby="calibration" {
            h2 #calibration { "The judge beside people" (anchor::sign("calibration", "The judge beside people")) }
            p { "People rated replies of this run without seeing its judge's verdicts. What the judge says may be relied on as far as this "
                "goes, for these tasks." }
            div.wide tabindex="0" role="group" aria-label="The judge beside people" { table {
                thead { tr {
                    th scope="col" { "Rubric and field" } th scope="col" { "Person" } th scope="col" { "Same verdict" }
                    th scope="col" { "Kappa" } th scope="col" { "Judge less person" } th scope="col" { "n" }
                } }
                tbody { @for one in found { tr {
                    th scope="row" { (one.field) }
                    td { (one.person) }
                    (figure(one.agreement))
                    (figure(one.kappa))
                    (figure(one.bias))
                    td.number { (one.agreement.map_or(0, |found| found.n)) }
                } } }
            } }
        }
    }
}

fn figure(estimate: Option<Estimate>) -> Markup {
    html! {
        td { @match estimate {
            Some(found) => { (decimal(found.value)) " " span.small { (estimate_interval(&found)) } }
            None => { "too little data" }
        } }
    }
}
