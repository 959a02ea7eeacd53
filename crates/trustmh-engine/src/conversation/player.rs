//! What whoever plays a persona is told, and what of its reply is said.

use serde::Serialize;

use trustmh_core::item::Persona;

/// Ends the client's last message.
pub(super) const END: &str = "[END]";

/// The template of what a model is told that plays a persona.
pub(crate) const TEMPLATE: &str = "client";

/// The template of what it is told where the client speaks first.
pub(crate) const BEGINS: &str = "client-begins";

/// Words before a colon that name the speaker and are not said.
const LABELS: &[&str] = &["user", "client", "person", "seeker", "patient", "me", "来访者", "用户"];

/// What the template of a player is given.
#[derive(Serialize)]
pub(super) struct Part<'a> {
    pub(super) name: &'a str,
    pub(super) about: &'a str,
    pub(super) style: &'a str,
    pub(super) reaction: &'static str,
    pub(super) risk: &'static str,
    pub(super) disclosure: &'static str,
    pub(super) plan: &'a [String],
    pub(super) end: &'static str,
}

impl<'a> Part<'a> {
    pub(super) fn of(persona: &'a Persona) -> Self {
        Self {
            name: &persona.name,
            about: &persona.about,
            style: &persona.style,
            reaction: persona.reaction.into(),
            risk: persona.risk.into(),
            disclosure: persona.disclosure.into(),
            plan: &persona.plan,
            end: END,
        }
    }
}

/// The variables of the template of a player.
pub(crate) const PART: &[&str] =
    &["name", "about", "style", "reaction", "risk", "disclosure", "plan", "end"];

/// What of a reply is said: without the speaker's name before it and the mark of the end; and whether that was there.
pub(super) fn spoken<'t>(text: &'t str, name: &str) -> (&'t str, bool) {
    let text = text.trim();
    let at = text.len().saturating_sub(END.len());
    let ends = text.is_char_boundary(at) && text[at..].eq_ignore_ascii_case(END);
    let words = if ends { text[..at].trim_end() } else { text };
    (without_label(words, name), ends)
}

fn without_label<'t>(words: &'t str, name: &str) -> &'t str {
    let Some((label, rest)) = words.split_once([':', '：']) else { return words };
    let label = label.trim().trim_matches('*').to_lowercase();
    let named = label == name.to_lowercase() || LABELS.contains(&label.as_str());
    if named { rest.trim_start_matches('*').trim_start() } else { words }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_the_mark_of_the_end_are_not_said() {
        assert_eq!(spoken("Nadia: I am tired. [end]", "Nadia"), ("I am tired.", true));
        assert_eq!(spoken("**User:** hello", "Nadia"), ("hello", false));
        assert_eq!(spoken("来访者：睡不着。", "小雨"), ("睡不着。", false));
        assert_eq!(
            spoken("One thing: I can't sleep", "Nadia"),
            ("One thing: I can't sleep", false)
        );
        assert_eq!(spoken(" [END]\n", "Nadia"), ("", true));
        assert_eq!(spoken("再见", "小雨"), ("再见", false));
    }
}
