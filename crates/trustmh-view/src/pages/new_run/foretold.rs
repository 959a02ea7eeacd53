//! What a run would ask for, what is known of its judge, and the command line that does the same.

use maud::{Markup, html};

use trustmh_core::validity::Level;

use super::refused;
use crate::starting::{Check, CheckState, Fault, KeyState, Outlook, Refusal, TestResult, Wanted};

/// What is known before a run begins.
pub(crate) struct Foretold {
    pub(crate) wanted: Wanted,
    /// The command line, without the program.
    pub(crate) arguments: Vec<String>,
    /// The variable that the command is started without.
    pub(crate) without: Option<&'static str>,
    pub(crate) key: Option<KeyState>,
    pub(crate) outlook: Result<Outlook, Refusal>,
}

/// What came of trying a model.
pub(crate) enum Tested {
    /// It is not one that could be tried.
    Misread(Vec<Fault>),
    Done {
        checks: Vec<Check>,
        result: Option<TestResult>,
    },
}

/// All that is wrong with a form.
pub(crate) fn faults(found: &[Fault]) -> Markup {
    html! { div.warn role="alert" { ul { @for fault in found { li { (fault.message) } } } } }
}

/// The plan. `millis` is how long a call took when the model was tried, if it was.
pub(crate) fn plan(foretold: &Foretold, millis: &str) -> Markup {
    html! {
        @match &foretold.key {
            Some(KeyState::FoundIn(variable)) => p { "Key found in " code { (variable) } "." },
            Some(KeyState::MissingIn(variable)) if foretold.wanted.base_url.is_some() => p.small { "No key: " code { (variable) }
                " is not set where the viewer runs. A server of your own may need none." },
            Some(KeyState::MissingIn(variable)) => p.warn { "No key: " code { (variable) } " is not set where the viewer runs." },
            Some(KeyState::NotNeeded) | None => {},
        }
        @match &foretold.outlook {
            Err(refusal) => { (refused(refusal)) }
            Ok(outlook) => {
                (figures(outlook, &foretold.wanted, millis.parse().ok()))
                @for warning in &outlook.warnings { p.warn { (warning) } }
                (card(outlook))
            }
        }
        (command(foretold))
    }
}

fn figures(outlook: &Outlook, wanted: &Wanted, millis: Option<u64>) -> Markup {
    let calls = outlook.subject_calls + outlook.judge_calls;
    html! {
        dl.figures {
            div { dt { "Trials" } dd { (grouped(outlook.trials)) span.small { " of " (outlook.tasks) " tasks" } } }
            div { dt { "Calls" } dd { (grouped(calls))
                @if outlook.judge_calls > 0 { span.small { " (" (grouped(outlook.judge_calls)) " to the judge)" } } } }
            div { dt { "Tokens" } dd { "about " (grouped(outlook.prompt_tokens)) span.small { " sent, at most " (grouped(outlook.reply_tokens)) " received" } } }
            div { dt { "Cost" } dd { @match outlook.dollars {
                Some(dollars) => { "at most $" (format!("{dollars:.2}")) span.small { " by the price table" } }
                None => { "not known" span.small { ": a model is not in the price table" } }
            } } }
            div { dt { "Time" } dd { (time(outlook, wanted, millis)) } }
        }
        p.small { "Replies that cannot be read are asked for again, which comes on top." }
    }
}

/// How long it may take, from what is known of the model's speed.
fn time(outlook: &Outlook, wanted: &Wanted, millis: Option<u64>) -> Markup {
    let calls = outlook.subject_calls as f64;
    let by_rate = wanted.limits.per_minute.map(|rate| calls / rate as f64);
    let by_speed = millis
        .zip(outlook.at_once)
        .map(|(millis, at_once)| calls * millis as f64 / 60_000.0 / at_once.max(1) as f64);
    match (by_rate, by_speed) {
        (Some(rate), Some(speed)) if speed > rate => html! { "about " (minutes(speed)) },
        (Some(rate), _) => html! { "at least " (minutes(rate)) span.small { " at that rate" } },
        (None, Some(speed)) => html! { "about " (minutes(speed))
        span.small { " at the speed of the test, " (outlook.at_once.unwrap_or(1)) " calls at once" } },
        (None, None) => html! { "not known" span.small { " before the model is tested" } },
    }
}

fn minutes(minutes: f64) -> String {
    match minutes.ceil() {
        whole if whole <= 1.0 => "a minute".to_owned(),
        whole if whole < 120.0 => format!("{whole} minutes"),
        _ => format!("{:.1} hours", minutes / 60.0),
    }
}

/// What is known of the judge, in a line; by rubric when opened, the rubric of which least is known first.
fn card(outlook: &Outlook) -> Markup {
    let mut known: Vec<_> = outlook.validity.iter().collect();
    known.sort_by_key(|one| one.level);
    let levels = [Level::Unvalidated, Level::Directional, Level::Validated];
    let count = |level: Level| known.iter().filter(|one| one.level == level).count();
    html! {
        h3 { "Judge: " (outlook.judge) }
        @if known.is_empty() { p.small { "No rubric of these tasks is judged by it." } }
        @else {
            p { @for level in levels.into_iter().filter(|level| count(*level) > 0) {
                span.tag.(colour(level)) { (level.word()) " for " (count(level)) " of " (known.len()) " rubrics" } " "
            } }
            @if known.iter().any(|one| one.level != Level::Validated) {
                p.small { "Numbers by a judge that is not validated point a direction at best." }
            }
            details {
                summary { "By rubric" }
                table.card {
                    thead { tr { th scope="col" { "Rubric" } th scope="col" { "Checked against people" } } }
                    tbody { @for one in &known { tr {
                        th scope="row" { (one.rubric) }
                        td { span.tag.(colour(one.level)) { (one.level.word()) } @if one.n > 0 { span.small { " n " (one.n) } } }
                    } } }
                }
            }
        }
    }
}

const fn colour(level: Level) -> &'static str {
    match level {
        Level::Unvalidated => "low",
        Level::Directional => "middle",
        Level::Validated => "high",
    }
}

fn command(foretold: &Foretold) -> Markup {
    let before = foretold.without.map(|variable| format!("env -u {variable} "));
    let words = foretold.arguments.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
    let line = format!("{}trustmh {words}", before.unwrap_or_default());
    html! {
        h3 { "The same as a command" }
        pre.command tabindex="0" { (line) }
    }
}

/// A word as a POSIX shell reads it as one.
fn quoted(word: &str) -> String {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || "-_=./:,@+%".contains(sign);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

pub(crate) fn tested(tested: &Tested) -> Markup {
    let (checks, result) = match tested {
        Tested::Misread(found) => return faults(found),
        Tested::Done { checks, result } => (checks, result),
    };
    html! {
        ul.checks { @for check in checks { li {
            (match check.state { CheckState::Ok => "✓ ", CheckState::Note => "– ", CheckState::Problem => "✗ " })
            (check.found)
            @if let Some(fix) = &check.fix { span.small { " " (fix) } }
        } } }
        @match result {
            Some(TestResult::Replied { after, characters }) => {
                p role="status" { strong { "The model replied" } " after " (format!("{:.1}", after.as_secs_f64())) " s, with " (characters) " characters." }
                input type="hidden" name="millis" value=(after.as_millis().max(1));
            }
            Some(TestResult::Failed(refusal)) => { (refused(refusal)) }
            None => p.warn role="alert" { "No call was made." },
        }
    }
}

/// A number with its thousands apart.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_words_in_a_shell() {
        assert_eq!(quoted("--subject=openai/x:8b"), "--subject=openai/x:8b");
        assert_eq!(quoted("--data=/my data/$HOME"), "'--data=/my data/$HOME'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn numbers_and_times_read_well() {
        assert_eq!([grouped(7), grouped(1000), grouped(1_234_567)], ["7", "1,000", "1,234,567"]);
        assert_eq!(
            [minutes(0.1), minutes(2.5), minutes(300.0)],
            ["a minute", "3 minutes", "5.0 hours"]
        );
    }
}
