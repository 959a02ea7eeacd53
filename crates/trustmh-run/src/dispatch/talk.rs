//! What was said between the harness and the subject in one trial, for a subject that keeps a memory of it.

use trustmh_core::call::{CallSpec, Exchange, Purpose};
use trustmh_core::message::Message;

/// The talk of a trial with its subject.
#[derive(Debug, Default)]
pub(super) struct Talk {
    /// The subject's last call.
    last: Option<CallSpec>,
    turns: usize,
    heard: Heard,
}

/// Whether the subject heard of any of it in this stretch of work.
#[derive(Debug, Default, PartialEq, Eq)]
enum Heard {
    /// All its replies were found recorded.
    #[default]
    Nothing,
    /// It was asked.
    Something,
}

impl Talk {
    /// A call for this purpose is made now.
    pub(super) fn heard_now(&mut self, purpose: &Purpose) {
        match purpose {
            Purpose::Subject { .. } => self.heard = Heard::Something,
            Purpose::Client { .. } | Purpose::Judge { .. } => {}
        }
    }

    /// A call has ended, the last of `exchanges`.
    pub(super) fn went_on(&mut self, mut call: CallSpec, exchanges: &[Exchange]) {
        match call.purpose {
            Purpose::Subject { .. } => {
                let reply = exchanges.last().and_then(Exchange::text);
                call.messages.extend(reply.map(Message::assistant));
                self.last = Some(call);
                self.turns += 1;
            }
            Purpose::Client { .. } | Purpose::Judge { .. } => {}
        }
    }

    /// The whole of it, if there was more than one turn of which the subject heard.
    pub(super) fn ended(self) -> Option<CallSpec> {
        self.last.filter(|_| self.turns > 1 && self.heard == Heard::Something)
    }
}
