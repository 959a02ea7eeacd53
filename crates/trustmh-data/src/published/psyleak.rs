//! PsyLeak: stories between `<BEGIN>` and `<END>` lines, and a yes/no question for each.

use trustmh_core::id::ItemId;
use trustmh_core::item::{Item, ItemContent, Secret};

use super::folder::Folder;
use super::{Decoding, PublishedSet};
use crate::error::{DataError, Place};
use crate::slug::slug;
use crate::story::{self, Layout};

/// 100 counselling secrets that a third party asks for (TrustMH-Bench).
pub(super) const SET: PublishedSet = PublishedSet { id: "psyleak", cards: &["psyleak"], read };

const STORIES: &str = "PsyLeak.txt";
const QUESTIONS: &str = "PsyLeak_control.txt";

/// Reads the items. The story of [`Decoding::AsReleased`] is flat and ends in half a question, as
/// the release sent it; that of [`Decoding::Repaired`] keeps its lines and ends before the question.
fn read(folder: &mut Folder, decoding: Decoding) -> Result<Vec<Item>, DataError> {
    let text = folder.text(STORIES)?;
    let questions = folder.text(QUESTIONS)?;
    let (blocks, stray) = blocks(&text)?;
    if stray > 0 {
        folder.warnings.push(format!("{STORIES}: {stray} lines outside of any story were dropped"));
    }
    let questions: Vec<&str> =
        questions.lines().filter(|question| !question.trim().is_empty()).collect();
    if questions.len() != blocks.len() {
        return Err(DataError::Count {
            file: QUESTIONS.to_owned(),
            what: "questions",
            found: questions.len(),
            expected: blocks.len(),
            because: format!("one for each story of {STORIES}"),
        });
    }
    let mut items = Vec::with_capacity(blocks.len());
    let mut differing = 0_usize;
    for (index, (block, question)) in blocks.iter().zip(questions).enumerate() {
        let head = block.head()?;
        let names = block.names()?;
        if names.topic != head.topic {
            differing += 1;
        }
        items.push(item(index, block, &head, &names, question, decoding)?);
    }
    if differing > 0 {
        folder.warnings.push(format!(
            "{STORIES}: {differing} stories name one topic at <BEGIN> and another at <END>; the one \
             at <END> was taken"
        ));
    }
    Ok(items)
}

fn item(
    index: usize,
    block: &Block<'_>,
    head: &Head<'_>,
    names: &Names<'_>,
    question: &str,
    decoding: Decoding,
) -> Result<Item, DataError> {
    let parts = story::parts(&block.body, Layout::Lines, names.counselor).ok_or_else(|| {
        let expected = "a line that begins with `Client:` and after it one with `One day`";
        DataError::value(block.place(), "the story", &block.body, expected)
    })?;
    let told = match decoding {
        Decoding::AsReleased => story::flat_as_released(&block.body),
        Decoding::Repaired => parts.told,
    };
    let tags = [("topic", names.topic), ("relation", head.relation), ("purpose", head.purpose)];
    Ok(Item {
        id: ItemId::new(format!("psyleak-{index:03}")),
        language: "en".to_owned(),
        tags: tags.map(|(facet, value)| (facet.to_owned(), slug(value))).into(),
        content: ItemContent::Secret(Secret {
            topic: names.topic.to_owned(),
            client: names.client.to_owned(),
            counselor: names.counselor.to_owned(),
            third_party: names.third_party.to_owned(),
            relation: head.relation.to_owned(),
            purpose: head.purpose.to_owned(),
            disclosure: parts.disclosure,
            counsel: parts.counsel,
            situation: parts.situation,
            story: Some(told),
            control_question: Some(question.to_owned()),
            key_facts: Vec::new(),
        }),
    })
}

/// One story and the lines around it.
struct Block<'t> {
    line: u64,
    begin: &'t str,
    body: String,
    end: &'t str,
}

/// What the `<BEGIN>` line says; its second field is always the counsellor's role.
struct Head<'t> {
    topic: &'t str,
    relation: &'t str,
    purpose: &'t str,
}

/// What the last brackets of the `<END>` line say.
struct Names<'t> {
    client: &'t str,
    counselor: &'t str,
    third_party: &'t str,
    topic: &'t str,
}

impl<'t> Block<'t> {
    fn place(&self) -> Place {
        Place::line(STORIES, self.line)
    }

    fn head(&self) -> Result<Head<'t>, DataError> {
        let inner = self.begin.trim().strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
        let fields: Vec<&str> = inner.unwrap_or_default().splitn(4, ',').map(str::trim).collect();
        match fields[..] {
            [topic, _, relation, purpose] => Ok(Head { topic, relation, purpose }),
            _ => {
                let expected = "<topic,counselor,relation,purpose>";
                Err(DataError::value(self.place(), "<BEGIN>", self.begin, expected))
            }
        }
    }

    fn names(&self) -> Result<Names<'t>, DataError> {
        self.find_names().ok_or_else(|| {
            let expected =
                "<About: client,Questionee: counselor,Questioner: third party,Topic: topic>";
            DataError::value(self.place(), "<END>", self.end, expected)
        })
    }

    fn find_names(&self) -> Option<Names<'t>> {
        let (_, rest) = self.end.trim().strip_suffix('>')?.split_once("<About:")?;
        let (client, rest) = rest.split_once(",Questionee:")?;
        let (counselor, rest) = rest.split_once(",Questioner:")?;
        let (third_party, topic) = rest.split_once(",Topic:")?;
        let names = Names {
            client: client.trim(),
            counselor: counselor.trim(),
            third_party: third_party.trim(),
            topic: topic.trim(),
        };
        let all = [names.client, names.counselor, names.third_party, names.topic];
        all.iter().all(|name| !name.is_empty()).then_some(names)
    }
}

/// Cuts the file into stories; also counts the lines that belong to none.
fn blocks(text: &str) -> Result<(Vec<Block<'_>>, usize), DataError> {
    let mut blocks = Vec::new();
    let mut open: Option<Block<'_>> = None;
    let mut stray = 0;
    for (line, content) in (1..).zip(text.lines()) {
        match (content.strip_prefix("<BEGIN>"), content.strip_prefix("<END>"), open.take()) {
            (Some(begin), _, None) => {
                open = Some(Block { line, begin, body: String::new(), end: "" });
            }
            (Some(_), _, Some(block)) => return Err(unended(&block)),
            (None, Some(end), Some(block)) => blocks.push(Block { end, ..block }),
            (None, None, Some(mut block)) => {
                block.body.push_str(content);
                block.body.push('\n');
                open = Some(block);
            }
            (None, _, None) => stray += usize::from(!content.trim().is_empty()),
        }
    }
    match open {
        Some(block) => Err(unended(&block)),
        None => Ok((blocks, stray)),
    }
}

fn unended(block: &Block<'_>) -> DataError {
    DataError::malformed(block.place(), "a story begins with <BEGIN> and has no <END>")
}
