//! What a study prints at its end: what is missing first, then how its runs stand, and where its pages are.

use crate::failure::{Exit, Failure};
use crate::screen;
use crate::studying::{Kept, Reported, Tried, Work, graver, report};

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// For people.
    Text,
    /// For programs.
    Json,
}

impl Shown {
    pub(super) const fn of(json: bool) -> Self {
        if json { Self::Json } else { Self::Text }
    }
}

/// Works on the study and shows what came of it.
pub(super) fn done(work: &Work<'_>, shown: Shown) -> Result<Exit, Failure> {
    let tried = work.done().map_err(|failure| match failure.hint {
        Some(_) => failure,
        None => failure.with_hint(work.how_to_resume()),
    })?;
    let reported = report(work.kept, Some(&tried))?;
    print(work.kept, &reported, shown)?;
    let exit = tried.iter().fold(reported.exit, |exit, one| graver(exit, one.exit()));
    if tried.iter().any(|one| matches!(one, Tried::Stopped)) {
        screen::note(&format!("interrupted; {}", work.how_to_resume()));
        return Ok(exit);
    }
    let spent = tried.iter().find_map(|one| match one {
        Tried::BudgetSpent(limit) => Some(*limit),
        Tried::Complete | Tried::Stopped | Tried::Failed(_) | Tried::NotBegun => None,
    });
    match spent {
        Some(limit) => screen::note(&work.limit_reached(limit)),
        // Calls that failed are made again.
        None if exit != Exit::Ok || !reported.missing.is_empty() => {
            screen::note(&work.how_to_resume());
        }
        None => {}
    }
    Ok(exit)
}

/// Prints what came of a study.
pub(super) fn print(kept: &Kept, reported: &Reported, shown: Shown) -> Result<(), Failure> {
    match shown {
        Shown::Json => screen::print_json(&reported.json),
        Shown::Text => {
            screen::print(&text(kept, reported));
            Ok(())
        }
    }
}

fn text(kept: &Kept, reported: &Reported) -> String {
    let mut text = String::new();
    let whole = reported.runs.iter().filter(|run| run.is_whole()).count();
    let all = reported.runs.len();
    if whole < all {
        text.push_str(&format!("INCOMPLETE: {} of {all} runs not complete.\n", all - whole));
    }
    for missing in &reported.missing {
        text.push_str(&format!("  ! {missing}\n"));
    }
    text.push_str(&format!("{}: {whole} of {all} runs complete\n\n", reported.name));
    let widest = |of: fn(&crate::studying::RunState) -> &str| {
        reported.runs.iter().map(|run| of(run).chars().count()).max().unwrap_or_default()
    };
    let (subjects, judges) = (widest(|run| &run.subject), widest(|run| &run.judge));
    for run in &reported.runs {
        text.push_str(&format!(
            "  {:subjects$}  by {:judges$}  {} of {} trials\n",
            run.subject,
            run.judge,
            run.planned - run.pending.min(run.planned),
            run.planned
        ));
    }
    for one in &reported.comparisons {
        if let Some(found) = &one.found {
            text.push_str(&format!("\nBy {}\n{}", one.judge, found.terminal(screen::width())));
        }
    }
    text.push('\n');
    let folder = kept.folder.display();
    let is_comparison = |file: &&String| file.starts_with("comparison") && file.ends_with(".html");
    for page in reported.files.iter().filter(is_comparison) {
        text.push_str(&format!("Comparison   {folder}/{page}\n"));
    }
    for one in &reported.comparisons {
        text.push_str(&format!("Leaderboard  {folder}/{}\n", one.leaderboard));
    }
    text.push_str(&format!("All          {folder}/scorecards.json\n"));
    text.push_str(&match whole == all {
        true => format!("Next         trustmh view {folder}/runs\n"),
        false => format!("Next         trustmh study resume {folder}\n"),
    });
    text
}
