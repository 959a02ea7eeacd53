//! How the labels of a scheme are named in prose, by the words and patterns of its file.

use regex_lite::{Regex, escape};

use trustmh_core::codebook::{LabelOrder, LabelScheme, NameCounts, NamePattern, SchemeLabel};

use crate::parse::number::{Scale, explains_an_end, numbers};
use crate::parse::stated::{Counts, Named, without_overlaps};
use crate::parse::wording::{pattern, plain, says};

use Counts::{Anywhere, AsAnswer};

/// A way in which replies name a label.
#[derive(Debug, Clone)]
pub(super) struct Form {
    /// The label's place in its scheme.
    label: usize,
    counts: Counts,
    /// Pieces of which every such name has one; far quicker to look for than the name.
    pieces: Vec<String>,
    words: Regex,
}

/// The forms of a scheme's labels, those that count anywhere first.
///
/// # Errors
/// The field of a pattern that is no regular expression, and what is wrong with it.
pub(super) fn forms(scheme: &LabelScheme) -> Result<Vec<Form>, (String, String)> {
    let mut forms = Vec::new();
    for (place, label) in scheme.labels.iter().enumerate() {
        for NamePattern { find, contains, counts } in &label.patterns {
            let counts = match counts {
                NameCounts::Anywhere => Anywhere,
                NameCounts::AsAnswer => AsAnswer,
            };
            let words = Regex::new(find).map_err(|error| {
                let field = format!("labels.{}.patterns", label.name);
                (field, format!("`{find}` is no regular expression: {error}"))
            })?;
            forms.push(Form { label: place, counts, pieces: contains.clone(), words });
        }
        forms.extend(of_words(label, &label.anywhere, place, Anywhere));
        forms.extend(of_words(label, &label.words, place, AsAnswer));
        if label.patterns.is_empty() && !scheme.is_of_numbers() {
            forms.extend(of_words(label, std::slice::from_ref(&label.name), place, AsAnswer));
        }
    }
    forms.sort_by_key(|form| form.counts == AsAnswer);
    Ok(forms)
}

/// Words of a label, whatever joins their parts.
fn of_words<'l>(
    label: &'l SchemeLabel,
    words: &'l [String],
    place: usize,
    counts: Counts,
) -> impl Iterator<Item = Form> + 'l {
    let also_anywhere =
        move |word: &String| counts == AsAnswer && label.anywhere.iter().any(|own| own == word);
    words.iter().filter(move |word| !also_anywhere(word)).filter_map(move |word| {
        let plain = plain(word);
        let parts: Vec<&str> =
            plain.split([' ', '-', '_']).filter(|part| !part.is_empty()).collect();
        let edge =
            |c: Option<char>| if c.is_some_and(|c| c.is_ascii_alphanumeric()) { r"\b" } else { "" };
        let (first, last) = (parts.first()?.chars().next(), parts.last()?.chars().next_back());
        let joined = parts.iter().map(|part| escape(part)).collect::<Vec<_>>().join("[ _-]?");
        // What is escaped word by word is a regular expression.
        let words = Regex::new(&format!("{}{joined}{}", edge(first), edge(last))).ok()?;
        let longest = parts.iter().max_by_key(|part| part.len())?;
        Some(Form { label: place, counts, pieces: vec![(*longest).to_owned()], words })
    })
}

/// Every place in a plain text where a label of the scheme is named, the longest name of each place.
pub(super) fn named<'s>(
    text: &str,
    scheme: &'s LabelScheme,
    forms: &[Form],
) -> Vec<Named<&'s str>> {
    let mut found = levels(text, scheme);
    let numbered: Vec<usize> = found.iter().map(|level| level.span.end).collect();
    for Form { label, counts, pieces, words } in forms {
        let Some(label) = scheme.labels.get(*label).map(|label| label.name.as_str()) else {
            continue;
        };
        if !pieces.iter().any(|piece| text.contains(piece)) {
            continue;
        }
        let places = words.find_iter(text).map(|place| place.start()..place.end());
        let places = places.filter(|span| {
            let explains = scheme.is_of_numbers()
                && explains_an_end(text.get(..span.start).unwrap_or_default(), &numbered);
            !explains && !is_another_word(text.get(span.end..).unwrap_or_default(), scheme)
        });
        found.extend(places.map(|span| Named { span, value: Some(label), counts: *counts }));
    }
    without_overlaps(found)
}

/// "Attempts to help", "no crisis line", "other than": not the label. Ordered names are levels themselves.
fn is_another_word(after: &str, scheme: &LabelScheme) -> bool {
    let are_levels = scheme.order == LabelOrder::LowestFirst && !scheme.is_of_numbers();
    if are_levels && says(pattern!(r"^ (?:level|label|category)\b"), after) {
        return false;
    }
    says(
        pattern!(
            r"^ (?:to|at|lines?|hotline|label|category|categories|team|than|people|posts|words|side|hand|risk|levels?|things?|problems?|reasons?|",
            r"symptoms?|conditions?|disorders? that|issues?|options?|choices?|labels)\b|^(?:线|热线)"
        ),
        after,
    )
}

fn levels<'s>(text: &str, scheme: &'s LabelScheme) -> Vec<Named<&'s str>> {
    let number = |label: &str| label.parse::<i32>().ok();
    let mut names = scheme.names();
    let (Some(low), Some(high)) =
        (names.next().and_then(number), names.next_back().and_then(number))
    else {
        return Vec::new();
    };
    let level = |value: f64| {
        scheme.names().find(|label| number(label).is_some_and(|level| f64::from(level) == value))
    };
    let scale = Scale::of_levels(low, high);
    numbers(text, scale)
        .into_iter()
        .filter(|number| !number.counts_something)
        .map(|number| Named {
            value: number.value.and_then(level),
            span: number.span,
            counts: AsAnswer,
        })
        .collect()
}
