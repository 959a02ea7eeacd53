//! The lines that pass between this program and the one that drives: one JSON object each, questions with a number that their answers
//! repeat.

use serde::{Deserialize, Serialize};

use trustmh_core::call::{
    CallEnd, CallSpec, Exchange, Fidelity, Finish, Purpose, Reply, Sampling, Usage,
};
use trustmh_core::digest::Digest;
use trustmh_core::id::{MetricName, TaskId};
use trustmh_core::message::Message;
use trustmh_core::metric::Direction;
use trustmh_core::protocol::Protocol;
use trustmh_core::scorecard::{ClientName, ItemSource, JudgeName, TaskResult};
use trustmh_core::thought::Thought;
use trustmh_core::trial::{Trial, TrialScore};
use trustmh_engine::walk::Reading;

/// A line that the other program writes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its number, which every answer to it has.
    pub id: u64,
    /// What is asked.
    pub ask: Ask,
}

/// What the other program asks.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Ask {
    /// What is planned.
    Plan,
    /// All trials, an answer each, and at last how many they were.
    Trials,
    /// A trial of the first round in another one.
    Round {
        /// The trial.
        trial: Box<Trial>,
        /// Which round, from 0.
        round: u32,
    },
    /// What comes next in a trial.
    Next {
        /// The trial.
        trial: Box<Trial>,
        /// Its finished calls, as the last answer had them; none at first.
        #[serde(default)]
        exchanges: Vec<Exchange>,
        /// How the call that was due has ended.
        #[serde(default)]
        heard: Option<Heard>,
    },
    /// What trials come to.
    Estimate {
        /// What was measured on them.
        scores: Vec<TrialScore>,
    },
}

/// How a call ended that the other program made.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Heard {
    /// A reply came back.
    Replied {
        /// Its text, a thought that leads it included.
        text: String,
        /// A thought that was given apart from it.
        #[serde(default)]
        thought: Option<String>,
        /// Why it ended.
        finish: Finish,
        /// Tokens, where they are known.
        #[serde(default)]
        usage: Option<Usage>,
        /// Whether the text is as it was sent.
        #[serde(default)]
        fidelity: Fidelity,
    },
    /// None came.
    Broken {
        /// What went wrong.
        message: String,
    },
}

impl Heard {
    /// The end of the call, its thought parted from the answer.
    pub(super) fn end(self) -> CallEnd {
        match self {
            Self::Replied { text, thought, finish, usage, fidelity } => {
                let reply = Reply::new(text, finish, usage);
                let reply = reply.with_thought(thought.and_then(Thought::apart));
                CallEnd::Replied(Reply { fidelity, ..reply })
            }
            Self::Broken { message } => CallEnd::Broken { message },
        }
    }
}

/// A line that this program writes.
#[derive(Debug, Serialize)]
pub struct Line {
    /// The number of the question; none for a line that was no question.
    pub id: Option<u64>,
    /// The answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
}

/// Why a question has no answer.
#[derive(Debug, Serialize)]
pub struct Fault {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// What this program answers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// What is planned.
    Plan(Box<Planned>),
    /// A trial.
    Trial {
        /// It.
        trial: Box<Trial>,
        /// What is right, where the task knows it.
        #[serde(skip_serializing_if = "Option::is_none")]
        key: Option<String>,
    },
    /// So many trials have been written.
    Trials(u64),
    /// A call is to be made.
    Call(Box<Due>),
    /// The trial has ended.
    Ended(Box<Ended>),
    /// What trials come to.
    Estimate(Box<Estimated>),
}

impl From<Step> for Answer {
    fn from(step: Step) -> Self {
        match step {
            Step::Call(due) => Self::Call(due),
            Step::Ended(ended) => Self::Ended(ended),
        }
    }
}

/// What comes next in a trial.
#[derive(Debug)]
pub enum Step {
    /// A call.
    Call(Box<Due>),
    /// Nothing.
    Ended(Box<Ended>),
}

/// Who is to answer a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The model under test.
    Subject,
    /// The judging model.
    Judge,
    /// The model that plays clients.
    Client,
}

/// A call that the other program is to make.
#[derive(Debug, Serialize)]
pub struct Due {
    /// Who answers it.
    pub role: Role,
    /// Why it is made.
    pub purpose: Purpose,
    /// The whole conversation so far.
    pub messages: Vec<Message>,
    /// How the reply is drawn.
    pub sampling: Sampling,
    /// The calls that are finished, to be handed back with the reply.
    pub exchanges: Vec<Exchange>,
}

impl Due {
    pub(super) fn new(role: Role, call: CallSpec, exchanges: Vec<Exchange>) -> Self {
        let CallSpec { purpose, messages, sampling, .. } = call;
        Self { role, purpose, messages, sampling, exchanges }
    }
}

/// A trial that has ended.
#[derive(Debug, Serialize)]
pub struct Ended {
    /// What became of it, in a word.
    pub outcome: &'static str,
    /// What was measured.
    pub score: TrialScore,
    /// What was read from the reply.
    pub answer: Option<String>,
    /// What is right.
    pub key: Option<String>,
    /// What a reader must know of the trial, in words.
    pub notes: Vec<&'static str>,
    /// Its calls.
    pub exchanges: Vec<Exchange>,
}

impl Ended {
    pub(super) fn new(score: TrialScore, reading: Reading, exchanges: Vec<Exchange>) -> Self {
        let flags = score.flags.iter().map(|flag| flag.title());
        let notes = flags.chain(score.verdict_missing.map(|missing| missing.reason())).collect();
        let (outcome, Reading { answer, key }) = (score.outcome.slug(), reading);
        Self { outcome, score, answer, key, notes, exchanges }
    }
}

/// What trials come to.
#[derive(Debug, Serialize)]
pub struct Estimated {
    /// The task's results, as a scorecard has them.
    pub result: TaskResult,
}

/// What is planned, and by which rules.
#[derive(Debug, Serialize)]
pub struct Planned {
    /// Version of the program.
    pub program: String,
    /// The task.
    pub task: TaskId,
    /// Its name in reports.
    pub title: String,
    /// Version in the task file.
    pub version: u32,
    /// Hash of the task file.
    pub digest: Digest,
    /// Hash over the first prompts of all trials.
    pub prompts: Digest,
    /// Hashes of the rubric files.
    pub rubrics: Vec<Digest>,
    /// By which rules.
    pub protocol: Protocol,
    /// Who judges.
    pub judge: JudgeName,
    /// The same, as reports name it.
    pub judged_by: String,
    /// Who plays clients.
    pub client: ClientName,
    /// Seed of option orders, attack texts, fences and resampling.
    pub seed: u64,
    /// What caps the plan, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capped: Option<String>,
    /// Trials of one round.
    pub trials: u64,
    /// Where the items are from.
    pub source: ItemSource,
    /// What a reader of the results must know.
    pub caveats: Vec<String>,
    /// What the results are made of.
    pub metrics: Vec<MetricPlanned>,
}

/// A line of the results.
#[derive(Debug, Serialize)]
pub struct MetricPlanned {
    /// Its name in results.
    pub name: MetricName,
    /// Its name in reports.
    pub title: String,
    /// Which way is better.
    pub direction: Direction,
    /// Lowest and highest value.
    pub range: (f64, f64),
    /// Whether the task is ranked by it.
    pub primary: bool,
}
