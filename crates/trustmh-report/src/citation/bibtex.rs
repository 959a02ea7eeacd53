//! References as BibTeX.

use super::{Reference, ReferenceKind};

/// One entry a reference. Keys hold letters, digits and hyphens alone; of two that are alike the second gets a number.
pub fn bibtex(references: &[Reference]) -> String {
    let mut used: Vec<String> = Vec::new();
    let mut text = String::new();
    for reference in references {
        if !text.is_empty() {
            text.push('\n');
        }
        let key = key(&reference.key, &used);
        text.push_str(&entry(reference, &key));
        used.push(key);
    }
    text
}

fn entry(reference: &Reference, key: &str) -> String {
    let Reference { kind, title, authors, year, version, licence, arxiv, doi, url, notes, .. } =
        reference;
    let what = match kind {
        ReferenceKind::Program => "Computer program",
        ReferenceKind::Benchmark => "Benchmark",
        ReferenceKind::DataSet => "Data set",
    };
    let note: Vec<String> = version
        .iter()
        .map(|version| format!("Version: {version}"))
        .chain(licence.iter().map(|licence| format!("Licence: {licence}")))
        .chain(notes.iter().cloned())
        .collect();
    let mut lines = vec![("title", format!("{{{}}}", escaped(title)))];
    // Braces keep a name whole that is no person's.
    lines.extend(authors.iter().map(|authors| ("author", format!("{{{}}}", escaped(authors)))));
    lines.extend(year.map(|year| ("year", year.to_string())));
    lines.push(("howpublished", what.to_owned()));
    if let Some(number) = arxiv {
        lines.push(("eprint", escaped(number)));
        lines.push(("archiveprefix", "arXiv".to_owned()));
    }
    lines.extend(doi.iter().map(|doi| ("doi", escaped(doi))));
    lines.extend(url.iter().map(|url| ("url", address(url))));
    if !note.is_empty() {
        lines.push(("note", escaped(&note.join(". "))));
    }
    let lines: Vec<String> =
        lines.into_iter().map(|(name, value)| format!("  {name} = {{{value}}}")).collect();
    format!("@misc{{{key},\n{}\n}}\n", lines.join(",\n"))
}

/// A key that BibTeX takes and no other entry has.
fn key(wanted: &str, used: &[String]) -> String {
    let mut key = String::new();
    for sign in wanted.chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '-' }) {
        if sign != '-' || !key.ends_with('-') {
            key.push(sign.to_ascii_lowercase());
        }
    }
    let key = key.trim_matches('-');
    let key = if key.is_empty() { "reference" } else { key };
    let is_free = |key: &String| !used.contains(key);
    let more = (2..).map(|number: u32| format!("{key}-{number}"));
    std::iter::once(key.to_owned()).chain(more).find(is_free).unwrap_or_default()
}

/// Text with the signs written out that mean something to TeX, and none that an entry could end with.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for sign in text.chars() {
        match sign {
            '\\' => escaped.push_str(r"\textbackslash{}"),
            '{' => escaped.push_str(r"\textbraceleft{}"),
            '}' => escaped.push_str(r"\textbraceright{}"),
            '~' => escaped.push_str(r"\textasciitilde{}"),
            '^' => escaped.push_str(r"\textasciicircum{}"),
            '&' | '%' | '$' | '#' | '_' => {
                escaped.push('\\');
                escaped.push(sign);
            }
            sign if sign.is_control() => escaped.push(' '),
            sign => escaped.push(sign),
        }
    }
    escaped
}

/// An address as it stands, which styles set with their own commands; signs that no address has are left out.
fn address(url: &str) -> String {
    url.chars()
        .filter(|sign| {
            !sign.is_control() && !sign.is_whitespace() && !matches!(sign, '{' | '}' | '\\')
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_hold_whatever_is_in_a_text() {
        let mut hostile =
            Reference::new("Ä b/c", ReferenceKind::DataSet, r"50% of {x} & \input{y}_#");
        hostile.notes = vec!["a\nb".to_owned()];
        hostile.url = Some("https://a.example/x_y}\n".to_owned());
        let text = bibtex(&[hostile.clone(), hostile]);
        assert!(text.starts_with("@misc{b-c,\n"), "{text}");
        assert!(text.contains("@misc{b-c-2,"), "{text}");
        let title = r"title = {{50\% of \textbraceleft{}x\textbraceright{} \& \textbackslash{}input\textbraceleft{}y\textbraceright{}\_\#}}";
        assert!(text.contains(title), "{text}");
        assert!(
            text.contains("note = {a b}") && text.contains("url = {https://a.example/x_y}"),
            "{text}"
        );
        let depth = text.chars().fold(0_i32, |depth, sign| match sign {
            '{' => depth + 1,
            '}' => depth - 1,
            _ => depth,
        });
        assert_eq!(depth, 0);
    }

    #[test]
    fn keys_are_never_empty_and_never_alike() {
        let used = ["reference".to_owned()];
        assert_eq!(key("中文", &used), "reference-2");
        assert_eq!(key("--a__b--", &used), "a-b");
    }
}
