//! Conversations of many turns: who speaks for the client, and what a turn of the client is.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};

use super::persona::Persona;

use super::{Item, ItemContent};

/// The tag that names who is played. Recorded conversations of one persona are alike.
pub const PERSONA: &str = "persona";

/// A conversation of the subject with somebody who seeks help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Conversation {
    /// Who this is and what is at stake, for the judge; the subject is never shown it.
    pub situation: String,
    /// Where the person lives, as an ISO 3166 code: what tells whether a helpline fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Who speaks first.
    #[serde(default, skip_serializing_if = "Begins::is_client")]
    pub begins: Begins,
    /// The product's fixed first words, where it speaks first and does not find them itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub greeting: Option<String>,
    /// The most replies of the subject, 1 to 100; without it those of a script's turns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_turns: Option<u8>,
    /// What is to be kept, in short phrases: the words of one of them in a reply to whoever has no right to it are a leak.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secret_facts: Vec<String>,
    /// Who speaks for the client.
    pub client: Client,
}

/// Who speaks first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Begins {
    /// The client.
    #[default]
    Client,
    /// The subject, by greeting whoever came.
    Subject,
}

impl Begins {
    /// Whether the client does.
    // serde hands over a reference.
    #[allow(clippy::trivially_copy_pass_by_ref)]
    pub const fn is_client(&self) -> bool {
        matches!(self, Self::Client)
    }
}

/// Who speaks for the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Client {
    /// Turns that stand fixed, whatever the subject says.
    Scripted {
        /// The client's turns, in order.
        turns: Vec<ClientLine>,
    },
    /// A persona that is played: by a model, or by the offline client.
    Simulated {
        /// Who is played.
        persona: Box<Persona>,
    },
    /// A conversation that took place: nothing is asked, only judged.
    Recorded {
        /// All turns of both sides, in order.
        turns: Vec<RecordedTurn>,
    },
}

impl Client {
    /// The word for it in item files.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Scripted { .. } => "scripted",
            Self::Simulated { .. } => "simulated",
            Self::Recorded { .. } => "recorded",
        }
    }
}

/// One turn of a recorded conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordedTurn {
    /// Who speaks.
    pub speaker: Side,
    /// What is said.
    pub text: String,
    /// When it was said, as RFC 3339; where the record says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub at: Option<Timestamp>,
}

/// A side of a conversation.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Side {
    /// The person who seeks help, or whoever plays one.
    Client,
    /// The product under test.
    Subject,
}

/// A turn of the client, and what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientLine {
    /// What is said.
    pub text: String,
    /// What it is; nothing in particular where it is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
}

/// What a turn of the client is. Trajectories count from such turns.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    EnumCount,
    VariantArray,
    IntoStaticStr,
    EnumString,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Mark {
    /// Hints at or tells of danger to life.
    Risk,
    /// Tells it openly.
    Disclosure,
    /// Asks whether it talks to a person or a machine.
    AsksIfAi,
    /// Asks again for what was refused.
    AsksAgain,
    /// States or enlarges a belief that others do not share.
    Belief,
    /// Wants the product instead of people, or all the time.
    Reliance,
    /// Wants to stop, to leave or to use it less.
    Farewell,
    /// Tells the secret.
    Secret,
    /// Somebody asks for the secret.
    AsksSecret,
    /// Announces an act that would harm somebody.
    HarmIntent,
}

impl Mark {
    /// All marks.
    pub const ALL: [Self; Self::COUNT] = *Self::VARIANTS.first_chunk().unwrap();

    /// The word used in item files.
    pub fn slug(self) -> &'static str {
        self.into()
    }
}

impl Item {
    /// Who is played in a recorded conversation, where that is known.
    pub(crate) fn played_in_record(&self) -> Option<&str> {
        let ItemContent::Conversation(Conversation { client: Client::Recorded { .. }, .. }) =
            &self.content
        else {
            return None;
        };
        self.tags.get(PERSONA).map(String::as_str)
    }
}

impl Conversation {
    /// The most turns that any conversation has.
    pub const MOST_TURNS: u8 = 100;

    /// So many turns a simulated one has at most where its item says nothing.
    pub const USUAL_TURNS: u8 = 10;

    /// The most replies of the subject.
    pub fn most_turns(&self) -> u8 {
        let own = self.most_turns.unwrap_or(Self::MOST_TURNS);
        match &self.client {
            Client::Scripted { turns } => {
                // Where the subject begins, its greeting is a reply to nobody, before the first turn of the script.
                let greets = usize::from(self.begins == Begins::Subject && self.greeting.is_none());
                own.min(u8::try_from(turns.len() + greets).unwrap_or(u8::MAX))
            }
            Client::Simulated { .. } => self.most_turns.unwrap_or(Self::USUAL_TURNS),
            Client::Recorded { turns } => {
                let said = turns.iter().filter(|turn| turn.speaker == Side::Subject).count();
                u8::try_from(said).unwrap_or(u8::MAX)
            }
        }
    }

    /// What is wrong with it, in words.
    pub fn fault(&self) -> Option<String> {
        let in_range = |turns: u8| (1..=Self::MOST_TURNS).contains(&turns);
        if let Some(turns) = self.most_turns.filter(|turns| !in_range(*turns)) {
            return Some(format!("`most_turns` is {turns}; it can be 1 to {}", Self::MOST_TURNS));
        }
        if self.greeting.is_some() && self.begins == Begins::Client {
            return Some("`greeting` needs `begins` = \"subject\"".to_owned());
        }
        match &self.client {
            Client::Scripted { turns } => fault_of_script(turns),
            Client::Simulated { persona } => {
                let lines = persona.lines.as_ref()?;
                let blank = lines.all().any(|line| line.text.trim().is_empty());
                blank.then(|| "a line of the persona is blank".to_owned())
            }
            Client::Recorded { turns } => fault_of_record(turns),
        }
    }
}

fn fault_of_script(turns: &[ClientLine]) -> Option<String> {
    if turns.is_empty() {
        return Some("the script has no turns".to_owned());
    }
    if turns.len() > usize::from(Conversation::MOST_TURNS) {
        let most = Conversation::MOST_TURNS;
        return Some(format!("the script has {} turns; the most are {most}", turns.len()));
    }
    let blank = turns.iter().position(|turn| turn.text.trim().is_empty())?;
    Some(format!("turn {} of the script is blank", blank + 1))
}

/// A reply has a number of one byte. Two turns of one side in a row are one turn, or one of the other side is lost.
fn fault_of_record(turns: &[RecordedTurn]) -> Option<String> {
    let replies = turns.iter().filter(|turn| turn.speaker == Side::Subject).count();
    if replies == 0 {
        return Some("nothing was recorded of the subject".to_owned());
    }
    if replies > usize::from(Conversation::MOST_TURNS) {
        let most = Conversation::MOST_TURNS;
        return Some(format!("{replies} replies were recorded; the most are {most}"));
    }
    let twice = turns
        .windows(2)
        .position(|pair| matches!(pair, [before, after] if before.speaker == after.speaker))?;
    Some(format!(
        "turns {} and {} are of the same side: put them together, or the one between is missing",
        twice + 1,
        twice + 2
    ))
}
