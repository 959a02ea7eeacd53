//! Texts made harmless for Markdown and LaTeX.

use crate::inert::inert;

/// For a cell of a Markdown table: no bars, no tags, no line breaks.
pub(crate) fn markdown(text: &str) -> String {
    let text = inert(text).replace('\n', " ");
    text.chars()
        .flat_map(|c| match c {
            '|' => "\\|".chars().collect::<Vec<char>>(),
            '<' => "&lt;".chars().collect(),
            '>' => "&gt;".chars().collect(),
            '`' => "'".chars().collect(),
            c => vec![c],
        })
        .collect()
}

/// For LaTeX text.
pub(crate) fn latex(text: &str) -> String {
    let mut escaped = String::new();
    for c in inert(text).chars() {
        match c {
            '\\' => escaped.push_str("\\textbackslash{}"),
            '~' => escaped.push_str("\\textasciitilde{}"),
            '^' => escaped.push_str("\\textasciicircum{}"),
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
    }
}
