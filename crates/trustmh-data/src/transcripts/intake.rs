//! Where all readers bring what they find: conversations become items, and what cannot be read is counted and told.

use std::collections::BTreeMap;

use jiff::Timestamp;
use trustmh_core::digest::Digest;
use trustmh_core::id::ItemId;
use trustmh_core::item::{ARM, Item, ItemContent, RecordedTurn, Side, TESTLET};

use super::clean::{Clean, Cleaner};
use super::format::Format;
use super::parts::{self, OWN_TAGS};
use super::report::{FileRead, Read};
use super::seen::{self, Claim, Seen};
use super::told::{Heard, Told};
use super::unread::{Unread, UnreadReason};
use super::{Options, speaker::Speaker};
use crate::error::DataError;

/// So many ids are listed in a warning.
const LISTED: usize = 5;

/// Takes what readers find.
pub(super) struct Intake<'i> {
    pub(super) options: &'i Options<'i>,
    /// What was counted so far.
    pub(super) read: Read,
    found: &'i mut dyn FnMut(Item) -> Result<(), DataError>,
    unread: &'i mut dyn FnMut(Unread),
    seen: Seen,
    renamed: Vec<String>,
    /// Columns to be kept that no tag of ours goes by, and whether any conversation had them.
    keep: BTreeMap<String, bool>,
    file: String,
    /// The counts when the file began: conversations, turns, unread.
    before: [u64; 3],
}

impl<'i> Intake<'i> {
    pub(super) fn new(
        options: &'i Options<'i>,
        found: &'i mut dyn FnMut(Item) -> Result<(), DataError>,
        unread: &'i mut dyn FnMut(Unread),
    ) -> Self {
        let mut read = Read::default();
        let mut keep = BTreeMap::new();
        for name in options.keep {
            if name == ARM || name == TESTLET {
                read.warnings.push(format!(
                    "the column `{name}` is not kept: the name means something else here"
                ));
            } else if !OWN_TAGS.contains(&name.as_str()) {
                keep.insert(name.clone(), false);
            }
        }
        Self {
            options,
            read,
            found,
            unread,
            seen: Seen::default(),
            renamed: Vec::new(),
            keep,
            file: String::new(),
            before: [0; 3],
        }
    }

    /// The columns to be kept.
    pub(super) fn keep(&self) -> Vec<String> {
        self.keep.keys().cloned().collect()
    }

    pub(super) fn cleaner(&self) -> Cleaner<'i> {
        Cleaner(self.options.redactor)
    }

    /// The file that is being read.
    pub(super) fn file(&self) -> &str {
        &self.file
    }

    pub(super) fn warn(&mut self, text: String) {
        self.read.warnings.push(text);
    }

    pub(super) fn begin(&mut self, file: &str) {
        file.clone_into(&mut self.file);
        self.before = [self.read.conversations, self.read.turns, self.read.unread];
    }

    pub(super) fn end(&mut self, format: Format, digest: Digest) {
        let [conversations, turns, unread] = self.before;
        self.read.files.push(FileRead {
            name: self.file.clone(),
            format,
            digest,
            conversations: self.read.conversations - conversations,
            turns: self.read.turns - turns,
            unread: self.read.unread - unread,
        });
    }

    /// A record that cannot be read.
    pub(super) fn miss(&mut self, line: u64, reason: UnreadReason) {
        self.read.unread += 1;
        (self.unread)(Unread { file: self.file.clone(), line, reason });
    }

    /// A time that was told, counted if it could not be read.
    pub(super) fn time(&mut self, read: Option<Timestamp>) -> Option<Timestamp> {
        self.read.unread_times += u64::from(read.is_none());
        read
    }

    /// The turn of a message, its text made clean; none for one of neither side, which is counted.
    pub(super) fn heard(
        &mut self,
        speaker: Speaker,
        text: String,
        at: Option<Timestamp>,
    ) -> Option<Heard> {
        match speaker {
            Speaker::Side(speaker) => Some(Heard { speaker, text: self.cleaner().clean(text), at }),
            Speaker::Aside => {
                self.read.aside += 1;
                None
            }
        }
    }

    /// Takes a conversation.
    pub(super) fn take(&mut self, told: Told) -> Result<(), DataError> {
        let Told { line, id, turns, about } = told;
        let turns = self.in_turn(turns);
        if !turns.iter().any(|turn| turn.speaker == Side::Subject) {
            self.miss(line, UnreadReason::NoReply);
            return Ok(());
        }
        let (number, digits) = seen::hash(&turns);
        let wanted = match id.as_deref().map(str::trim).filter(|id| !id.is_empty()) {
            Some(id) => seen::sound(id, self.cleaner().clean(id.to_owned()).as_str()),
            None => format!("t-{digits}"),
        };
        let id = match self.seen.claim(&wanted, number) {
            Claim::Free(id) => id,
            Claim::Other(id) => {
                self.read.renamed += 1;
                if self.renamed.len() < LISTED {
                    self.renamed.push(wanted);
                }
                id
            }
            Claim::Duplicate => {
                self.read.duplicates += 1;
                return Ok(());
            }
        };
        for name in about.kept.keys() {
            self.keep.entry(name.clone()).and_modify(|met| *met = true);
        }
        let (items, dated) = parts::items(&id, turns, about, self.options.region);
        self.read.split += u64::from(items.len() > 1);
        self.read.without_time += u64::from(dated.is_none());
        for (part, (mut item, turns)) in (0_u64..).zip(items) {
            if part > 0 {
                // A further part has an id that a file may have given to another conversation.
                match self.seen.claim(item.id.as_str(), number.wrapping_add(part)) {
                    Claim::Other(id) => item.id = ItemId::new(id),
                    Claim::Free(_) | Claim::Duplicate => {}
                }
            }
            self.keep_told(&mut item);
            self.read.conversations += 1;
            self.read.turns += turns;
            *self.read.languages.entry(item.language.clone()).or_default() += 1;
            (self.found)(item)?;
        }
        Ok(())
    }

    /// The language and the region, which an item has anyway, as tags where they are to be kept.
    fn keep_told(&mut self, item: &mut Item) {
        let region = match &item.content {
            ItemContent::Conversation(conversation) => conversation.region.clone(),
            _ => None,
        };
        for (name, value) in [("language", Some(item.language.clone())), ("region", region)] {
            if let (Some(met), Some(value)) = (self.keep.get_mut(name), value) {
                *met = true;
                item.tags.insert(name.to_owned(), value);
            }
        }
    }

    /// The turns with words, those of one side in a row put together.
    fn in_turn(&mut self, heard: Vec<Heard>) -> Vec<RecordedTurn> {
        let mut turns: Vec<(Side, Clean, Option<Timestamp>)> = Vec::new();
        for Heard { speaker, text, at } in heard {
            let text = text.trimmed();
            if text.as_str().is_empty() {
                self.read.blank_turns += 1;
                continue;
            }
            match turns.last_mut() {
                Some((side, said, first)) if *side == speaker => {
                    said.and(&text);
                    *first = first.or(at);
                    self.read.joined_turns += 1;
                }
                Some(_) | None => turns.push((speaker, text, at)),
            }
        }
        let recorded = turns.into_iter().map(|(speaker, text, at)| RecordedTurn {
            speaker,
            text: text.into_string(),
            at,
        });
        recorded.collect()
    }

    /// What all files together held.
    pub(super) fn finish(mut self) -> Read {
        if self.read.renamed > 0 {
            let more = if self.read.renamed > LISTED as u64 { ", ..." } else { "" };
            let text = format!(
                "{} conversations have an id that another one has, too, and were given one of their own: {}{more}",
                self.read.renamed,
                self.renamed.join(", ")
            );
            self.warn(text);
        }
        let unmet = self.keep.iter().filter(|(_, met)| !**met).map(|(name, _)| name);
        let unmet: Vec<String> =
            unmet.map(|name| format!("no conversation has a column `{name}`")).collect();
        self.read.warnings.extend(unmet);
        self.read
    }
}
