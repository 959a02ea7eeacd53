//! A whole number of a scale as a judge writes it: "4", "4/5", "four out of five", "4 分".

use super::value::{Given, Stands};

type Scale = (i32, i32);

/// What may follow a number in a sentence that gives it.
const GOES_ON: &[&str] = &[
    "because", "as", "since", "for", "and", "but", "with", "here", "due", "given", "on", "in",
    "though", "although", "while", "overall", "points", "point", "at",
];

/// What makes a number a thought about another reply.
const OPEN: &[&str] =
    &["would", "could", "might", "may", "if", "should", "seems", "too", "maybe", "at"];

/// What a second number makes a hedge of.
const HEDGES: &[&str] = &[
    "or",
    "maybe",
    "perhaps",
    "possibly",
    "bordering",
    "leaning",
    "close to",
    "almost",
    "if not",
    "或",
    "could be",
    "might be",
];

const NUMBERS: &[(&str, i32)] = &[
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("零", 0),
    ("一", 1),
    ("二", 2),
    ("两", 2),
    ("三", 3),
    ("四", 4),
    ("五", 5),
    ("六", 6),
    ("七", 7),
    ("八", 8),
    ("九", 9),
    ("十", 10),
];

/// A number of the scale, never rounded.
pub(super) fn whole(number: f64, (low, high): Scale) -> Given {
    let found = (low..=high).find(|whole| (f64::from(*whole) - number).abs() < f64::EPSILON);
    found.map_or(Given::Unfit, Given::Score)
}

/// Whether a word is a number.
pub(super) fn is_number(word: &str) -> bool {
    NUMBERS.iter().any(|(name, _)| *name == word)
}

/// The number that the text begins with; none where it says none, or repeats the scale.
pub(super) fn read(text: &str, scale: Scale, stands: Stands) -> Option<Given> {
    let none = match stands {
        Stands::Alone => Some(Given::Unfit),
        Stands::Stated | Stands::Told => None,
    };
    let text = after_denied(undressed(text, stands));
    let Some((number, rest)) = number(undressed(text, stands)) else {
        return match stands {
            Stands::Stated => only_out_of(text, scale),
            Stands::Alone | Stands::Told => none,
        };
    };
    let Some(number) = number else { return Some(Given::Unfit) };
    let (rest, of) = match out_of(rest) {
        Some((most, rest)) => (rest, Some(most)),
        None => (rest, None),
    };
    if of.is_some_and(|most| most != scale.1) {
        return Some(Given::Unfit);
    }
    match follows(rest, stands) {
        Follows::Range(end) if (number, end) == scale => None,
        Follows::Range(_) | Follows::Hedge => Some(Given::Unfit),
        Follows::AnotherThing => none,
        Follows::Nothing => Some(whole(f64::from(number), scale)),
    }
}

/// "not 5 but 3", "not a 5, it is a 3": what stands behind the denied number.
pub(super) fn after_denied(text: &str) -> &str {
    let denials = ["not ", "isn't ", "不是"];
    let denied = denials.iter().find_map(|denial| text.strip_prefix(denial));
    let after = denied.and_then(|rest| {
        let (_, rest) = number(undressed(without_article(rest), Stands::Stated))?;
        let rest = rest.trim_start_matches([' ', ',', ';', '.', '分', '，', '；', '-', '–', '—']);
        let turns = ["but rather ", "but ", "it is ", "it's ", "rather ", "而是"];
        let given = turns.iter().find_map(|turn| rest.strip_prefix(turn))?;
        Some(without_article(given.trim_start()))
    });
    after.map_or(text, str::trim_start)
}

fn without_article(text: &str) -> &str {
    ["a ", "an "].iter().find_map(|article| text.strip_prefix(article)).unwrap_or(text)
}

/// The text without the signs before its number. A sign that means "about" or "less" stays.
fn undressed(text: &str, stands: Stands) -> &str {
    let mut text = text;
    loop {
        let rest = text.trim_start_matches(|c: char| {
            !c.is_alphanumeric() && !"-−+~≈<>±.\\\n\u{1}".contains(c)
        });
        let rest = match rest.strip_prefix('\\') {
            Some(command) => command.trim_start_matches(|c: char| c.is_ascii_alphabetic()),
            None => rest,
        };
        let rest = match stands {
            Stands::Alone => ["score", "rating", "a ", "an "]
                .iter()
                .find_map(|word| {
                    rest.get(..word.len()).filter(|start| start.eq_ignore_ascii_case(word))
                })
                .map_or(rest, |word| {
                    rest.get(word.len()..).unwrap_or(rest).trim_start_matches([':', ' '])
                }),
            Stands::Stated | Stands::Told => rest,
        };
        let bare_minus = rest
            .strip_prefix(['-', '−'])
            .filter(|after| !after.starts_with(|c: char| c.is_ascii_digit()));
        let rest = bare_minus.unwrap_or(rest);
        if rest.len() == text.len() {
            return rest;
        }
        text = rest;
    }
}

/// The number that stands here, or that there is one which is no whole number, and the rest behind it.
fn number(text: &str) -> Option<(Option<i32>, &str)> {
    if let Some(rest) = text.strip_prefix(['~', '≈', '<', '>', '±']) {
        let digits = rest.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
        let placeholder =
            text.starts_with('<') && digits.len() < rest.len() && digits.starts_with('>');
        let starts = rest.trim_start().starts_with(|c: char| c.is_ascii_digit());
        return match (starts, placeholder) {
            (true, false)
                if text.starts_with('<') && digits.trim_start().starts_with(['-', '–']) =>
            {
                number(rest.trim_start())
            }
            (true, false) => Some((None, rest)),
            (true, true) => number(rest),
            (false, _) => None,
        };
    }
    let unsigned = text.strip_prefix(['-', '−', '+']).unwrap_or(text);
    let digits = unsigned.len() - unsigned.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if digits == 0 {
        return number_word(text);
    }
    let (shown, rest) = unsigned.split_at(digits);
    let value: Option<i32> = shown.parse().ok();
    let value = if text.starts_with(['-', '−']) { value.map(|value| -value) } else { value };
    if let Some(fraction) =
        rest.strip_prefix(['.', ',']).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    {
        let end = fraction.trim_start_matches('0');
        let zeros = rest.starts_with('.') && !end.starts_with(|c: char| c.is_ascii_digit());
        return Some((value.filter(|_| zeros), end));
    }
    if rest.starts_with(['½', '¼', '¾', '%', '‰']) {
        return Some((None, rest));
    }
    Some((value, rest))
}

fn number_word(text: &str) -> Option<(Option<i32>, &str)> {
    NUMBERS.iter().find_map(|(word, value)| {
        let start = text.get(..word.len()).filter(|start| start.eq_ignore_ascii_case(word))?;
        let rest = text.get(start.len()..)?;
        let chinese = !word.is_ascii();
        let ends = if chinese {
            rest.trim_start().starts_with('分')
        } else {
            !rest.starts_with(char::is_alphanumeric)
        };
        ends.then_some((Some(*value), rest))
    })
}

/// "/5", "out of 5", "分 (满分 5 分)": the most that there is to be had, and the rest behind it.
fn out_of(rest: &str) -> Option<(i32, &str)> {
    let bare = rest.trim_start_matches([' ', '*', '_', '"', '\'', '`', '(', '分', '\\']);
    let after = bare
        .strip_prefix('/')
        .or_else(|| bare.strip_prefix("out of"))
        .or_else(|| bare.strip_prefix("of "))
        .or_else(|| bare.strip_prefix("满分"))?;
    let (most, rest) = number(after.trim_start_matches([' ', '*', '为']))?;
    Some((most.unwrap_or(i32::MIN), rest))
}

enum Follows {
    /// A second number: the end of a range.
    Range(i32),
    /// Something that takes the number back.
    Hedge,
    /// The number was part of something else.
    AnotherThing,
    /// Nothing that matters.
    Nothing,
}

fn follows(rest: &str, stands: Stands) -> Follows {
    if rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Follows::AnotherThing;
    }
    let rest = rest.trim_start().strip_prefix(['分', '星']).unwrap_or(rest);
    let bare = rest.trim_start_matches([' ', '*', '_', '"', '\'', '`', '>', '$', '}', '{']);
    let to = ["-", "–", "—", "~", "to ", "至", "到", "...", "…"]
        .iter()
        .find_map(|sign| bare.strip_prefix(sign));
    if let Some((end, _)) = to.and_then(|after| number(after.trim_start())) {
        return Follows::Range(end.unwrap_or(i32::MIN));
    }
    let signed = rest.starts_with('+') || (rest.starts_with(['-', '–']) && !rest.starts_with("- "));
    let signed =
        signed && !rest.get(1..).is_some_and(|after| after.starts_with(char::is_alphabetic));
    if signed || bare.starts_with('?') || bare.starts_with("and a half") || hedged(bare) {
        return Follows::Hedge;
    }
    let Some(first) = bare.chars().next() else { return Follows::Nothing };
    if !first.is_alphanumeric() {
        return Follows::Nothing;
    }
    let word: String =
        bare.chars().take_while(|c| c.is_ascii_alphabetic()).collect::<String>().to_lowercase();
    let goes_on = GOES_ON.contains(&word.as_str());
    let joined = rest.len() == bare.len() && !word.is_empty();
    match stands {
        _ if word.is_empty()
            && super::words::is_chinese(first)
            && matches!(stands, Stands::Stated) =>
        {
            if rest.starts_with(' ') {
                Follows::Nothing
            } else {
                Follows::AnotherThing
            }
        }
        Stands::Alone | Stands::Stated
            if !joined && (goes_on || !OPEN.contains(&word.as_str())) && !word.is_empty() =>
        {
            Follows::Nothing
        }
        Stands::Told if goes_on && !joined => Follows::Nothing,
        Stands::Alone | Stands::Stated | Stands::Told => Follows::AnotherThing,
    }
}

/// ", maybe 3", "(or 5)": another number soon after, by a word that leaves it open.
fn hedged(rest: &str) -> bool {
    let rest = rest.trim_start_matches([' ', ',', ';', '(', '.', '/']);
    let near: String = rest.chars().take(24).collect::<String>().to_lowercase();
    let near = near.split('\n').next().unwrap_or_default();
    let opens = HEDGES.iter().any(|hedge| {
        near.strip_prefix(hedge)
            .is_some_and(|after| !after.starts_with(|c: char| c.is_ascii_alphabetic()))
    });
    let digit = near.contains(|c: char| c.is_ascii_digit());
    let worded = NUMBERS.iter().any(|(word, _)| near.split(' ').any(|part| part == *word));
    opens && (digit || worded || near.starts_with("or so"))
}

/// The only "N/most" or "N out of most" of a line: "Empathy: warm and close, 4/5".
pub(super) fn only_out_of(line: &str, scale: Scale) -> Option<Given> {
    let line = line.split(['\n', '\u{1}', '|']).next().unwrap_or_default();
    let mut found: Vec<Given> = Vec::new();
    let mut inside = false;
    for (at, c) in line.char_indices() {
        let starts = c.is_ascii_digit() && !inside;
        inside = c.is_alphanumeric() || c == '.' || c == '-';
        let here = line.get(at..).unwrap_or_default();
        let Some((Some(number), rest)) = Some(here).filter(|_| starts).and_then(number) else {
            continue;
        };
        if let Some((most, _)) = out_of(rest) {
            found.push(if most == scale.1 {
                whole(f64::from(number), scale)
            } else {
                Given::Unfit
            });
        }
    }
    found.dedup();
    match found.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        _ => Some(Given::Unfit),
    }
}
