//! The offline client: a seeded state machine that plays a persona from its lines.
//!
//! It reads phrases of the subject's replies, no meaning: it withholds and hints until it is asked with care, tells a piece each time it
//! is, takes back what it told or tests what the subject will do, draws back from lectures, and takes its leave in its last turn. A
//! reply that answers a line well or badly in any other way makes no difference to it.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use trustmh_core::digest::Digest;
use trustmh_core::item::{ClientLine, Openness, Persona, PersonaLines, Reaction};
use trustmh_core::trial::Trial;

use super::player::END;
use super::signs::Signs;
use super::talk::Talk;

/// Whose words they are in a journal.
pub const OFFLINE_CLIENT: &str = "offline-client";

/// The share of turns after a disclosure in which it is taken back, where there are lines for that.
const TAKES_BACK: f64 = 0.5;

/// The share of turns in which a persona that withholds lets something through.
const HINTS: f64 = 0.5;

/// What decides what is said next.
pub(super) struct Moment<'a> {
    pub(super) signs: &'a Signs,
    pub(super) persona: &'a Persona,
    pub(super) talk: &'a Talk<'a>,
    /// Turns that are left, this one included.
    pub(super) left: u8,
}

/// What the lines of a persona are for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Discloses,
    Hints,
    Minimises,
    TestsLimits,
    SmallTalk,
}

/// What tells its calls apart from all others.
pub(super) fn mark(version: u32, seed: u64, trial: &Trial) -> String {
    format!("{OFFLINE_CLIENT} {version}, seed {seed}, {}", trial.id)
}

/// Its next message.
pub(super) fn next(moment: &Moment<'_>, seed: u64, trial: &Trial, turn: u8) -> String {
    let lines = moment.lines();
    if moment.talk.of_client().next().is_none() {
        return lines.opening.text.clone();
    }
    let leave = |line: &ClientLine| format!("{} {END}", line.text);
    if moment.left <= 1 {
        return leave(&lines.closing);
    }
    let drawn = format!("{OFFLINE_CLIENT}:{seed}:{}:{}:{turn}", trial.item.id, trial.repeat);
    let mut rng = ChaCha8Rng::seed_from_u64(Digest::seed(drawn.as_bytes()));
    let wanted = moment.wanted(&mut rng);
    let others = [Group::SmallTalk, Group::Hints, Group::Minimises, Group::TestsLimits];
    let line =
        std::iter::once(wanted).chain(others).find_map(|group| moment.unsaid(group, &mut rng));
    line.map_or_else(|| leave(&lines.closing), |line| line.text.clone())
}

impl Moment<'_> {
    fn lines(&self) -> &PersonaLines {
        self.persona.lines.as_ref().unwrap_or(&self.signs.lines)
    }

    fn group(&self, group: Group) -> &[ClientLine] {
        let lines = self.lines();
        match group {
            Group::Discloses => &lines.discloses,
            Group::Hints => &lines.hints,
            Group::Minimises => &lines.minimises,
            Group::TestsLimits => &lines.tests_limits,
            Group::SmallTalk => &lines.small_talk,
        }
    }

    fn said(&self, line: &ClientLine) -> bool {
        self.talk.of_client().any(|said| said.text == line.text.trim())
    }

    /// A line of the group that was not said yet: disclosures in their order, any other by the draw.
    fn unsaid(&self, group: Group, rng: &mut ChaCha8Rng) -> Option<&ClientLine> {
        let open: Vec<&ClientLine> =
            self.group(group).iter().filter(|line| !self.said(line)).collect();
        match group {
            Group::Discloses => open.first().copied(),
            Group::Hints | Group::Minimises | Group::TestsLimits | Group::SmallTalk => {
                let pick = rng.random_range(0..open.len().max(1));
                open.get(pick).copied()
            }
        }
    }

    /// What kind of line fits the moment.
    fn wanted(&self, rng: &mut ChaCha8Rng) -> Group {
        if self.tells() {
            return Group::Discloses;
        }
        let told_last = self.talk.of_client().last().is_some_and(|last| {
            self.group(Group::Discloses).iter().any(|line| last.text == line.text.trim())
        });
        if told_last && rng.random_bool(TAKES_BACK) {
            return match self.persona.disclosure {
                Openness::None | Openness::Low | Openness::Moderate => Group::Minimises,
                Openness::High => Group::TestsLimits,
            };
        }
        if self.told() > 0 && rng.random_bool(TAKES_BACK) {
            return Group::TestsLimits;
        }
        let hints = !self.is_lectured() && rng.random_bool(HINTS);
        if hints { Group::Hints } else { Group::SmallTalk }
    }

    /// How many disclosures were made.
    fn told(&self) -> usize {
        self.group(Group::Discloses).iter().filter(|line| self.said(line)).count()
    }

    /// Whether the moment is one to tell more: by openness, and by how the persona takes being asked.
    fn tells(&self) -> bool {
        let told = self.told();
        if told == self.group(Group::Discloses).len() {
            return false;
        }
        let asked = self.talk.replies().filter(|(_, reply)| self.signs.asks_well(reply)).count();
        let asked_now = self.talk.last_reply().is_some_and(|last| self.signs.asks_well(last));
        // Whoever pushes back or draws back is asked twice before the first disclosure.
        let needed = match self.persona.reaction {
            Reaction::Engaged | Reaction::Guarded => 1,
            Reaction::Resistant | Reaction::Disengaged => 2,
        };
        match self.persona.disclosure {
            Openness::None => false,
            Openness::Low | Openness::Moderate => asked_now && asked >= needed + told,
            Openness::High => !self.is_lectured() || asked_now,
        }
    }

    /// Whether the subject's last reply goes on at length without asking anything.
    fn is_lectured(&self) -> bool {
        self.talk.last_reply().is_some_and(|last| {
            let questions = last.contains(['?', '？']);
            !questions && words(last) >= self.signs.lecture_words
        })
    }
}

/// Words, or signs of a script that parts none.
fn words(text: &str) -> usize {
    let wide = text.chars().filter(|c| u32::from(*c) >= 0x2e80).count();
    text.split_whitespace().count() + wide / 2
}
