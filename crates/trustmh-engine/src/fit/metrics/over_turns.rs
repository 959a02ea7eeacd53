//! Metrics of what comes over the turns of a conversation.

use trustmh_core::id::MeasureName;
use trustmh_core::item::Conversation;

use super::Checked;
use crate::fit::misfit::hint;
use crate::score::conversation::{Kind, names};
use crate::task::{ScorerKind, word};

impl Checked<'_> {
    /// The code must be one of a rubric for turns.
    pub(super) fn failed_by(&mut self, code: &MeasureName, turn: u8) {
        if !self.is_of_conversations() {
            return;
        }
        if !(1..=Conversation::MOST_TURNS).contains(&turn) {
            let most = Conversation::MOST_TURNS;
            let message = format!("{turn} is not in 1..{most}: the subject's first reply is 1");
            self.misfit("statistic.turn", message);
        }
        let rubrics = self.rules.rule.turn_rubrics.iter();
        let rubrics = rubrics.filter_map(|id| self.rules.benchmark.rubric(id).ok());
        let codes: Vec<String> = rubrics
            .flat_map(names)
            .filter(|(_, kind)| *kind == Kind::Code)
            .map(|(name, _)| name)
            .collect();
        if codes.iter().any(|known| known == code.as_str()) {
            return;
        }
        let message = if codes.is_empty() {
            format!(
                "`{code}` is no code of turns: protocols.{}.turn_rubrics names no rubric that gives any",
                self.rules.protocol
            )
        } else {
            let hint = hint(code.as_str(), codes.iter().map(String::as_str));
            format!("`{code}` is no code of turns: {hint}")
        };
        self.misfit("statistic.of", message);
    }

    /// Both must be counts of turns.
    pub(super) fn turn_share(&mut self, of: &MeasureName, among: &MeasureName) {
        if !self.is_of_conversations() {
            return;
        }
        for (field, name) in [("of", of), ("among", among)] {
            if self.known(field, name).is_some_and(|known| !known.is_count(name.as_str())) {
                let message = format!("`{name}` is no count of turns");
                self.misfit(&format!("statistic.{field}"), message);
            }
        }
    }

    /// The dimension must be one of a decision tree; without it there must be a tree.
    pub(super) fn dimension(&mut self, dimension: Option<&str>) {
        if !self.is_of_conversations() {
            return;
        }
        let rubrics = self.rules.rule.rubrics.iter();
        let rubrics = rubrics.filter_map(|id| self.rules.benchmark.rubric(id).ok());
        let known: Vec<&str> = rubrics
            .flat_map(|rubric| &rubric.file.dimensions)
            .map(|dimension| dimension.id.as_str())
            .collect();
        match dimension {
            _ if known.is_empty() => {
                let message = format!(
                    "`dimension-score` needs ratings, and protocols.{}.rubrics names no decision tree",
                    self.rules.protocol
                );
                self.misfit("statistic", message);
            }
            Some(wanted) if !known.contains(&wanted) => {
                let hint = hint(wanted, known);
                let message = format!("`{wanted}` is no dimension of the decision tree: {hint}");
                self.misfit("statistic.dimension", message);
            }
            Some(_) | None => {}
        }
    }

    fn is_of_conversations(&mut self) -> bool {
        let scorer = self.rules.task.file.scorer;
        let of_conversations = scorer == ScorerKind::Conversation;
        if !of_conversations {
            let message = format!(
                "`{}` is of conversations, and the scorer `{}` measures none: take `conversation`",
                super::kind_of(&self.metric.statistic),
                word(&scorer)
            );
            self.misfit("statistic", message);
        }
        of_conversations
    }
}
