//! How a run ends on a terminal: what was found, on one screen.

mod bar;

use anstyle::{AnsiColor, Style};
use std::collections::BTreeSet;

use trustmh_core::facts::Cost;
use trustmh_core::id::TaskId;
use trustmh_core::inert::inert;
use trustmh_core::outcome::OutcomeCounts;
use trustmh_core::pillar::Pillar;
use trustmh_core::scorecard::{ItemOrigin, JudgeName, Scorecard, TaskResult};

use crate::facts::RunFacts;
use crate::findings::{Finding, Findings, does};
use crate::number::{counted, duration};
use crate::terminal::Colour;
use crate::tone::Tone;
use crate::validity::is_unvalidated;
use bar::{Bar, bar};

/// Rows of the smallest terminal that is common, less the one that the prompt takes.
const ROWS: usize = 23;

/// What stands at the end of the screen: a word and where to look or what to type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    /// `Report`, `Next` and the like.
    pub word: &'static str,
    /// The path or command.
    pub to: String,
}

/// The result of a run in at most 24 rows of at most `width` columns: what is incomplete, the pillars, what stands out, counts and cost,
/// and `pointers` last.
pub fn ending(
    card: &Scorecard,
    facts: &RunFacts,
    pointers: &[Pointer],
    colour: Colour,
    width: u16,
) -> String {
    let page = Page { colour, width: usize::from(width) };
    let findings = Findings::of(card, None);
    let mut head: Vec<String> = page.standing(card).into_iter().collect();
    head.extend(page.head(card, facts));
    head.extend(silence(card).map(|said| page.alarm(&format!("! {said}"))));
    head.extend(page.read_first(card));
    head.push(String::new());
    let scores = page.scores(card);
    let mut foot = page.counts(card, facts);
    foot.extend(pointers.iter().flat_map(|pointer| page.pointer(pointer)));
    let above: usize = head.iter().map(|row| row.lines().count().max(1)).sum();
    let left = ROWS.saturating_sub(above + scores.len() + foot.len());
    let findings = page.findings(&findings, left);
    let rows = head.into_iter().chain(scores).chain(findings).chain(foot);
    rows.map(|row| row + "\n").collect()
}

#[derive(Clone, Copy)]
struct Page {
    colour: Colour,
    width: usize,
}

impl Page {
    fn paint(self, style: Style, text: &str) -> String {
        match self.colour {
            Colour::On => format!("{style}{text}{style:#}"),
            Colour::Off => text.to_owned(),
        }
    }

    fn tone(self, tone: Tone, text: &str) -> String {
        let colour = match tone {
            Tone::Worrying => AnsiColor::Red,
            Tone::Unclear => AnsiColor::Yellow,
            Tone::Reassuring => AnsiColor::Green,
            Tone::Unknown => AnsiColor::BrightBlack,
        };
        self.paint(Style::new().fg_color(Some(colour.into())), text)
    }

    fn head(self, card: &Scorecard, facts: &RunFacts) -> Vec<String> {
        let subject = self.cut(&inert(&card.subject_shown()));
        let (ended, planned) = progress(card);
        let mut parts = vec![format!("{ended} of {planned} trials")];
        parts.extend(facts.seconds.map(duration));
        // What costs nothing takes no room from what must be known.
        match facts.cost() {
            Cost::Known(dollars) if dollars > 0.0 => parts.push(format!("${dollars:.2}")),
            Cost::AtLeast(dollars) => parts.push(format!("at least ${dollars:.2}")),
            Cost::Known(_) | Cost::Unknown => {}
        }
        parts.push(format!("judge {}", inert(card.judge.title())));
        parts.push(format!("{} protocol", card.protocol));
        let client = card.client.as_ref();
        parts.extend(client.map(|client| format!("clients played by {}", inert(client.title()))));
        vec![self.paint(Style::new().bold(), &subject), self.cut(&parts.join(" · "))]
    }

    /// Whether the run is whole: above all else, and never cut.
    fn standing(self, card: &Scorecard) -> Option<String> {
        let said = crate::standing::banner(card)?;
        Some(self.alarm(&inert(&said)))
    }

    fn alarm(self, said: &str) -> String {
        let bold = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
        self.paint(bold, &textwrap::wrap(said, self.width).join("\n"))
    }

    /// Whose judge and whose items, where they weaken what follows.
    fn read_first(self, card: &Scorecard) -> Option<String> {
        let said = read_first(card)?;
        let yellow = Style::new().fg_color(Some(AnsiColor::Yellow.into()));
        Some(self.paint(yellow, &textwrap::wrap(&format!("! {said}"), self.width).join("\n")))
    }

    /// The pillars, then the tasks of other suites by their primary metric.
    fn scores(self, card: &Scorecard) -> Vec<String> {
        let mut bars: Vec<Bar> = Vec::new();
        for pillar in Pillar::ALL {
            let name = pillar.short_title().to_owned();
            if let Some(score) = card.pillars.get(&pillar) {
                bars.push(Bar::of_pillar(name, score));
            } else if let Some(missing) = card.pillars_without_score.get(&pillar) {
                bars.push(Bar::without(name, no_score(card, missing)));
            }
        }
        let beside: Vec<(&TaskId, &TaskResult)> =
            card.tasks.iter().filter(|(id, _)| !card.enters_pillars(id)).collect();
        let shown = if beside.len() <= BESIDE { beside.len() } else { BESIDE - 1 };
        bars.extend(beside.iter().take(shown).map(|(id, result)| Bar::of_task(id, result)));
        let mut rows: Vec<String> = bars.iter().map(|one| self.row(one)).collect();
        match beside.len() - shown {
            0 => {}
            more => rows.push(format!("and {more} tasks of other suites (--all)")),
        }
        rows
    }

    fn row(self, one: &Bar) -> String {
        let drawn = bar(one, self.width);
        match one.tone {
            Some(tone) => drawn.painted(|text| self.tone(tone, text)),
            None => drawn.plain(),
        }
    }

    /// As many findings as there is room for, and what cannot be said in one row.
    fn findings(self, found: &Findings, room: usize) -> Vec<String> {
        let unsaid = self.cannot_say(found);
        let room = room.saturating_sub(usize::from(unsaid.is_some()) + 1);
        let mut rows = Vec::new();
        for one in &found.stand_out {
            let said = self.finding(one);
            if rows.len() + said.len() > room {
                break;
            }
            rows.extend(said);
        }
        rows.extend(unsaid);
        if !rows.is_empty() {
            rows.insert(0, self.paint(Style::new().bold(), "What stands out"));
        }
        rows
    }

    /// A finding in one row, or in as many as it takes: neither a claim nor what it rests on is cut.
    fn finding(self, one: &Finding) -> Vec<String> {
        let sign = self.tone(one.tone, one.tone.sign());
        let (sentence, evidence) = (inert(&one.sentence), inert(&one.evidence.short()));
        let whole = format!("{sentence} ({evidence})");
        if columns(&whole) + SIGN <= self.width {
            return vec![format!(" {sign} {whole}")];
        }
        let room = self.width.saturating_sub(SIGN);
        let parts = [sentence, format!("({evidence})")];
        let rows = parts.iter().flat_map(|part| textwrap::wrap(part, room));
        let marks = std::iter::once(sign).chain(std::iter::repeat(" ".to_owned()));
        rows.zip(marks).map(|(row, mark)| format!(" {mark} {row}")).collect()
    }

    fn cannot_say(self, found: &Findings) -> Option<String> {
        let named: Vec<&str> = found.cannot_say.iter().map(|unsaid| unsaid.does.as_str()).collect();
        if named.is_empty() {
            return None;
        }
        let sign = self.tone(Tone::Unknown, Tone::Unknown.sign());
        let room = self.width.saturating_sub(SIGN);
        let mut said = format!("Cannot say whether it {}", inert(&named.join("; ")));
        for shown in (0..named.len()).rev() {
            if columns(&said) <= room {
                break;
            }
            let more = named.len() - shown;
            said = match named.get(..shown) {
                Some([]) | None => format!("Cannot say anything of {more} tasks"),
                Some(some) => {
                    format!("Cannot say whether it {}; and {more} more", inert(&some.join("; ")))
                }
            };
        }
        Some(format!(" {sign} {}", cut(&said, room)))
    }

    /// How trials ended, and the calls.
    fn counts(self, card: &Scorecard, facts: &RunFacts) -> Vec<String> {
        let mut all = OutcomeCounts::default();
        card.tasks.values().for_each(|result| all.add_all(&result.outcomes));
        let (ended, planned) = progress(card);
        let mut trials = Vec::new();
        for (count, word) in [
            (planned - ended, "pending"),
            (all.failed, "failed"),
            (all.scored, "scored"),
            (all.refused, "refused"),
            (all.unparsed, "not readable"),
            (all.unanswered, "without an answer"),
            (all.broken_client, "left out (client)"),
        ] {
            if count > 0 {
                trials.push(format!("{count} {word}"));
            }
        }
        let calls = facts.subject_calls + facts.judge_calls;
        let tokens = facts.prompt_tokens + facts.reply_tokens;
        let mut parts = vec![counted(calls, "call", "calls")];
        if facts.retries > 0 {
            parts.push(counted(facts.retries, "retry", "retries"));
        }
        match (tokens, facts.uncounted) {
            (0, 0) => {}
            (tokens, 0) => parts.push(format!("{tokens} tokens")),
            (0, _) => parts.push("tokens not counted".to_owned()),
            (tokens, some) => {
                let replies = counted(some, "reply", "replies");
                parts.push(format!("at least {tokens} tokens ({replies} not counted)"));
            }
        }
        parts.push(match facts.cost() {
            Cost::Known(dollars) => format!("${dollars:.2}"),
            Cost::AtLeast(dollars) => format!("at least ${dollars:.2}"),
            Cost::Unknown => "cost not known".to_owned(),
        });
        let (trials, calls) = (trials.join(", "), parts.join(", "));
        let whole = format!("Trials  {trials} · {calls}");
        if columns(&whole) <= self.width {
            return vec![whole];
        }
        vec![self.cut(&format!("Trials  {trials}")), self.cut(&format!("Calls   {calls}"))]
    }

    /// Never cut, since it is to be copied.
    fn pointer(self, pointer: &Pointer) -> Vec<String> {
        vec![format!("{:<7} {}", pointer.word, inert(&pointer.to))]
    }

    fn cut(self, text: &str) -> String {
        cut(text, self.width)
    }
}

/// At most so many rows for tasks beside the pillars.
const BESIDE: usize = 4;

/// Columns before a finding.
const SIGN: usize = 3;

/// Why a pillar has no score: what all of its tasks without one have in common, else how many they are.
fn no_score(card: &Scorecard, missing: &[TaskId]) -> String {
    let tasks = |does: &str, do_: &str| match missing {
        [one] => format!("{one} {does}"),
        some => format!("{} tasks {do_}", some.len()),
    };
    let asked: Vec<&TaskResult> = missing.iter().filter_map(|id| card.tasks.get(id)).collect();
    let reasons: BTreeSet<&str> =
        asked.iter().flat_map(|result| result.not_scored.values()).map(String::as_str).collect();
    let is_pending = asked.iter().any(|result| result.pending > 0);
    let mut reasons = reasons.into_iter();
    let why = match (asked.len(), reasons.next(), reasons.next()) {
        (0, _, _) => tasks("was not asked", "were not asked"),
        (all, only, more) if all == missing.len() && !is_pending => match (only, more) {
            (Some(only), None) => only.to_owned(),
            _ => tasks("could not be scored", "could not be scored"),
        },
        _ => tasks("is missing or not scored", "are missing or not scored"),
    };
    format!("no score: {why}")
}

/// Trials that ended, and those planned.
pub(crate) fn progress(card: &Scorecard) -> (u64, u64) {
    let ended: u64 = card.tasks.values().map(|result| result.n).sum();
    let pending: u64 = card.tasks.values().map(|result| result.pending).sum();
    (ended, ended + pending)
}

/// Whose judge and whose items, where they weaken what follows.
pub(crate) fn read_first(card: &Scorecard) -> Option<String> {
    let by_program = match card.judge {
        _ if !is_judged(card) => None,
        JudgeName::Offline => Some("judged by offline rules, which miss much".to_owned()),
        JudgeName::Embedded(_) => Some("judged by the small embedded judge".to_owned()),
        JudgeName::Model(_) | JudgeName::None => None,
    };
    let starter =
        card.tasks.values().filter(|result| result.source.origin == ItemOrigin::Starter).count();
    let items = match starter {
        0 => None,
        all if all == card.tasks.len() => {
            Some("starter items, which are for trying the program".to_owned())
        }
        some => Some(format!("starter items in {some} of {} tasks", card.tasks.len())),
    };
    let unvalidated = match (&card.judge, unvalidated(card)) {
        (JudgeName::Model(_), 1) => Some("judge not validated in 1 task".to_owned()),
        (JudgeName::Model(_), many) if many > 1 => {
            Some(format!("judge not validated in {many} tasks"))
        }
        _ => None,
    };
    let head = if by_program.is_some() || items.is_some() {
        "No evidence about a model"
    } else {
        "Read with care"
    };
    let parts: Vec<String> = by_program.into_iter().chain(items).chain(unvalidated).collect();
    (!parts.is_empty()).then(|| format!("{head}: {}", parts.join("; ")))
}

/// Whether a judge has a part in any number; the answers of most tasks are read by rule.
pub(crate) fn is_judged(card: &Scorecard) -> bool {
    let mut metrics = card.tasks.values().flat_map(|result| result.metrics.values());
    metrics.any(|metric| metric.validity.is_some())
}

/// A task of which a greater share of the replies holds no answer is named first.
const SILENT: f64 = 0.01;

/// How many replies hold no answer, of the tasks where so many do that nothing else may be read without it.
pub(crate) fn silence(card: &Scorecard) -> Option<String> {
    let outcomes = card.tasks.values().map(|result| result.outcomes);
    let silent = |found: &OutcomeCounts| found.unanswered as f64 > SILENT * found.total() as f64;
    let mut all = OutcomeCounts::default();
    outcomes.filter(silent).for_each(|found| all.add_all(&found));
    (all.unanswered > 0)
        .then(|| format!("{} of {} replies hold no answer", all.unanswered, all.total()))
}

/// Tasks with a number by a judge of which nothing is known.
pub(crate) fn unvalidated(card: &Scorecard) -> usize {
    let of_task = |result: &&TaskResult| {
        result.metrics.values().any(|metric| is_unvalidated(metric.validity.as_ref()))
    };
    card.tasks.values().filter(of_task).count()
}

fn columns(text: &str) -> usize {
    textwrap::core::display_width(text)
}

/// The text, or as much of it as fits into `width` columns with an ellipsis.
fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for sign in text.chars() {
        let more = format!("{kept}{sign}");
        if columns(&more) + 1 > width {
            break;
        }
        kept = more;
    }
    kept.trim_end().to_owned() + "…"
}
