//! How people agree with each other and with the judge, and how far the judge may be trusted.

use maud::{Markup, html};

use trustmh_core::metric::Estimate;
use trustmh_report::number::{decimal, estimate_interval, interval};
use trustmh_report::trials::cell;
use trustmh_run::derived::annotations;
use trustmh_run::derived::people::{FieldAgreement, agreements};
use trustmh_run::derived::ratings::{unit, unit_left};
use trustmh_run::journal::TrialRecord;
use trustmh_stats::raters::{Pair, Scale};

use super::Site;
use super::trial::record;
use crate::error::ViewError;

/// Fewer replies than this say little about a judge.
const FEW: u64 = 30;

fn found(site: &Site<'_>, run: &str, task: &str) -> Result<Vec<FieldAgreement>, ViewError> {
    let opened = site.open(run)?;
    let prefix = if task.is_empty() { String::new() } else { format!("{task}:") };
    let given = annotations::read(&opened.folder)?;
    let benchmark = opened.benchmark(&site.viewer.benchmark);
    Ok(agreements(benchmark, &opened.manifest, &opened.trials, &given, &prefix)?)
}

/// The page of a task, or of all.
pub(crate) fn agreement(site: &Site<'_>, run: &str, task: &str) -> Result<String, ViewError> {
    let fields = found(site, run, task)?;
    let body = html! {
        nav aria-label="Run" { a href=(site.of_run(run, "", &[])) { "Scorecard" } }
        main {
            h1 { "People and judge" @if !task.is_empty() { ": " code { (task) } } }
            @if fields.is_empty() {
                p { "Nobody has rated replies of this run yet. Start the viewer with " code { "trustmh view --annotate" }
                    " and choose “rate replies” on the scorecard." }
            } @else {
                p { "Worked out anew from the ratings at every look." }
            }
            @for field in &fields { (section(site, run, task, field)) }
        }
    };
    Ok(site.page("People and judge", &body))
}

fn section(site: &Site<'_>, run: &str, task: &str, field: &FieldAgreement) -> Markup {
    let agreement = &field.agreement;
    html! {
        section {
            h2 { (field.rubric) ": " (field.field) }
            p { (field.meaning) }
            p role="status" { (counts(field)) }
            (trust(field))
            p { a href=(site.of_run(run, "/ratings.csv", &[("task", task), ("rubric", field.rubric.as_str()), ("field", &field.field)])) { "Save these ratings as CSV" }
                ", for " code { "trustmh agreement" } " and " code { "trustmh score --calibration" } "." }
            (together_in_words(field))
            @for pair in &agreement.pairs { (pair_table(agreement.scale, pair)) }
        }
    }
}

/// Who rated how much: people are counted, the judge is named beside them.
fn counts(field: &FieldAgreement) -> Markup {
    let FieldAgreement { people, judge, ratings, .. } = field;
    html! {
        (ratings.len()) @if ratings.len() == 1 { " reply" } @else { " replies" } " rated by " (people.raters.join(", ")) "; "
        (people.units) " by two people or more."
        @if let Some(judge) = judge { " The " (judge) " stands beside them and is not counted." }
    }
}

/// How people agree with each other.
fn together_in_words(field: &FieldAgreement) -> Markup {
    let people = &field.people;
    html! {
        @match people.krippendorff_alpha {
            Some(alpha) => p { "Krippendorff's alpha of people: " strong { (decimal(alpha.value)) } " " (estimate_interval(&alpha)) ", n " (people.units)
                @if let Some(ac1) = people.pooled.ac1 { "; Gwet's AC1 " (decimal(ac1.value)) " " (interval(ac1.low, ac1.high)) }
                @if let Some(icc) = people.pooled.icc2_1 { "; ICC(2,1) " (decimal(icc.value)) " " (interval(icc.low, icc.high)) } },
            None if people.units == 0 => p.small { "No reply was rated by two people: how they agree is not known." },
            None => p.small { "The ratings do not vary enough to tell how people agree." },
        }
    }
}

/// How people agree on a task, field by field, for whoever has rated all of it.
pub(crate) fn in_short(site: &Site<'_>, run: &str, task: &str) -> Result<Markup, ViewError> {
    let fields = found(site, run, task)?;
    Ok(html! {
        @for field in &fields {
            h3 { (field.rubric) ": " (field.field) }
            p { (counts(field)) }
            (together_in_words(field))
        }
    })
}

/// What the figures allow to say of the judge.
fn trust(field: &FieldAgreement) -> Markup {
    let Some(judge) = &field.judge else {
        return html! { p.small { "The run has no recorded verdicts on these replies, so there is nothing to hold people's ratings against." } };
    };
    let pairs: Vec<&Pair> =
        field.agreement.pairs.iter().filter(|pair| pair.right == *judge).collect();
    let n = pairs.iter().filter_map(|pair| pair.agreement).map(|found| found.n).max().unwrap_or(0);
    let kappas: Vec<Estimate> =
        pairs.iter().filter_map(|pair| kappa(field.agreement.scale, pair)).collect();
    let lowest = kappas.iter().filter_map(|kappa| Some(kappa.interval?.low)).reduce(f64::min);
    html! {
        p.warn {
            strong { "How far may " (judge) " be trusted here? " }
            @if n < FEW { "Not known: " (n) " replies were rated by people; below " (FEW) " nothing is said." }
            @else { @match lowest {
                Some(low) => { "By people's ratings of " (n) " replies its kappa with a person is above " (decimal(low))
                    " (lower end of the lowest 95 % interval). "
                    @if low < 0.4 { "That is too little to rest a finding on; correct its mean by people's ratings, or judge otherwise." }
                    @else if low < 0.6 { "Use its means with people's correction beside them, not its single verdicts." }
                    @else { "Its verdicts follow people's; keep looking at what it gets wrong." } }
                None => { "The ratings do not vary enough to tell." }
            } }
        }
    }
}

fn kappa(scale: Scale, pair: &Pair) -> Option<Estimate> {
    match scale {
        Scale::Nominal => pair.cohen_kappa,
        Scale::Numeric => pair.quadratic_kappa,
    }
}

fn pair_table(scale: Scale, pair: &Pair) -> Markup {
    let figures: [(&str, Option<Estimate>); 5] = [
        ("exact agreement", pair.agreement),
        match scale {
            Scale::Nominal => ("Cohen's kappa", pair.cohen_kappa),
            Scale::Numeric => ("kappa, quadratic weights", pair.quadratic_kappa),
        },
        ("mean of the second less the first", pair.bias),
        ("mean absolute difference", pair.mae),
        ("Spearman's rank correlation", pair.spearman),
    ];
    html! {
        h3 { (pair.left) " and " (pair.right) }
        div.wide { table {
            thead { tr { th scope="col" { "Figure" } th scope="col" { "Value" } th scope="col" { "95 % interval" } th scope="col" { "n" } } }
            tbody { @for (name, figure) in figures { @if let Some(figure) = figure { tr {
                th scope="row" { (name) } td.number { (decimal(figure.value)) } td { (estimate_interval(&figure)) } td.number { (figure.n) }
            } } } }
        } }
    }
}

/// The ratings of one field or measure as CSV, for `trustmh agreement` and `trustmh score --calibration`: the unit, the trial and its
/// item, what was rated, what people say together, and a column for each rater.
pub(crate) fn csv(
    site: &Site<'_>,
    run: &str,
    task: &str,
    [rubric, name]: [&str; 2],
) -> Result<String, ViewError> {
    let fields = found(site, run, task)?;
    let wanted = |field: &&FieldAgreement| {
        field.field == name && (rubric.is_empty() || field.rubric.as_str() == rubric)
    };
    let field = fields.iter().find(wanted);
    let field = field.ok_or_else(|| ViewError::Missing(format!("rated field {name}")))?;
    let opened = site.open(run)?;
    let raters = &field.agreement.raters;
    let head = ["id", "trial", "item", "rubric", "field", "rating"].into_iter();
    let head = head.chain(raters.iter().map(String::as_str));
    let mut text = head.map(quoted).collect::<Vec<_>>().join(",") + "\r\n";
    for (rated, given) in &field.ratings {
        let (unit, cluster) = match record(&opened, &rated.trial)? {
            TrialRecord::Whole(recorded) => (unit(&recorded.trial), recorded.trial.cluster()),
            TrialRecord::Forgotten(remains) => (unit_left(&remains.trial), remains.trial.cluster),
        };
        let people: Vec<&str> = given
            .iter()
            .filter(|(rater, _)| Some(*rater) != field.judge.as_ref())
            .map(|(_, value)| value.as_str())
            .collect();
        // A reply of a conversation is no trial: `score --calibration` must not take it for the whole.
        let (unit, trial) = match rated.turn {
            None => (unit, rated.trial.clone()),
            Some(_) => (rated.to_string(), String::new()),
        };
        let cells = [
            unit,
            trial,
            cluster.to_string(),
            field.rubric.to_string(),
            field.field.clone(),
            together(&people),
        ];
        let ratings = raters.iter().map(|name| given.get(name).cloned().unwrap_or_default());
        let line: Vec<String> =
            cells.into_iter().chain(ratings).map(|cell| quoted(&cell)).collect();
        text.push_str(&(line.join(",") + "\r\n"));
    }
    Ok(text)
}

/// The mean of numbers; of labels the one that most gave, nothing where none has the most.
fn together(people: &[&str]) -> String {
    let numbers: Option<Vec<f64>> = people.iter().map(|value| value.parse().ok()).collect();
    if let Some(numbers) = numbers.filter(|numbers| !numbers.is_empty()) {
        return (numbers.iter().sum::<f64>() / numbers.len() as f64).to_string();
    }
    let count = |label: &str| people.iter().filter(|other| **other == label).count();
    let most = people.iter().map(|label| count(label)).max().unwrap_or(0);
    let mut leading: Vec<&str> =
        people.iter().copied().filter(|label| count(label) == most).collect();
    leading.dedup();
    match leading.as_slice() {
        [only] => (*only).to_owned(),
        _ => String::new(),
    }
}

fn quoted(text: &str) -> String {
    // A score below 0 is a number, not a formula.
    let text = if text.parse::<f64>().is_ok() { text.to_owned() } else { cell(text) };
    format!("\"{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_together() {
        assert_eq!(together(&["2", "3"]), "2.5");
        assert_eq!(together(&["kept", "leaked", "kept"]), "kept");
        assert_eq!(together(&["kept", "leaked"]), "");
    }
}
