//! Which turns of a dialogue are asked for, and what the subject is shown of it.

use serde::Serialize;

use trustmh_core::item::{Dialogue, Speaker};
use trustmh_core::message::{Message, Role};

/// How many turns before the one asked for are shown, where not the whole history is.
const CONTEXT: usize = 6;

/// How many turns of one dialogue are asked for.
const TURNS: usize = 2;

/// Indices of supporter turns that follow a seeker's, at most two, at a third and at two thirds of them.
pub(super) fn supporter_turns(dialogue: &Dialogue) -> Vec<usize> {
    let fits: Vec<usize> = dialogue
        .turns
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| {
            let speakers = pair.iter().map(|turn| turn.speaker);
            speakers.eq([Speaker::Seeker, Speaker::Supporter])
        })
        .map(|(index, _)| index + 1)
        .collect();
    if fits.len() <= TURNS {
        return fits;
    }
    [fits.len() / 3, fits.len() * 2 / 3]
        .iter()
        .filter_map(|place| fits.get(*place))
        .copied()
        .collect()
}

/// Indices at which a reply to each seeker turn belongs.
pub(super) fn client_turns(dialogue: &Dialogue) -> Vec<usize> {
    let turns = dialogue.turns.iter().enumerate();
    turns.filter(|(_, turn)| turn.speaker == Speaker::Seeker).map(|(index, _)| index + 1).collect()
}

/// The index at which a reply to the last seeker turn belongs.
pub(super) fn last_turn(dialogue: &Dialogue) -> usize {
    client_turns(dialogue).pop().unwrap_or(dialogue.turns.len())
}

/// How much of the history is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum History {
    /// All of it.
    Whole,
    /// The last six turns.
    Recent,
}

/// A turn as a prompt prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Line<'d> {
    pub(super) speaker: Speaker,
    pub(super) text: &'d str,
}

/// The turns that stand before `index`.
pub(super) fn before(dialogue: &Dialogue, index: usize, history: History) -> Vec<Line<'_>> {
    let shown = dialogue.turns.get(..index).unwrap_or(&dialogue.turns);
    let skipped = match history {
        History::Whole => 0,
        History::Recent => shown.len().saturating_sub(CONTEXT),
    };
    shown
        .iter()
        .skip(skipped)
        .map(|turn| Line { speaker: turn.speaker, text: &turn.text })
        .collect()
}

/// Turns as a chat has them: what stands before the first of the seeker's, and messages from there, the turns of one side in a row as one.
/// None where they do not end with the seeker's.
pub(super) fn chat<'l, 'd>(lines: &'l [Line<'d>]) -> Option<(&'l [Line<'d>], Vec<Message>)> {
    lines.last().filter(|last| last.speaker == Speaker::Seeker)?;
    let first = lines.iter().position(|line| line.speaker == Speaker::Seeker)?;
    let (before, turns) = lines.split_at_checked(first)?;
    let sides = turns.chunk_by(|one, two| one.speaker == two.speaker);
    let message = |side: &[Line<'_>]| {
        let said: Vec<&str> = side.iter().map(|line| line.text).collect();
        let role = match side.first()?.speaker {
            Speaker::Seeker => Role::User,
            Speaker::Supporter => Role::Assistant,
        };
        Some(Message { role, content: said.join("\n") })
    };
    Some((before, sides.filter_map(message).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use trustmh_core::item::Turn;

    fn dialogue(speakers: &str) -> Dialogue {
        let turns = speakers.chars().enumerate().map(|(index, speaker)| Turn {
            speaker: if speaker == 'k' { Speaker::Seeker } else { Speaker::Supporter },
            text: index.to_string(),
        });
        Dialogue { situation: String::new(), turns: turns.collect() }
    }

    #[test]
    fn only_supporter_turns_after_a_seeker_are_asked_for() {
        assert_eq!(supporter_turns(&dialogue("ukks")), [3]);
        assert_eq!(supporter_turns(&dialogue("kuukku")), [1, 5]);
        assert_eq!(supporter_turns(&dialogue("kukukukukuku")), [5, 9]);
        assert_eq!(supporter_turns(&dialogue("uuk")), Vec::<usize>::new());
    }

    #[test]
    fn every_client_turn_is_answered_and_the_last_too() {
        assert_eq!(client_turns(&dialogue("kukk")), [1, 3, 4]);
        assert_eq!(last_turn(&dialogue("kuku")), 3);
    }

    #[test]
    fn a_chat_begins_and_ends_with_the_seeker_and_its_sides_take_turns() {
        let of = |speakers: &str| {
            let dialogue = dialogue(speakers);
            let lines = before(&dialogue, dialogue.turns.len(), History::Whole);
            let (before, messages) = chat(&lines)?;
            let said = messages.iter().map(|said| format!("{} {}", said.role.name(), said.content));
            Some((before.len(), said.collect::<Vec<_>>().join(", ")))
        };
        let (first, said) = of("sskkssk").unwrap();
        assert_eq!((first, said.as_str()), (2, "user 2\n3, assistant 4\n5, user 6"));
        assert_eq!(of("k").unwrap(), (0, "user 0".to_owned()));
        assert_eq!(of("ks"), None);
        assert_eq!(of("s"), None);
        assert_eq!(of(""), None);
    }

    #[test]
    fn six_turns_of_history_are_shown_or_all() {
        let dialogue = dialogue("kukukukuku");
        let texts = |history| {
            before(&dialogue, 9, history).iter().map(|line| line.text).collect::<Vec<_>>().join("")
        };
        assert_eq!(texts(History::Recent), "345678");
        assert_eq!(texts(History::Whole), "012345678");
    }
}
