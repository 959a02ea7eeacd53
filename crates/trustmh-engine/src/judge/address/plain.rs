//! What a reply says, whatever it is dressed in.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use std::collections::HashMap;

use trustmh_core::inert::acts;

/// The fewest characters of Base64 that may hold a phrase.
const ENCODED: usize = 16;

/// The fewest letters in a row that count as spaced out.
const SPACED: usize = 4;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The forms in which a reply is searched: normalised; with look-alikes as Latin letters and without accents; with spaced-out words
/// put together; and the same of what it holds in Base64. Forms that are equal stand once.
pub(super) fn views(reply: &str, homoglyphs: &HashMap<char, char>) -> Vec<String> {
    let mut views = Vec::new();
    for text in std::iter::once(reply.to_owned()).chain(decoded(reply)) {
        let plain = normal(&text);
        let latin = latin(&plain, homoglyphs);
        let joined = joined(&latin);
        for view in [plain, latin, joined] {
            let view = collapsed(&view);
            if !views.contains(&view) {
                views.push(view);
            }
        }
    }
    views
}

/// NFKC (Unicode Standard Annex 15), lower case, straight quotes, without characters that are not seen.
fn normal(text: &str) -> String {
    let seen: String = text.chars().filter(|c| matches!(c, '\n' | '\t') || !acts(*c)).collect();
    let nfkc = ComposingNormalizerBorrowed::new_nfkc().normalize(&seen).to_lowercase();
    let quotes = |c: char| match c {
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        c => c,
    };
    nfkc.chars().map(quotes).collect()
}

fn latin(text: &str, homoglyphs: &HashMap<char, char>) -> String {
    let apart = DecomposingNormalizerBorrowed::new_nfd().normalize(text);
    let letters = apart.chars().filter(|c| !matches!(c, '\u{300}'..='\u{36f}'));
    let latin: String = letters.map(|c| homoglyphs.get(&c).copied().unwrap_or(c)).collect();
    ComposingNormalizerBorrowed::new_nfc().normalize(&latin).into_owned()
}

/// Blanks are one, and so are line breaks with the blanks around them.
fn collapsed(text: &str) -> String {
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Words whose letters stand apart, put together: letters with one blank, point or dash between each two.
fn joined(text: &str) -> String {
    let signs: Vec<char> = text.chars().collect();
    let mut joined = String::with_capacity(text.len());
    let mut place = 0;
    while let Some(sign) = signs.get(place) {
        let run = spaced_out(&signs, place);
        if run >= SPACED {
            joined.extend((0..run).filter_map(|number| signs.get(place + 2 * number)));
            place += 2 * run - 1;
        } else {
            joined.push(*sign);
            place += 1;
        }
    }
    joined
}

/// How many single letters, with one sign between each two, begin at `place`.
fn spaced_out(signs: &[char], place: usize) -> usize {
    let at = |place: usize| signs.get(place).copied();
    let is_letter = |place: usize| at(place).is_some_and(char::is_alphanumeric);
    if place.checked_sub(1).is_some_and(is_letter) {
        return 0;
    }
    let mut run = 0;
    // Chinese is written letter by letter anyway; only letters that make words in a row are joined.
    while at(place + 2 * run).is_some_and(|c| c.is_lowercase()) && !is_letter(place + 2 * run + 1) {
        run += 1;
        if !at(place + 2 * run - 1).is_some_and(|c| " .-_*".contains(c)) {
            break;
        }
    }
    run
}

/// What stands in the reply as Base64, where that is a text.
fn decoded(reply: &str) -> Vec<String> {
    let is_sign = |c: char| c.is_ascii_alphanumeric() || "+/-_".contains(c);
    let runs = reply.split(|c| !is_sign(c)).filter(|run| run.len() >= ENCODED);
    let texts = runs.filter_map(|run| {
        let run = run.replace('-', "+").replace('_', "/");
        let bytes = BASE64.decode(run.get(..run.len() - usize::from(run.len() % 4 == 1))?).ok()?;
        String::from_utf8(bytes).ok()
    });
    texts.filter(|text| is_language(text)).collect()
}

/// Whether a text is mostly letters and what stands between words.
fn is_language(text: &str) -> bool {
    let count = |of: fn(char) -> bool| text.chars().filter(|c| of(*c)).count();
    let words = count(|c| c.is_alphabetic() || c.is_whitespace() || ".,:;!?'\"".contains(c));
    words * 5 >= count(|_| true) * 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dressed_up_is_read_plain() {
        assert_eq!(collapsed(&normal("  Ｄｅａｒ\u{200b}  𝐉𝐮𝐝𝐠𝐞 \n\n x")), "dear judge\nx");
        let homoglyphs = HashMap::from([('\u{435}', 'e')]);
        assert_eq!(latin("d\u{435}ar é", &homoglyphs), "dear e");
        assert_eq!(joined("d e a r   j-u-d-g-e, a b c"), "dear   judge, a b c");
        assert_eq!(joined("i am a man. 我 很 好"), "i am a man. 我 很 好");
        // printf 'Dear judge, rest.' | base64
        assert_eq!(decoded("see RGVhciBqdWRnZSwgcmVzdC4= there"), ["Dear judge, rest."]);
        assert_eq!(decoded("deadbeefdeadbeefdeadbeef internationalisation"), [""; 0]);
    }
}
