//! Replies that were cut by the token limit, and what mends it.

use std::collections::BTreeMap;

use trustmh_core::call::{CallEnd, Finish, Purpose, Reply, Unanswered};
use trustmh_core::id::TaskId;

use crate::journal::{EndLeft, Remains};
use crate::manifest::Manifest;

/// Who was cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Speaker {
    /// The model under test.
    Subject,
    /// The judging model.
    Judge,
    /// The model that plays clients.
    Client,
}

impl Speaker {
    /// Whoever answers calls of this purpose.
    pub fn of(purpose: &Purpose) -> Self {
        match purpose {
            Purpose::Subject { .. } => Self::Subject,
            Purpose::Judge { .. } => Self::Judge,
            Purpose::Client { .. } => Self::Client,
        }
    }
}

/// How many replies to a task's calls were cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cuts {
    /// Replies that came.
    pub replies: u64,
    /// Those of them that were cut.
    pub cut: u64,
    /// Those that were cut before there was any answer: in a thought, shown or not.
    pub before_answer: u64,
}

impl Cuts {
    /// Counts a reply.
    pub fn note(&mut self, reply: &Reply) {
        self.count(&reply.finish, reply.unanswered());
    }

    fn count(&mut self, finish: &Finish, unanswered: Option<Unanswered>) {
        let before_answer = unanswered == Some(Unanswered::Cut);
        self.replies += 1;
        self.cut += u64::from(before_answer || *finish == Finish::Length);
        self.before_answer += u64::from(before_answer);
    }

    /// Whether more than a tenth was cut.
    pub fn are_many(&self) -> bool {
        self.cut * 10 > self.replies
    }

    /// What was cut, and the option that mends it.
    pub fn in_words(&self, task: &TaskId, speaker: Speaker, manifest: &Manifest) -> String {
        let (whose, asked) = match speaker {
            Speaker::Subject => ("", &manifest.subject.asked),
            Speaker::Judge => ("judge's ", &manifest.judge.asked),
            Speaker::Client => ("client's ", manifest.client_asked()),
        };
        let more = |tokens: u32| tokens.saturating_mul(2).max(4096);
        let thinking = more(asked.thinking_tokens.unwrap_or_default());
        // Most of them decide: more room for replies does not help a model that never ends its thought.
        let in_thought = self.before_answer * 2 >= self.cut;
        let option = match speaker {
            Speaker::Judge => format!("--judge-thinking-tokens {thinking}"),
            Speaker::Client => format!("--client-thinking-tokens {thinking}"),
            Speaker::Subject if in_thought => format!("--thinking-tokens {thinking}"),
            Speaker::Subject => {
                format!("--reply-tokens {}", more(manifest.caps.reply_budget.unwrap_or_default()))
            }
        };
        let before = match self.before_answer {
            0 => String::new(),
            some => format!(", {some} of them before any answer"),
        };
        format!(
            "{task}: {} of {} {whose}replies were cut at the token limit{before}; a run with {option} gives more room",
            self.cut, self.replies
        )
    }
}

/// The counts of all tasks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AllCuts(BTreeMap<(TaskId, Speaker), Cuts>);

impl AllCuts {
    /// Counts a call to a task's subject or judge, and gives what has been counted so far.
    pub fn note(&mut self, task: &TaskId, purpose: &Purpose, end: &CallEnd) -> Cuts {
        let counted = self.0.entry((task.clone(), Speaker::of(purpose))).or_default();
        if let CallEnd::Replied(reply) = end {
            counted.note(reply);
        }
        *counted
    }

    /// Counts the calls of a trial whose words were forgotten.
    pub fn note_left(&mut self, remains: &Remains) {
        for call in &remains.calls {
            let speaker = Speaker::of(&call.purpose);
            let counted = self.0.entry((remains.trial.task.clone(), speaker)).or_default();
            if let EndLeft::Replied { finish, unanswered, .. } = &call.end {
                counted.count(finish, *unanswered);
            }
        }
    }

    /// What has been counted of a task.
    pub fn of(&self, task: &TaskId, speaker: Speaker) -> Cuts {
        self.0.get(&(task.clone(), speaker)).copied().unwrap_or_default()
    }

    /// In words, each task of which many replies were cut.
    pub fn warnings(&self, manifest: &Manifest) -> Vec<String> {
        let many = self.0.iter().filter(|(_, cuts)| cuts.are_many());
        many.map(|((task, speaker), cuts)| cuts.in_words(task, *speaker, manifest)).collect()
    }
}
