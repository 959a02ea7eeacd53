//! Texts made harmless for Markdown and LaTeX.

use trustmh_core::inert::inert;

/// For a cell of a Markdown table: no bars, no tags, no links or images, no line breaks.
pub(crate) fn markdown(text: &str) -> String {
    let text = inert(text).replace('\n', " ");
    let mut escaped = String::with_capacity(text.len());
    let mut signs = text.chars().peekable();
    let mut in_tag = false;
    while let Some(c) = signs.next() {
        match c {
            '|' => escaped.push_str("\\|"),
            // What makes a link, an image or the address of one (CommonMark 0.31, 6.3).
            ']' if signs.peek().is_some_and(|next| "([:".contains(*next)) => {
                escaped.push_str("\\]");
            }
            // A sign of comparison begins no tag (CommonMark 0.31, 6.6).
            '<' if signs
                .peek()
                .is_some_and(|next| next.is_alphabetic() || "/!?".contains(*next)) =>
            {
                in_tag = true;
                escaped.push_str("&lt;");
            }
            '>' if in_tag || escaped.trim().is_empty() => {
                in_tag = false;
                escaped.push_str("&gt;");
            }
            '`' => escaped.push('\''),
            c => escaped.push(c),
        }
    }
    escaped
}

/// For LaTeX text.
pub(crate) fn latex(text: &str) -> String {
    let mut escaped = String::new();
    for c in inert(text).chars() {
        match c {
            '\\' => escaped.push_str("\\textbackslash{}"),
            '~' => escaped.push_str("\\textasciitilde{}"),
            '^' => escaped.push_str("\\textasciicircum{}"),
            // In the oldest encoding of fonts these are other signs.
            '<' => escaped.push_str("\\textless{}"),
            '>' => escaped.push_str("\\textgreater{}"),
            '|' => escaped.push_str("\\textbar{}"),
            '±' => escaped.push_str("$\\pm$"),
            '{' | '}' | '$' | '&' | '#' | '_' | '%' => escaped.extend(['\\', c]),
            '\n' => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_through() {
        assert_eq!(
            latex("50% of \\input{x} & $y_1$"),
            "50\\% of \\textbackslash{}input\\{x\\} \\& \\$y\\_1\\$"
        );
        assert_eq!(markdown("a|b\n<img src=x> `c`"), "a\\|b &lt;img src=x&gt; 'c'");
        assert_eq!(markdown("p < .001 and x >= 2"), "p < .001 and x >= 2");
        assert_eq!(markdown("![x](//e)"), "![x\\](//e)");
    }
}
