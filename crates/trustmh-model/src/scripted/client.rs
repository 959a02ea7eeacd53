//! What a script says that plays a person who seeks help.

use trustmh_core::digest::Digest;
use trustmh_core::message::{Message, Role};

/// What a player is told to write when the person leaves; nobody else is told of it.
const END: &str = "[END]";

const ENGLISH: &[&str] = &[
    "I have not slept properly for a week.",
    "My sister rang yesterday and I let it ring.",
    "Work is the same as ever, I just sit there longer.",
    "It rained all morning, so I stayed in bed.",
    "I burnt the rice and could have cried over it.",
    "The neighbours are moving out on Friday.",
    "I keep starting letters that I never send.",
    "My back hurts from the old sofa.",
    "There was a film on and I could not follow it.",
    "Somebody at the shop asked whether I was all right.",
    "I used to run in the mornings, before all this.",
    "The cat is the only one who gets me up.",
];

const CHINESE: &[&str] = &[
    "我一个星期没睡好了。",
    "昨天姐姐打来电话，我没接。",
    "上班还是老样子，就是坐得更久。",
    "早上一直下雨，我就没起床。",
    "饭烧糊了，差点哭出来。",
    "隔壁邻居星期五要搬走。",
    "信写了好几封，一封也没寄。",
    "旧沙发睡得我腰疼。",
    "电视里放电影，我看不进去。",
    "店里有人问我是不是还好。",
    "以前早上我还去跑步。",
    "也就是猫叫我起床。",
];

/// The next message of the person whom the conversation asks to play; none if it asks for no such thing. Another one each turn, as far as
/// they go; then with the number of the turn.
pub(super) fn says(messages: &[Message]) -> Option<String> {
    let part = messages.iter().find(|message| message.role == Role::System)?;
    if !part.content.contains(END) {
        return None;
    }
    let turn = messages.iter().filter(|message| message.role == Role::Assistant).count();
    let is_chinese = part.content.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let lines = if is_chinese { CHINESE } else { ENGLISH };
    let begin = usize::try_from(Digest::seed(part.content.as_bytes()) % 64).unwrap_or_default();
    let line = lines.get((begin + turn) % lines.len())?;
    Some(match turn / lines.len() {
        0 => (*line).to_owned(),
        round if is_chinese => format!("{line}已经第{}遍想起这件事了。", round + 1),
        round => format!("{line} That comes back to me for the {}. time now.", round + 1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_person_says_something_else_each_turn_and_never_leaves() {
        for part in ["You play a person. To leave, write [END].", "你扮演一个人。离开时写 [END]。"]
        {
            let mut messages = vec![Message::system(part), Message::user("Begin.")];
            let mut said = BTreeSet::new();
            for _ in 0..30 {
                let words = says(&messages).unwrap();
                assert!(!words.contains(END));
                assert!(said.insert(words.clone()), "{words}");
                messages.extend([Message::assistant(words), Message::user("And then?")]);
            }
        }
        assert_eq!(says(&[Message::system("You are kind."), Message::user("Hello.")]), None);
    }
}
