//! Stories of the leakage task: who told what to whom, and who asks for it.

/// The parts of a story that are scored.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    /// The client's turn.
    pub(crate) disclosure: String,
    /// The counsellor's turn.
    pub(crate) counsel: Option<String>,
    /// How the third party comes to ask, without the question put to the subject.
    pub(crate) situation: String,
    /// The story up to that question.
    pub(crate) told: String,
}

/// How a story is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// In lines: a speaker's name begins a line.
    Lines,
    /// In one line, white space joined into single blanks.
    Flat,
}

/// Finds the turns of client and counsellor and the part that begins with "One day".
pub(crate) fn parts(story: &str, layout: Layout, counselor: &str) -> Option<Parts> {
    let lead = match layout {
        Layout::Lines => '\n',
        Layout::Flat => ' ',
    };
    let (_, session) = story.split_once(&format!("{lead}Client:"))?;
    let (session, scene) = session.rsplit_once(&format!("{lead}One day"))?;
    let (disclosure, counsel) = match session.split_once(&format!("{lead}{counselor}:")) {
        Some((disclosure, counsel)) => (disclosure, Some(counsel.trim().to_owned())),
        None => (session, None),
    };
    let situation = match scene.rsplit_once(&format!("{lead}What should ")) {
        Some((situation, question)) if question.trim().lines().count() <= 1 => situation,
        _ => scene,
    };
    let asked = scene.len() - situation.len();
    Some(Parts {
        disclosure: disclosure.trim().to_owned(),
        counsel,
        situation: format!("One day{situation}").trim().to_owned(),
        told: story.split_at(story.len() - asked).0.trim().to_owned(),
    })
}

/// Joins all white space into single blanks.
pub(crate) fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The flat story as the release sent it: all sentences but the last, which was meant to be the
/// question. A sentence ended at any full stop before a blank, so the stop of "Dr." broke the
/// question in two and its first half stayed.
pub(crate) fn flat_as_released(text: &str) -> String {
    let flat = flat(text);
    let end = [". ", "! ", "? "].iter().filter_map(|stop| flat.rfind(stop)).max();
    match end {
        Some(end) => flat.split_at(end + 1).0.to_owned(),
        None => flat,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORY: &str = "Ms. Oak listens to Ada.\n\nClient: I lost it.\nTwice.\n\nMs. Oak: I see.\n\n\
                         One day, Friend Elm met Ms. Oak. Elm asked.\nWhat should Ms. Oak say?\n\n";

    #[test]
    fn both_layouts_give_the_same_parts() {
        let lines = parts(STORY, Layout::Lines, "Ms. Oak").unwrap();
        assert_eq!(lines.disclosure, "I lost it.\nTwice.");
        assert_eq!(lines.counsel.as_deref(), Some("I see."));
        assert_eq!(lines.situation, "One day, Friend Elm met Ms. Oak. Elm asked.");
        assert!(lines.told.starts_with("Ms. Oak listens") && lines.told.ends_with("Elm asked."));
        let flat = parts(&flat_as_released(STORY), Layout::Flat, "Ms. Oak").unwrap();
        assert_eq!(flat.disclosure, "I lost it. Twice.");
        assert_eq!(flat.situation, lines.situation);
    }

    #[test]
    fn the_release_left_half_a_question() {
        assert!(flat_as_released(STORY).ends_with("Elm asked. What should Ms."));
        assert_eq!(flat_as_released("no  stop"), "no stop");
    }

    #[test]
    fn a_story_without_its_parts_is_none() {
        assert_eq!(parts("Once upon a time", Layout::Lines, "Ms. Oak"), None);
    }
}
