//! A label as a judge writes it: in its field, after the field's name, or in a sentence.

use super::value::{Given, Stands};
use super::words::{Named, Word, labels, one_of, words};

/// What leaves the decision open.
const OPEN: &str = "\
    between either unsure unclear unknown uncertain undecided ambiguous maybe perhaps possibly might may could \
    would whether if borderline should";

/// What makes less of a label than it says.
const LESS: &str = "\
    nearly almost barely half mostly largely somewhat sort kind close near quasi semi implicitly tacitly \
    indirectly un";

/// What may follow a label in a sentence that gives it.
const GOES_ON: &[&str] = &[
    "because", "as", "since", "for", "with", "though", "although", "but", "while", "given", "here",
    "due", "overall", "and",
];

/// What may stand before a label in a sentence that gives it.
const LEADS: &str = "\
    not no neither nor fully clearly plainly simply completely entirely only rather a an the full safe still 不 是 并 非";

/// What takes a label back in the same breath.
const CHANGES: &str = "actually rather wait correction sorry instead";

/// What joins a label with another one.
const JOINS: &str = "\
    or and to versus vs bordering leaning verging maybe perhaps possibly if towards toward 或 和 与 至 到";

/// The label that `text` begins with or that its first sentence gives; none where it says none, or repeats
/// what might stand there.
pub(super) fn read(text: &str, among: &[String], stands: Stands) -> Option<Given> {
    let words = words(text);
    let named = labels(text, &words, among);
    if is_form(text, &words, &named, among) {
        return None;
    }
    let off_list = match stands {
        Stands::Alone | Stands::Stated => Some(Given::Unfit),
        Stands::Told => None,
    };
    let Some(first) = named.first() else { return off_list };
    if first.words.start == 0 && !first.denied {
        return at_head(text, &words, &named, among, stands);
    }
    let led = words.iter().take(first.words.start).all(|word| one_of(LEADS, &word.text));
    if stands == Stands::Told && !led {
        return None;
    }
    in_sentence(text, &words, &named, among).map_or(off_list, Some)
}

/// All labels in a row, parted by nothing but signs: the choice that was offered.
fn is_form(text: &str, words: &[Word], named: &[Named], among: &[String]) -> bool {
    let offered = |pair: &[Named]| match pair {
        [one, two] => {
            let between = words.get(one.words.end..two.words.start).unwrap_or_default();
            let gap = gap(text, words, one.words.end, two.words.start);
            between.iter().all(|word| word.text == "or")
                && gap.chars().all(|c| " |/,\"'`、".contains(c) || c.is_alphabetic())
                && (among.len() > 2 || gap.contains('|'))
        }
        _ => false,
    };
    let Some(row) = named.get(..among.len()) else { return false };
    among.len() > 1
        && (0..among.len()).all(|label| row.iter().any(|one| one.label == label))
        && row.windows(2).all(offered)
}

fn gap<'t>(text: &'t str, words: &[Word], from: usize, to: usize) -> &'t str {
    let start = from.checked_sub(1).and_then(|at| words.get(at)).map_or(0, |word| word.place.end);
    let end = words.get(to).map_or(text.len(), |word| word.place.start);
    text.get(start..end).unwrap_or_default()
}

/// The value begins with a label; what follows may explain it, and must not join it with another.
fn at_head(
    text: &str,
    words: &[Word],
    named: &[Named],
    among: &[String],
    stands: Stands,
) -> Option<Given> {
    let first = named.first()?;
    let given = Given::Label(among.get(first.label)?.clone());
    let end = first.words.end;
    let Some(next) = words.get(end) else { return Some(or_open(text, words, end, given)) };
    let gap = gap(text, words, end, end);
    let another = named.get(1).filter(|other| other.label != first.label);
    let other_follows = another.is_some_and(|other| other.words.start == end && !other.denied);
    if other_follows {
        let part = part_of(text, words, first, another, among);
        return Some(part.unwrap_or(Given::Unfit));
    }
    let taken_back = another.filter(|other| !other.denied).is_some_and(|other| {
        let between = words.get(end..other.words.start).unwrap_or_default();
        between.iter().any(|word| one_of(CHANGES, &word.text))
    });
    if taken_back {
        return Some(Given::Unfit);
    }
    if gap.contains('?') || gap == "-" {
        return Some(Given::Unfit);
    }
    let joined = one_of(JOINS, next.text.as_str());
    let near = another.is_some_and(|other| other.words.start <= end + 4 && !other.denied);
    if joined && near {
        return Some(Given::Unfit);
    }
    let parted = gap.contains(|c: char| ",;.:()[]{}<>\"*`|!\n。、—–\u{1}".contains(c))
        || gap.contains(" - ");
    if parted || GOES_ON.contains(&next.text.as_str()) {
        return Some(given);
    }
    match stands {
        _ if one_of(OPEN, next.text.as_str()) => match stands {
            Stands::Alone | Stands::Stated => Some(Given::Unfit),
            Stands::Told => None,
        },
        Stands::Alone | Stands::Stated | Stands::Told => {
            Some(in_sentence(text, words, named, among).unwrap_or(Given::Unfit))
        }
    }
}

fn or_open(text: &str, words: &[Word], end: usize, given: Given) -> Given {
    if gap(text, words, end, words.len()).contains('?') { Given::Unfit } else { given }
}

/// "Partially complied" is partial, where that is a label.
fn part_of(
    text: &str,
    words: &[Word],
    first: &Named,
    second: Option<&Named>,
    among: &[String],
) -> Option<Given> {
    let second = second.filter(|second| second.words.start == first.words.end)?;
    let label = among.get(first.label).filter(|label| *label == "partial")?;
    let other = among.get(second.label).filter(|label| label.starts_with("compl"))?;
    let joined = gap(text, words, first.words.end, second.words.start).trim().is_empty();
    (joined && label != other).then(|| Given::Label(label.clone()))
}

/// The only label that the first sentence gives and does not deny.
fn in_sentence(text: &str, words: &[Word], named: &[Named], among: &[String]) -> Option<Given> {
    let sentence = first_sentence(text);
    let inside =
        |word: usize| words.get(word).is_some_and(|word| word.place.start < sentence.len());
    let of_sentence: Vec<&Named> = named.iter().filter(|one| inside(one.words.start)).collect();
    let mut of_words = words.iter().filter(|word| word.place.start < sentence.len());
    if of_sentence.is_empty() {
        return None;
    }
    if of_words.any(|word| one_of(OPEN, word.text.as_str())) {
        return Some(Given::Unfit);
    }
    let given: Vec<&Named> = of_sentence.into_iter().filter(|one| !one.denied).collect();
    let first = given.first()?;
    let before = first.words.start.checked_sub(1).and_then(|at| words.get(at));
    if before.is_some_and(|word| one_of(LESS, word.text.as_str())) {
        return Some(Given::Unfit);
    }
    if given.iter().all(|one| one.label == first.label) {
        return among.get(first.label).cloned().map(Given::Label);
    }
    let part = match given.as_slice() {
        [_, second] => part_of(text, words, first, Some(second), among),
        _ => None,
    };
    Some(part.unwrap_or(Given::Unfit))
}

/// The text up to the first end of a sentence.
pub(super) fn first_sentence(text: &str) -> &str {
    let mut signs = text.char_indices().peekable();
    while let Some((at, c)) = signs.next() {
        let blank_follows =
            signs.peek().is_none_or(|(_, next)| next.is_whitespace() || "\"*'`".contains(*next));
        if c == '\n' || c == '。' || c == '\u{1}' || ("!?.".contains(c) && blank_follows) {
            return text.get(..at).unwrap_or(text);
        }
    }
    text
}
