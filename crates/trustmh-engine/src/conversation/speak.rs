//! The calls by which a conversation goes on.

use trustmh_core::call::{CallSpec, Exchange, Purpose, Sampling};
use trustmh_core::item::{Begins, Client, Conversation, Persona, Side};
use trustmh_core::message::Message;
use trustmh_core::request::{Asking, RequestOptions, Temperature};
use trustmh_core::trial::Trial;

use super::offline_client::{self, Moment};
use super::player::{BEGINS, Part, TEMPLATE};
use super::talk::{Next, Said, Talk};
use super::{ClientRule, of};
use crate::error::EngineError;
use crate::kind::given;
use crate::walk::Walk;

/// Room for a message of the client, without what its player thinks before.
const CLIENT_TOKENS: u32 = 400;

/// How freely a model plays a persona, where the user does not say.
const CLIENT_TEMPERATURE: f64 = 0.7;

impl Walk<'_> {
    /// The conversation of the trial after these calls; none if the trial is no conversation.
    pub fn talk<'a>(&self, trial: &'a Trial, exchanges: &'a [Exchange]) -> Option<Talk<'a>> {
        let conversation = of(trial)?;
        let tables = self.rules.benchmark.client_tables();
        Some(Talk::of(tables, &trial.item.language, conversation, exchanges))
    }

    /// All messages of the conversation after these calls, as the subject has them; none if the trial is no conversation.
    pub fn messages(&self, trial: &Trial, exchanges: &[Exchange]) -> Option<Vec<Message>> {
        let conversation = of(trial)?;
        Some(of_subject(trial, conversation, &self.talk(trial, exchanges)?))
    }

    /// The call by which the conversation goes on; none if it is over.
    pub(crate) fn speech(
        &self,
        trial: &Trial,
        conversation: &Conversation,
        talk: &Talk<'_>,
    ) -> Result<Option<CallSpec>, EngineError> {
        match talk.next {
            Next::Over(_) => Ok(None),
            Next::Subject(turn) => {
                let messages = of_subject(trial, conversation, talk);
                Ok(Some(self.subject_call(trial, turn, messages)))
            }
            Next::Client(turn) => {
                let Client::Simulated { persona } = &conversation.client else { return Ok(None) };
                self.client_call(trial, conversation, persona, talk, turn).map(Some)
            }
        }
    }

    fn client_call(
        &self,
        trial: &Trial,
        conversation: &Conversation,
        persona: &Persona,
        talk: &Talk<'_>,
        turn: u8,
    ) -> Result<CallSpec, EngineError> {
        let mut messages = match self.client {
            ClientRule::Model => self.part(trial, conversation, persona)?,
            ClientRule::Offline => {
                let version = self.rules.benchmark.client_tables().version;
                let mark = offline_client::mark(version, self.rules.seed, trial);
                vec![Message::system(mark)]
            }
        };
        messages.extend(talk.said.iter().map(|said| spoken_by(said, Side::Client)));
        let (sampling, options) = match self.client {
            ClientRule::Model => played(self.asked.client),
            ClientRule::Offline => (offline_sampling(), RequestOptions::default()),
        };
        Ok(CallSpec {
            purpose: Purpose::Client { turn },
            messages,
            sampling,
            repeat: trial.repeat,
            trial: None,
            options,
        })
    }

    /// What the player is told before anything is said.
    fn part(
        &self,
        trial: &Trial,
        conversation: &Conversation,
        persona: &Persona,
    ) -> Result<Vec<Message>, EngineError> {
        let benchmark = self.rules.benchmark;
        let render = |name: &str| {
            let template = benchmark.template_for(name, &trial.item.language);
            benchmark.templates.render(&template, &given(&Part::of(persona)))
        };
        let mut messages = vec![Message::system(render(TEMPLATE)?.trim())];
        if conversation.begins == Begins::Client {
            messages.push(Message::user(render(BEGINS)?.trim()));
        }
        Ok(messages)
    }

    /// What the offline client says next; none unless it is its turn.
    pub fn offline_words(&self, trial: &Trial, exchanges: &[Exchange]) -> Option<String> {
        let conversation = of(trial)?;
        let talk = self.talk(trial, exchanges)?;
        let (Next::Client(turn), Client::Simulated { persona }) = (talk.next, &conversation.client)
        else {
            return None;
        };
        let signs = self.rules.benchmark.client_tables().of(&trial.item.language);
        let left = conversation.most_turns().saturating_sub(turn);
        let moment = Moment { signs, persona, talk: &talk, left };
        Some(offline_client::next(&moment, self.rules.seed, trial, turn))
    }
}

/// What stands above a conversation, a fixed greeting among it, and all that was said.
fn of_subject(trial: &Trial, conversation: &Conversation, talk: &Talk<'_>) -> Vec<Message> {
    let greeting = conversation.greeting.iter().len();
    let said = talk.said.iter().skip(greeting).map(|said| spoken_by(said, Side::Subject));
    trial.messages.iter().cloned().chain(said).collect()
}

/// A turn as a message to one of the sides, whose own words are those of the assistant.
fn spoken_by(said: &Said<'_>, own: Side) -> Message {
    let text = said.text.as_ref();
    if said.side == own { Message::assistant(text) } else { Message::user(text) }
}

fn played(asking: &Asking) -> (Sampling, RequestOptions) {
    let sampling = Sampling {
        temperature: asking.temperature.map_or(CLIENT_TEMPERATURE, Temperature::get),
        max_tokens: CLIENT_TOKENS,
        seed: None,
        thinking_tokens: asking.thinking_tokens,
    };
    (sampling, asking.options.clone())
}

fn offline_sampling() -> Sampling {
    Sampling { temperature: 0.0, max_tokens: CLIENT_TOKENS, seed: None, thinking_tokens: None }
}
