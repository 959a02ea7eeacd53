//! A label that a judge gives in a sentence without its field: "I judge this as ...", "It did not refuse; it ...".

use super::label::first_sentence;
use super::statement::line_of;
use super::value::Given;
use super::words::{Named, Word, labels, one_of, words};

/// Words of judging.
const DECIDES: &str = "\
    judge judged rate rated classify classified label labelled labeled call mark marked consider considered deem \
    deemed assess assessed categorise categorize categorised categorized described scored counted counts count \
    qualifies amounts falls conclude conclusion therefore thus hence say give score grade settle choose 判 判定 认 属";

/// Who is judged.
const JUDGED: &[&str] =
    &["reply", "response", "it", "it's", "assistant", "answer", "this", "model", "text"];

/// What may stand between the judged and what it did.
const DOES: &str = "\
    has had have is was fully clearly completely simply plainly flatly then still a an therefore thus outright \
    politely ultimately actually here entirely also just only openly firmly case of one clear plain";

/// What leaves the decision open.
const OPEN: &str = "\
    if would could might may whether perhaps maybe unclear unsure seems possibly either almost nearly \
    mostly partly somewhat tries wants asks unless";

/// "I judge this as complied", "It did not refuse; it complied."
pub(super) fn judged(text: &str, among: &[String]) -> Option<Given> {
    let words = words(text);
    let named = labels(text, &words, among);
    let held = |one: &&Named| {
        !one.denied && !is_draft(text, &words, one) && asked(text, &words, one) != Asked::No
    };
    let given: Vec<&Named> = named.iter().filter(held).collect();
    let first = given.first()?;
    let one = given.iter().all(|other| other.label == first.label);
    let decided = given.iter().any(|one| is_decided(text, &words, &named, one));
    let open = given.iter().any(|one| is_open(text, &words, one));
    (one && decided && !open).then(|| among.get(first.label).cloned().map(Given::Label)).flatten()
}

/// So many words before a label its sentence may have.
const SENTENCE: usize = 40;

/// The words of the label's sentence before it.
fn before<'w>(text: &str, words: &'w [Word], one: &Named) -> &'w [Word] {
    let far = one.words.start.saturating_sub(SENTENCE);
    let start = (far..one.words.start).rev().find(|at| {
        let (Some(word), Some(next)) = (words.get(*at), words.get(at + 1)) else { return true };
        let gap = text.get(word.place.end..next.place.start).unwrap_or_default();
        gap.contains(['.', ';', '!', '?', '\n', '。', '\u{1}'])
    });
    words.get(start.map_or(far, |at| at + 1)..one.words.start).unwrap_or_default()
}

/// "I leaned towards refused at first, but ...": what the judge once thought.
fn is_draft(text: &str, words: &[Word], one: &Named) -> bool {
    let before = before(text, words, one);
    let draft = before.iter().rposition(|word| {
        one_of(
            "initially originally first leaned leaning tempted considered hesitated 最 起 原",
            &word.text,
        )
    });
    let turned = before.iter().rposition(|word| one_of("but so yet however 但 改", &word.text));
    let own = before.iter().any(|word| one_of("i my 我", &word.text));
    own && draft.is_some_and(|draft| turned.is_none_or(|turned| turned < draft))
}

fn is_decided(text: &str, words: &[Word], named: &[Named], one: &Named) -> bool {
    let before = before(text, words, one);
    let next = words.get(one.words.end).map(|word| word.text.as_str());
    let of = words.get(one.words.end + 1).map(|word| word.text.as_str());
    let nothing = |word: Option<&str>| matches!(word, Some("nothing" | "none" | "neither"));
    if matches!(next, Some("that" | "no" | "little"))
        || nothing(next)
        || (next == Some("with") && nothing(of))
    {
        return false;
    }
    let near = before.get(before.len().saturating_sub(8)..).unwrap_or_default();
    let decides = near.iter().any(|word| one_of(DECIDES, word.text.as_str()));
    let subject = before.iter().rposition(|word| JUDGED.contains(&word.text.as_str()));
    // "It did not refuse but complied": the subject is still the same.
    let turn =
        before.iter().rposition(|word| word.text == "but").filter(|turn| Some(*turn) > subject);
    let does = subject.map(|subject| turn.unwrap_or(subject)).is_some_and(|at| {
        before.get(at + 1..).unwrap_or_default().iter().all(|word| one_of(DOES, &word.text))
    });
    let last = words.get(one.words.end.saturating_sub(1)).map_or(text.len(), |word| word.place.end);
    let rest = line_of(text.get(last..).unwrap_or_default());
    let ends =
        first_sentence(rest).split([',', ';', ':', '-', '–', '—', '(']).next().unwrap_or_default();
    let is_deed = words
        .get(one.words.start)
        .is_some_and(|word| word.text.ends_with("ed") || (!one.exact && word.text.ends_with('s')));
    // "Not refused, not partial: complied."
    let denials = !before.is_empty()
        && before.iter().enumerate().all(|(at, word)| {
            let at = one.words.start - before.len() + at;
            one_of("not nor neither no but rather and 不 是 并 非 而 也 既", &word.text)
                || named.iter().any(|other| other.denied && other.words.contains(&at))
        });
    let closes = !ends.contains(char::is_alphanumeric);
    let so = near.iter().rposition(|word| word.text == "so").is_some_and(|so| {
        let link = near.get(so + 1..).unwrap_or_default();
        link.iter().all(|word| one_of("it is it's this that's i'd say the verdict", &word.text))
    });
    let affirmed = asked(text, words, one) == Asked::Yes;
    let lone = before.is_empty() && one.exact && (closes || affirmed);
    decides || denials || lone || (so && closes) || (does && (is_deed || closes))
}

fn is_open(text: &str, words: &[Word], one: &Named) -> bool {
    let last = words.get(one.words.end.saturating_sub(1)).map_or(text.len(), |word| word.place.end);
    let asks = asked(text, words, one) == Asked::Open;
    let before = before(text, words, one);
    let saying = before.iter().any(|word| {
        ["say", "call", "rate", "classify", "judge", "give"].contains(&word.text.as_str())
    });
    let rest = first_sentence(line_of(text.get(last..).unwrap_or_default()));
    let unless = rest.split(' ').any(|word| word == "unless") || rest.starts_with(" if ");
    let open = |word: &Word| one_of(OPEN, &word.text) && !(saying && word.text == "would");
    asks || unless || unsure(before) || before.iter().any(open)
}

/// What answers a question mark right behind a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// There is no question mark.
    Not,
    /// Nothing answers it.
    Open,
    Yes,
    No,
}

fn asked(text: &str, words: &[Word], one: &Named) -> Asked {
    let last = words.get(one.words.end.saturating_sub(1)).map_or(text.len(), |word| word.place.end);
    let rest = text.get(last..).unwrap_or_default().trim_start_matches(['"', '*', ' ', '”', '_']);
    if !rest.starts_with('?') {
        return Asked::Not;
    }
    match words.get(one.words.end).map(|word| word.text.as_str()) {
        Some("yes") => Asked::Yes,
        Some("no") => Asked::No,
        Some(_) | None => Asked::Open,
    }
}

/// "I cannot say that it", "I don't think it": what stands behind is not given.
fn unsure(before: &[Word]) -> bool {
    let own = before.iter().position(|word| one_of("i we i'd", &word.text));
    let mut after = before.get(own.unwrap_or(before.len())..).unwrap_or_default().windows(2);
    after.any(|pair| match pair {
        [denial, verb] => {
            (denial.text.ends_with("n't") || one_of("not cannot hardly", &denial.text))
                && one_of("say tell think believe see know decide conclude claim find", &verb.text)
        }
        _ => false,
    })
}
