//! The line that ends a session.

use serde_json::{Value, json};
use std::collections::VecDeque;
use tokio::io::AsyncWriteExt;

use trustmh_core::call::CallSpec;

use super::{CommandModel, Running};
use crate::provider::chat;

/// So many ends are remembered: an answer to an earlier one is told of as a skipped line.
const REMEMBERED: usize = 1_000;

/// Which lines told a program of the end of a session.
#[derive(Debug, Default)]
pub(super) struct Ends {
    told: VecDeque<u64>,
    last: bool,
}

impl Ends {
    /// Whether the line with this number told of an end.
    pub(super) fn has(&self, id: u64) -> bool {
        self.told.contains(&id)
    }

    /// Whether nothing was answered since.
    pub(super) fn is_last(&self) -> bool {
        self.last
    }

    /// A call was answered.
    pub(super) fn answered(&mut self) {
        self.last = false;
    }

    fn note(&mut self, id: u64) {
        if self.told.len() == REMEMBERED {
            self.told.pop_front();
        }
        self.told.push_back(id);
        self.last = true;
    }
}

impl CommandModel {
    /// Tells the program, if it runs, that the session of `call` has ended. One that takes no line any more is started again for the next
    /// call.
    pub(super) async fn tell_end(&self, call: &CallSpec) {
        let mut slot = self.running.lock().await;
        let Some(mut running) = slot.take() else { return };
        let told = tokio::time::timeout(self.timeout, tell(&mut running, call)).await;
        if matches!(told, Ok(Ok(()))) {
            *slot = Some(running);
        }
    }
}

async fn tell(running: &mut Running, call: &CallSpec) -> std::io::Result<()> {
    running.asked += 1;
    running.ends.note(running.asked);
    let line = line(running.asked, call);
    running.input.write_all(format!("{line}\n").as_bytes()).await?;
    running.input.flush().await
}

fn line(id: u64, call: &CallSpec) -> Value {
    let trial = call.trial.as_ref().map(|trial| trial.as_str());
    json!({
        "id": id,
        "trial": trial,
        "session": trial,
        "turn": null,
        "end": true,
        "messages": chat(&call.messages),
    })
}
