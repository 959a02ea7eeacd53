//! What a pack tells, in the order in which it is read.

mod around;
mod duties;
mod figures;
mod first;
mod identity;
mod results;

use trustmh_core::id::TaskId;

use crate::document::{Document, Inline, Line, Section};
use crate::need::Need;
use crate::pack::Pack;

/// The document of a pack; `files` are those that lie beside it.
pub fn story(pack: &Pack, files: &[&str]) -> Document {
    let framework = &pack.framework;
    let name = pack.system.words("system.name").unwrap_or_default();
    let mut sections = vec![first::found(pack), duties::duties(pack)];
    sections.extend(duties::methods(pack));
    sections.extend([
        results::results(pack),
        figures::crisis(pack),
        figures::referrals(pack),
        around::judge(pack),
        around::limits(pack),
        around::changes(pack),
        identity::system(pack),
        identity::identity(pack),
        identity::integrity(pack, files),
    ]);
    Document {
        title: format!("Evidence on {name} for {}", framework.title),
        first: first::page(pack),
        sections,
    }
}

/// A section.
fn section(anchor: &str, title: &str, blocks: Vec<crate::document::Block>) -> Section {
    Section { anchor: anchor.to_owned(), title: title.to_owned(), blocks }
}

/// The anchor of a task's results in the run of this place, from 0.
fn task_anchor(run: usize, task: &TaskId) -> String {
    format!("run-{}-{}-{}", run + 1, task.pillar().slug(), task.name())
}

/// Links to where needs stand.
fn places(needs: &[Need]) -> Line {
    let mut line = Line::default();
    for (place, need) in needs.iter().enumerate() {
        if place > 0 {
            line = line.and(Inline::Break);
        }
        line = line.and(match need {
            Need::Part(part) => {
                Inline::Link { to: part.section().to_owned(), text: part.title().to_owned() }
            }
            Need::Field(field) => Inline::Link { to: field.anchor(), text: field.to_string() },
        });
    }
    line
}

/// What is not there, in words; none if all is.
fn not_here(needs: &[Need]) -> Option<String> {
    let named: Vec<String> = needs
        .iter()
        .map(|need| match need {
            Need::Part(part) => part.title().to_owned(),
            Need::Field(field) => format!("{field} in system.toml"),
        })
        .collect();
    (!named.is_empty()).then(|| format!("Not here: {}.", named.join(", ")))
}
