//! Long items: what of them fits into a subject's context.

use std::borrow::Cow;

use trustmh_core::item::Labelled;
use trustmh_core::trial::InputCut;

/// Between two posts in a prompt.
const BETWEEN: &str = "\n\n";

/// How much a subject can take in at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContextBudget {
    /// Nothing is cut.
    Unbounded,
    /// Tokens for prompt, thought and reply together, estimated from characters, on the high side.
    Tokens {
        /// All of them.
        context: u32,
        /// Those of the reply, where the run does not leave them to the task.
        reply: Option<u32>,
        /// Those of the thought before it.
        thinking: u32,
    },
}

/// The posts of an item in one text, the newest last, as far as `room` (in estimated tokens) allows: the oldest
/// posts go first, then the beginning of the newest.
pub(super) fn fitted(labelled: &Labelled, room: Option<u64>) -> (Cow<'_, str>, Option<InputCut>) {
    let posts: Vec<&str> = labelled
        .earlier
        .iter()
        .map(String::as_str)
        .chain(std::iter::once(labelled.text.as_str()))
        .collect();
    let Some(room) = room else { return (joined(&posts), None) };
    let mut used = 0;
    let mut first = posts.len();
    for (index, post) in posts.iter().enumerate().rev() {
        used += estimated_tokens(post)
            + if index + 1 < posts.len() { estimated_tokens(BETWEEN) } else { 0 };
        if used > room {
            break;
        }
        first = index;
    }
    if first == 0 {
        return (joined(&posts), None);
    }
    let characters = |posts: &[&str]| posts.iter().map(|p| p.chars().count() as u64).sum::<u64>();
    let (left_out, kept) = posts.split_at(first.min(posts.len() - 1));
    let mut cut = InputCut { posts: left_out.len() as u64, characters: characters(left_out) };
    if first < posts.len() {
        return (joined(kept), Some(cut));
    }
    let newest = ending(&labelled.text, room);
    cut.characters += (labelled.text.chars().count() - newest.chars().count()) as u64;
    (Cow::Borrowed(newest), Some(cut))
}

fn joined<'t>(posts: &[&'t str]) -> Cow<'t, str> {
    match posts {
        [only] => Cow::Borrowed(only),
        _ => Cow::Owned(posts.join(BETWEEN)),
    }
}

/// The longest ending of a text that fits.
fn ending(text: &str, room: u64) -> &str {
    let mut starts: Vec<usize> = text.char_indices().map(|(start, _)| start).collect();
    starts.push(text.len());
    let fits =
        |start: &usize| text.get(*start..).is_some_and(|rest| estimated_tokens(rest) <= room);
    let first = starts.partition_point(|start| !fits(start));
    starts.get(first).and_then(|start| text.get(*start..)).unwrap_or_default()
}

/// About how many tokens a text takes, on the high side: a third of its Latin characters, one for any other.
pub fn estimated_tokens(text: &str) -> u64 {
    let (latin, other) = text.chars().fold((0_u64, 0_u64), |(latin, other), c| {
        if u32::from(c) < 0x250 { (latin + 1, other) } else { (latin, other + 1) }
    });
    latin.div_ceil(3) + other
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use trustmh_core::id::SchemeName;
    use trustmh_core::item::ReleasedLabel;

    fn posts(earlier: &[String], text: &str) -> Labelled {
        Labelled {
            scheme: SchemeName::new("severity"),
            earlier: earlier.to_vec(),
            text: text.to_owned(),
            label: Some("ideation".to_owned()),
            released: ReleasedLabel::Same,
        }
    }

    #[test]
    fn the_oldest_posts_go_first_then_the_beginning_of_the_newest() {
        let item = posts(&["a".repeat(30), "b".repeat(30)], &"c".repeat(30));
        assert_eq!(fitted(&item, None).1, None);
        assert_eq!(fitted(&item, Some(33)).1, None);
        let (text, cut) = fitted(&item, Some(22));
        assert_eq!(text, format!("{}\n\n{}", "b".repeat(30), "c".repeat(30)));
        assert_eq!(cut, Some(InputCut { posts: 1, characters: 30 }));
        let (text, cut) = fitted(&item, Some(5));
        assert_eq!(text, "c".repeat(15));
        assert_eq!(cut, Some(InputCut { posts: 2, characters: 75 }));
    }

    proptest! {
        #[test]
        fn what_is_kept_fits_and_ends_as_the_item_does(
            earlier in prop::collection::vec("[a-z你 ]{1,40}", 0..5),
            text in "[a-z你 ]{1,60}",
            room in 0_u64..80,
        ) {
            let item = posts(&earlier, &text);
            let (kept, cut) = fitted(&item, Some(room));
            let whole = fitted(&item, None).0;
            prop_assert!(whole.ends_with(kept.as_ref()));
            prop_assert!(cut.is_none() || estimated_tokens(&kept) <= room);
            prop_assert_eq!(cut.is_none(), whole == kept);
        }
    }
}
