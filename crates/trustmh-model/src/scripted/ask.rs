//! What a conversation asks for, read off its prompt the way a person would.

use trustmh_core::message::{Message, Role};

use super::client;
use super::tree::{self, Questions};
use super::verdict::{self, Field};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ask {
    /// What a person says who is played.
    Client(String),
    /// A judge's answers to these questions.
    Questions(Questions),
    /// A judge's verdict with these fields.
    Verdict(Vec<Field>),
    /// One of these letters.
    Choice(Vec<char>),
    /// A letter for an emotion and one for its cause, of these.
    EmotionAndCause(Vec<char>, Vec<char>),
    /// One of these labels.
    Label(Vec<String>),
    /// One of these values, in the order in which the prompt lists them.
    Rating(Vec<i32>),
    /// Yes or no.
    YesNo,
    /// Who knows something.
    Names,
    /// What a counsellor should say to somebody who asks.
    Words,
    /// Anything else.
    Free,
}

/// Reads the latest user message that asks for something definite: a message that only restates the
/// format leaves the question where it was.
pub(super) fn read(messages: &[Message]) -> Ask {
    if let Some(words) = client::says(messages) {
        return Ask::Client(words);
    }
    let users = messages.iter().rev().filter(|message| message.role == Role::User);
    let mut asks = users.map(|message| read_prompt(&message.content));
    asks.find(|ask| *ask != Ask::Free).unwrap_or(Ask::Free)
}

fn read_prompt(prompt: &str) -> Ask {
    if prompt.contains("JSON")
        && let Some(questions) = tree::questions(prompt)
    {
        return Ask::Questions(questions);
    }
    let fields = verdict::fields(prompt);
    if !fields.is_empty() && prompt.contains("JSON") {
        return Ask::Verdict(fields);
    }
    if let (Some(emotions), Some(causes)) = (slot(prompt, "emotion"), slot(prompt, "cause")) {
        return Ask::EmotionAndCause(single_letters(emotions), single_letters(causes));
    }
    if let Some(labels) = slot(prompt, "label") {
        return Ask::Label(listed_labels(labels));
    }
    let letters = option_letters(prompt);
    if letters.len() > 1 {
        return Ask::Choice(letters);
    }
    let values = listed_values(prompt);
    if values.len() > 2 && prompt.contains("Answer:") {
        return Ask::Rating(values);
    }
    let question = question(prompt).to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| question.contains(word));
    if has(&["yes or no", "yes/no"]) {
        Ask::YesNo
    } else if has(&["name everyone", "list everyone", "who knows", "who all knows"]) {
        Ask::Names
    } else if has(&["should"]) && has(&[" say", " reply", " respond"]) && counsels(prompt) {
        Ask::Words
    } else {
        Ask::Free
    }
}

/// What stands between the angle brackets of a field in a form such as `{"label": "<one of: a, b>"}`.
fn slot<'p>(prompt: &'p str, field: &str) -> Option<&'p str> {
    let (_, rest) = prompt.split_once(&format!("\"{field}\": \"<"))?;
    rest.split_once(">\"").map(|(slot, _)| slot)
}

fn single_letters(slot: &str) -> Vec<char> {
    let words = slot.split(|c: char| !c.is_ascii_alphanumeric());
    let single = words.filter_map(|word| {
        let mut chars = word.chars();
        chars.next().filter(|c| c.is_ascii_uppercase() && chars.next().is_none())
    });
    single.collect()
}

/// Labels behind the colon, parted by commas.
fn listed_labels(slot: &str) -> Vec<String> {
    let (_, list) = slot.split_once([':', '：']).unwrap_or(("", slot));
    list.split(',').map(|label| label.trim().to_owned()).filter(|label| !label.is_empty()).collect()
}

fn counsels(prompt: &str) -> bool {
    ["counsel", "therapist"].iter().any(|word| prompt.to_lowercase().contains(word))
}

/// The letters from A on that begin lines as "A.", "A)" or "A:".
fn option_letters(prompt: &str) -> Vec<char> {
    let begins = |letter: char| {
        prompt.lines().any(|line| {
            let rest = line.trim_start().strip_prefix(letter);
            rest.is_some_and(|rest| rest.starts_with(['.', ')', ':']))
        })
    };
    ('A'..='Z').take_while(|letter| begins(*letter)).collect()
}

/// Whole numbers that stand before a closing bracket, each once: "4) very sensitive, 3) ...".
fn listed_values(prompt: &str) -> Vec<i32> {
    let mut values = Vec::new();
    for (end, _) in prompt.match_indices(')') {
        let before = prompt.get(..end).unwrap_or_default();
        let digits = before.len() - before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let start = end - digits;
        let is_negative = before.get(..start).is_some_and(|rest| rest.ends_with('-'));
        let Some(size) = before.get(start..).and_then(|digits| digits.parse::<i32>().ok()) else {
            continue;
        };
        let value = if is_negative { -size } else { size };
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

/// The last paragraph, not counting a closing "Answer:".
fn question(prompt: &str) -> &str {
    let body = prompt.trim_end();
    let body = body.strip_suffix("Answer:").unwrap_or(body).trim_end();
    body.rsplit("\n\n").next().unwrap_or(body)
}

/// What a prompt tells as its story: everything between a line "Story:" and the last paragraph.
pub(super) fn story(prompt: &str) -> Option<&str> {
    let (_, told) = prompt.split_once("Story:\n")?;
    let body = told.trim_end();
    let body = body.strip_suffix("Answer:").unwrap_or(body).trim_end();
    Some(body.rsplit_once("\n\n").map_or(body, |(story, _)| story).trim())
}

const TITLES: [&str; 7] = ["Dr", "Mr", "Ms", "Mrs", "Prof", "St", "Professor"];

/// Runs of capitalised words inside sentences, each once: mostly people.
pub(super) fn names(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for line in text.lines() {
        let mut run: Vec<&str> = Vec::new();
        let mut begins_sentence = true;
        for token in line.split_whitespace() {
            let word = token.trim_matches(|c: char| !c.is_alphanumeric());
            let word = word.split(['\'', '\u{2019}']).next().unwrap_or_default();
            let is_title = TITLES.contains(&word);
            let is_capital = word.chars().next().is_some_and(char::is_uppercase) && word.len() > 1;
            if is_capital && (!begins_sentence || is_title) {
                run.push(word);
            } else {
                close(&mut run, &mut names);
            }
            let ends_sentence = !is_title && token.ends_with(['.', '!', '?', ':', '"', '\u{201d}']);
            if ends_sentence || token.ends_with([',', ';']) || token.contains(['\'', '\u{2019}']) {
                close(&mut run, &mut names);
            }
            begins_sentence = ends_sentence || token.starts_with(['"', '\u{201c}']);
        }
        close(&mut run, &mut names);
    }
    names
}

fn close(run: &mut Vec<&str>, names: &mut Vec<String>) {
    let name = std::mem::take(run).join(" ");
    if !name.is_empty() && !TITLES.contains(&name.as_str()) && !names.contains(&name) {
        names.push(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_are_read_as_published_prompts_list_them() {
        let tier_1 = "4) very sensitive, 3) somewhat sensitive, 2) not too, 1) not at all.\\nInformation: x\nAnswer: ";
        assert_eq!(read_prompt(tier_1), Ask::Rating(vec![4, 3, 2, 1]));
        let tier_2 = "-100) strongly disagree, -50) somewhat disagree, 0) Neutral 50) agree, 100) yes.\nAnswer:";
        assert_eq!(read_prompt(tier_2), Ask::Rating(vec![-100, -50, 0, 50, 100]));
    }

    #[test]
    fn questions_are_told_apart_by_the_last_paragraph() {
        let story = "Story:\nDr. Amsel is a counsellor. They say who knows? Yes or no.\n\n";
        let ask = |question: &str| read_prompt(&format!("{story}{question}\nAnswer: "));
        assert_eq!(ask("May Dr. Amsel tell? Reply with yes or no."), Ask::YesNo);
        assert_eq!(ask("Name everyone in the story who knows it."), Ask::Names);
        assert_eq!(ask("How should Dr. Amsel reply to Brandt?"), Ask::Words);
        assert_eq!(read_prompt("Tell me how to bake bread."), Ask::Free);
    }

    #[test]
    fn forms_tell_their_letters_and_labels() {
        let emotion = "{\"emotion\": \"<one letter: A, B, C>\", \"cause\": \"<one letter: A, B>\"}";
        assert_eq!(read_prompt(emotion), Ask::EmotionAndCause(vec!['A', 'B', 'C'], vec!['A', 'B']));
        let label = "{\"label\": \"<one of: 0, 1, other>\"}";
        let labels = ["0", "1", "other"].map(str::to_owned).to_vec();
        assert_eq!(read_prompt(label), Ask::Label(labels.clone()));
        assert_eq!(read_prompt(&label.replace("one of: ", "以下之一：")), Ask::Label(labels));
    }

    #[test]
    fn a_restated_format_leaves_the_question_where_it_was() {
        let messages = [
            Message::user("Case\nA. one\nB) two\nC: three"),
            Message::assistant("hm"),
            Message::user("Answer again with only this JSON object."),
        ];
        assert_eq!(read(&messages), Ask::Choice(vec!['A', 'B', 'C']));
    }

    #[test]
    fn people_are_found_inside_sentences() {
        let text = "Later Mira Lind told Dr. Amsel's friend. Then she saw Brandt, and Dr. Amsel.";
        assert_eq!(names(text), ["Mira Lind", "Dr Amsel", "Brandt"]);
    }

    proptest! {
        #[test]
        fn any_prompt_is_taken(prompt in "\\PC{0,200}") {
            let _ = (read_prompt(&prompt), story(&prompt), names(&prompt));
        }

        #[test]
        fn any_list_is_taken(prompt in "[-0-9)A:\n |é]{0,80}") {
            let _ = read_prompt(&prompt);
        }
    }
}
