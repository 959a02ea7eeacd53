//! Headings of Markdown pages that the program writes, and the links that lead to them.

/// A link to the heading of the same page, shown as `shown`.
pub(crate) fn link(shown: &str, heading: &str) -> String {
    format!("[{shown}](#{})", anchor(heading))
}

/// The anchor that code hosts and mdBook make of a heading: letters and digits in lower case,
/// blanks as `-`, other signs but `-` and `_` left out.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter_map(|sign| match sign {
        ' ' => Some('-'),
        '-' | '_' => Some(sign),
        _ => sign.is_alphanumeric().then_some(sign),
    });
    kept.flat_map(char::to_lowercase).collect()
}

#[test]
fn anchors_are_those_of_a_code_host() {
    assert_eq!(link("run", "trustmh run"), "[run](#trustmh-run)");
    assert_eq!(anchor("crisis/siri-2: Replies, rated (48)"), "crisissiri-2-replies-rated-48");
}
