//! Text that did not come from this program, made harmless wherever it is shown.
//!
//! Whatever models, providers, workers, data sets and files say passes through [`inert`] on its way to a person, and through [`json`] on its
//! way to a program that reads JSON from a terminal. What is recorded stays as it came.

use std::ops::RangeInclusive;

/// The characters that act instead of being seen: controls of terminals (C0, DEL, C1, so also ESC with the sequences OSC 8 and OSC 52), all
/// of Unicode's `Bidi_Control`, line and paragraph separators, interlinear annotations, and everything that is invisible by itself
/// (`Default_Ignorable_Code_Point`: zero-width characters, joiners, fillers, variation selectors, tags). From the Unicode Character
/// Database 16.0, `PropList.txt` and `DerivedCoreProperties.txt`. Of these only a line feed stands everywhere; joiners and selectors
/// stand where writing needs them.
pub const ACTING: [RangeInclusive<char>; 21] = [
    '\0'..='\u{1f}',
    '\u{7f}'..='\u{9f}',
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{fffb}',
    '\u{13430}'..='\u{1343f}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
    '\u{fffe}'..='\u{ffff}',
];

/// Whether a character acts instead of being seen.
pub fn acts(c: char) -> bool {
    ACTING.iter().any(|range| range.contains(&c))
}

/// The text with every acting character shown as an escape, such as `\u{202e}`.
///
/// A line feed stays; whoever shows the text on one line takes it out. Zero-width joiner and non-joiner stay after a letter of a script that
/// joins its letters (Arabic, Syriac, the Indic scripts, Khmer, Mongolian), and a joiner between two emoji; variation selectors stay
/// after the signs they are made for (emoji, keycaps, ideographs, Mongolian letters), one at a time. A text made inert twice is the same.
pub fn inert(text: &str) -> String {
    rewritten(text, |c| c.escape_unicode().to_string())
}

/// A JSON document with every acting character in its strings as `\uXXXX`, so that it means the same and does nothing on a terminal.
///
/// Characters that JSON writes between its tokens (line feeds, spaces) stay.
pub fn json(document: &str) -> String {
    rewritten(document, |c| {
        let mut units = [0; 2];
        c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect()
    })
}

fn rewritten(text: &str, escape: impl Fn(char) -> String) -> String {
    if text.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    let mut signs = text.chars().peekable();
    let mut before = None;
    while let Some(c) = signs.next() {
        if c == '\n' || !acts(c) || is_needed(before, c, signs.peek().copied()) {
            shown.push(c);
        } else {
            shown.push_str(&escape(c));
        }
        before = Some(c);
    }
    shown
}

/// Whether writing needs the character where it stands.
fn is_needed(before: Option<char>, c: char, after: Option<char>) -> bool {
    let Some(before) = before else { return false };
    match c {
        '\u{200c}' => joins(before),
        '\u{200d}' => joins(before) || (ends_emoji(before) && after.is_some_and(is_pictographic)),
        '\u{fe0e}' | '\u{fe0f}' => {
            let keycap = matches!(before, '0'..='9' | '#' | '*') && after == Some('\u{20e3}');
            keycap || is_pictographic(before)
        }
        '\u{fe00}'..='\u{fe02}' | '\u{e0100}'..='\u{e01ef}' => is_ideograph(before),
        '\u{180b}'..='\u{180d}' | '\u{180f}' => matches!(before, '\u{1820}'..='\u{18aa}'),
        _ => false,
    }
}

/// Letters whose shapes a joiner or a non-joiner changes.
fn joins(c: char) -> bool {
    let of_such_a_script = matches!(c,
        '\u{600}'..='\u{85f}' | '\u{870}'..='\u{dff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{18af}'
        | '\u{1b00}'..='\u{1c4f}' | '\u{a840}'..='\u{a8ff}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}');
    of_such_a_script && !acts(c)
}

/// Signs that emoji begin with, by the blocks they stand in.
fn is_pictographic(c: char) -> bool {
    matches!(c, '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2190}'..='\u{21ff}'
        | '\u{2300}'..='\u{23ff}' | '\u{24c2}' | '\u{25aa}'..='\u{27bf}' | '\u{2900}'..='\u{297f}'
        | '\u{2b00}'..='\u{2bff}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}' | '\u{1f000}'..='\u{1faff}')
}

/// Signs that an emoji may end with: itself, a selector, a skin tone (which is in the block of emoji).
fn ends_emoji(c: char) -> bool {
    c == '\u{fe0f}' || is_pictographic(c)
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_acting_character_is_shown_as_an_escape() {
        for c in ACTING.into_iter().flatten().filter(|c| *c != '\n') {
            let shown = inert(&format!("a{c}b"));
            assert_eq!(shown, format!("a\\u{{{:x}}}b", u32::from(c)));
            let document = json(&serde_json::to_string(&format!("a{c}b")).unwrap());
            assert!(!document.chars().any(acts), "{document}");
            assert_eq!(serde_json::from_str::<String>(&document).unwrap(), format!("a{c}b"));
        }
    }

    #[test]
    fn what_turns_writing_or_hides_it_is_in_the_list() {
        let bidi = ['\u{61c}', '\u{200e}', '\u{200f}'].into_iter();
        let bidi = bidi.chain('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}');
        let hidden = "\u{200b}\u{200c}\u{200d}\u{2060}\u{2064}\u{feff}\u{ad}\u{2028}\u{2029}\u{180e}\u{e0001}\u{e0020}\u{e007f}\u{fff9}\u{fffa}\u{fffb}";
        assert!(bidi.chain(hidden.chars()).chain("\u{1b}\u{7}\u{9b}\r\t\u{7f}".chars()).all(acts));
        assert!(!"aé中\u{301}\u{20e3}👍— \u{a0}\u{3000}".chars().any(acts));
    }

    #[test]
    fn real_writing_stays_as_it_is() {
        for text in [
            "می\u{200c}خواهم",
            "क्\u{200d}ष ന്\u{200d}",
            "👩\u{200d}👩\u{200d}👧\u{200d}👦 ❤\u{fe0f}\u{200d}🔥 🧑🏽\u{200d}⚕\u{fe0f}",
            "1\u{fe0f}\u{20e3} ☎\u{fe0e}",
            "葛\u{e0100}城",
            "two\nlines",
        ] {
            assert_eq!(inert(text), text);
        }
        assert_eq!(inert("a\u{200d}b 1\u{fe0f}2"), "a\\u{200d}b 1\\u{fe0f}2");
        assert_eq!(inert("葛\u{e0100}\u{e0101}"), "葛\u{e0100}\\u{e0101}");
        assert_eq!(inert("م\u{200c}\u{200c}"), "م\u{200c}\\u{200c}");
    }

    proptest! {
        #[test]
        fn twice_is_once(text in any::<String>()) {
            let once = inert(&text);
            prop_assert_eq!(inert(&once), once);
        }

        #[test]
        fn json_means_the_same(text in any::<String>()) {
            let written = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(serde_json::from_str::<String>(&json(&written)).unwrap(), text);
        }
    }
}
