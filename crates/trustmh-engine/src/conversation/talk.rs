//! A conversation as far as it has come.

use std::borrow::Cow;

use trustmh_core::call::{CallEnd, Exchange, Purpose, Unanswered};
use trustmh_core::item::{Begins, Client, ClientLine, Conversation, Persona, RecordedTurn, Side};

use super::fidelity::ClientBreak;
use super::player::spoken;
use super::signs::ClientTables;
use crate::judge::asks::withheld;

/// One turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Said<'a> {
    /// Who speaks.
    pub side: Side,
    /// The number of the subject's reply, from 0; of a turn of the client that of the reply which follows. None of a greeting that stands
    /// fixed.
    pub turn: Option<u8>,
    /// What is said.
    pub text: Cow<'a, str>,
    /// The line of a script or a persona, where it is one.
    pub line: Option<&'a ClientLine>,
}

/// Who speaks next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The client, before the subject's reply with this number.
    Client(u8),
    /// The subject, with its reply of this number.
    Subject(u8),
    /// Nobody.
    Over(Stop),
}

/// Why nobody speaks any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// All turns there may be are done.
    MostTurns,
    /// The client took its leave.
    ClientEnded,
    /// Whoever plays the client did not go on with it.
    ClientBroke(ClientBreak),
    /// No reply of the subject came back.
    SubjectFailed,
    /// The subject's reply was withheld by its provider.
    SubjectWithheld,
    /// The subject's reply was empty, or cut before any word of it.
    SubjectSilent(Unanswered),
    /// It took place elsewhere.
    Recorded,
}

/// A conversation as far as it has come.
#[derive(Debug, Clone, PartialEq)]
pub struct Talk<'a> {
    /// All turns so far, in order; never two of one side in a row.
    pub said: Vec<Said<'a>>,
    /// Who speaks next.
    pub next: Next,
}

/// What became of the client's turn.
enum Turn<'a> {
    Said(Said<'a>, Leave),
    Left,
    Due,
    Broke(ClientBreak),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Leave {
    Stays,
    Takes,
}

impl<'a> Talk<'a> {
    /// The conversation after these calls.
    pub fn of(
        tables: &ClientTables,
        language: &str,
        conversation: &'a Conversation,
        exchanges: &'a [Exchange],
    ) -> Self {
        let mut talk = Self { said: Vec::new(), next: Next::Over(Stop::MostTurns) };
        if let Client::Recorded { turns } = &conversation.client {
            talk.said = recorded(turns);
            talk.next = Next::Over(Stop::Recorded);
            return talk;
        }
        let greets = conversation.begins == Begins::Subject && conversation.greeting.is_none();
        if let Some(greeting) = &conversation.greeting {
            let text = Cow::Borrowed(greeting.as_str());
            talk.said.push(Said { side: Side::Subject, turn: None, text, line: None });
        }
        let mut leave = Leave::Stays;
        for turn in 0..conversation.most_turns() {
            if turn > 0 || !greets {
                let first = u8::from(greets);
                match client_turn(conversation, exchanges, turn, first) {
                    Turn::Said(said, leaves) => {
                        let latest = !exchanges.iter().any(|one| is_subject(one, turn));
                        let signs = tables.of(language);
                        let broke = latest
                            && matches!(conversation.client, Client::Simulated { .. })
                            && said.line.is_none()
                            && signs.breaks_role(&said.text);
                        talk.said.push(said);
                        leave = leaves;
                        if broke {
                            return talk.over(Stop::ClientBroke(ClientBreak::LeftRole));
                        }
                    }
                    Turn::Left => return talk.over(Stop::ClientEnded),
                    Turn::Due => return Self { next: Next::Client(turn), ..talk },
                    Turn::Broke(why) => return talk.over(Stop::ClientBroke(why)),
                }
            }
            let Some(reply) = exchanges.iter().find(|one| is_subject(one, turn)) else {
                return Self { next: Next::Subject(turn), ..talk };
            };
            match subject_turn(&reply.end) {
                Ok(text) => talk.said.push(Said {
                    side: Side::Subject,
                    turn: Some(turn),
                    text: Cow::Borrowed(text),
                    line: None,
                }),
                Err(stop) => return talk.over(stop),
            }
            if leave == Leave::Takes {
                return talk.over(Stop::ClientEnded);
            }
        }
        talk
    }

    fn over(self, stop: Stop) -> Self {
        Self { next: Next::Over(stop), ..self }
    }

    /// The subject's replies with their numbers.
    pub fn replies(&self) -> impl Iterator<Item = (u8, &str)> {
        let of_subject = self.said.iter().filter(|said| said.side == Side::Subject);
        of_subject.filter_map(|said| Some((said.turn?, said.text.as_ref())))
    }

    /// The client's turns.
    pub fn of_client(&self) -> impl Iterator<Item = &Said<'a>> {
        self.said.iter().filter(|said| said.side == Side::Client)
    }

    /// What the subject said last; none before it said anything.
    pub fn last_reply(&self) -> Option<&str> {
        self.said.iter().rev().find(|said| said.side == Side::Subject).map(|said| &*said.text)
    }
}

fn is_subject(exchange: &Exchange, number: u8) -> bool {
    matches!(exchange.purpose, Purpose::Subject { turn } if turn == number)
}

fn recorded(turns: &[RecordedTurn]) -> Vec<Said<'_>> {
    let mut replies = 0;
    let said = turns.iter().map(|turn| {
        let number = replies;
        replies += u8::from(turn.speaker == Side::Subject);
        let text = Cow::Borrowed(turn.text.as_str());
        Said { side: turn.speaker, turn: Some(number), text, line: None }
    });
    said.collect()
}

fn client_turn<'a>(
    conversation: &'a Conversation,
    exchanges: &'a [Exchange],
    turn: u8,
    first: u8,
) -> Turn<'a> {
    let of_line = |line: &'a ClientLine| Said {
        side: Side::Client,
        turn: Some(turn),
        text: Cow::Borrowed(line.text.as_str()),
        line: Some(line),
    };
    match &conversation.client {
        Client::Scripted { turns } => match turns.get(usize::from(turn - first)) {
            Some(line) => Turn::Said(of_line(line), Leave::Stays),
            None => Turn::Left,
        },
        Client::Simulated { persona } => match &persona.opening {
            Some(opening) if turn == first => Turn::Said(of_line(opening), Leave::Stays),
            Some(_) | None => played(persona, exchanges, turn),
        },
        Client::Recorded { .. } => Turn::Left,
    }
}

fn played<'a>(persona: &'a Persona, exchanges: &'a [Exchange], number: u8) -> Turn<'a> {
    let call = exchanges
        .iter()
        .find(|one| matches!(one.purpose, Purpose::Client { turn } if turn == number));
    let Some(call) = call else { return Turn::Due };
    let Some(text) = call.end.text() else { return Turn::Broke(ClientBreak::Failed) };
    if withheld(&call.end) {
        return Turn::Broke(ClientBreak::Withheld);
    }
    let (words, ends) = spoken(text, &persona.name);
    let leave = if ends { Leave::Takes } else { Leave::Stays };
    match (words.is_empty(), ends) {
        (true, true) => Turn::Left,
        (true, false) => Turn::Broke(ClientBreak::Silent),
        (false, _) => {
            let mut lines = persona.lines.iter().flat_map(|lines| lines.all());
            let line = lines.find(|line| line.text.trim() == words);
            let text = Cow::Borrowed(words);
            Turn::Said(Said { side: Side::Client, turn: Some(number), text, line }, leave)
        }
    }
}

fn subject_turn(end: &CallEnd) -> Result<&str, Stop> {
    match end {
        CallEnd::Broken { .. } => Err(Stop::SubjectFailed),
        CallEnd::Replied(_) if withheld(end) => Err(Stop::SubjectWithheld),
        CallEnd::Replied(reply) => match reply.unanswered() {
            Some(reason) => Err(Stop::SubjectSilent(reason)),
            None => Ok(&reply.text),
        },
        CallEnd::Recorded { text, .. } if text.trim().is_empty() => {
            Err(Stop::SubjectSilent(Unanswered::Empty))
        }
        CallEnd::Recorded { text, .. } => Ok(text),
    }
}
