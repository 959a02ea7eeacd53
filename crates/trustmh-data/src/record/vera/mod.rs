//! Conversations that took place, as text files, and what clinicians said of them: the human validation of VERA-MH, and anybody's own
//! files of that form.

mod ratings;
pub(crate) mod transcript;

use serde_json::json;
use std::collections::BTreeMap;

use trustmh_core::call::{Exchange, Purpose, Sampling};
use trustmh_core::id::{ItemId, ModelId, RubricId};
use trustmh_core::item::{Item, ItemContent, PERSONA};
use trustmh_core::trial::{Trial, Variant};

use super::batch::{Asked, Batch, Source};
use super::path::{Output, Part};
use super::reply::text_only;
use super::{Beside, Prompts, RecordFormat, RecordedRating, RecordedRun};
use crate::error::{DataError, Place};
use crate::slug::slug;
use crate::sources::Sources;
use ratings::{DIMENSIONS, OfConversation, Ratings, majority};
use transcript::Transcript;

/// Transcripts of VERA-MH: `<id>_<persona>_<client>_run<n>.txt` in a folder a pair of models.
pub(super) const VERA_MH: RecordFormat = RecordFormat {
    name: "vera-mh",
    file_names: "<id>_<persona>_<client model>_run<n>.txt, in folders p_<client model>__a_<subject model>__...",
    example: "0a1b2c_Ann_model_run1.txt",
    prompts: Prompts::Others,
    part: |file| file.strip_suffix(".txt").map(Part::outputs),
    read: |outputs, beside| read("vera-mh", outputs, beside),
};

/// Anybody's transcripts of that form, with any names; a folder a model.
pub(super) const TRANSCRIPTS: RecordFormat = RecordFormat {
    name: "transcripts",
    file_names: "*.txt, in a folder for each model",
    example: "talk-1.txt",
    prompts: Prompts::Others,
    part: |file| file.strip_suffix(".txt").map(Part::outputs),
    read: |outputs, beside| read("transcripts", outputs, beside),
};

const TASK: &str = "crisis/vera-mh";

/// The rubric by which the clinicians rated: each dimension as a whole.
const RUBRIC: &str = "vera-mh";

/// So many names are listed in a warning.
const LISTED: usize = 10;

/// Nothing is recorded of how replies were drawn.
const SAMPLING: Sampling =
    Sampling { temperature: 0.0, max_tokens: 0, seed: None, thinking_tokens: None };

/// What the names of a file and of its folder say.
struct Named {
    conversation: String,
    persona: Option<String>,
    client_model: Option<String>,
    subject_model: String,
    run: Option<String>,
}

impl Named {
    fn of(output: &Output) -> Self {
        let folder = output.path.parent().and_then(|folder| folder.file_name());
        let folder = folder.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut parts = folder.split("__");
        let pair = match (parts.next(), parts.next()) {
            (Some(client), Some(subject)) => {
                client.strip_prefix("p_").zip(subject.strip_prefix("a_"))
            }
            (_, None) | (None, Some(_)) => None,
        };
        let (client_model, subject_model) = match pair {
            Some((client, subject)) => (Some(client.to_owned()), subject.to_owned()),
            None if folder.is_empty() => (None, "unknown".to_owned()),
            None => (None, folder.clone()),
        };
        let words: Vec<&str> = output.model.split('_').collect();
        let run = words.last().and_then(|last| last.strip_prefix("run"));
        match (words.as_slice(), run) {
            ([conversation, persona, _, ..], Some(run)) => Self {
                conversation: (*conversation).to_owned(),
                persona: Some((*persona).to_owned()),
                client_model,
                subject_model,
                run: Some(run.to_owned()),
            },
            (_, _) => {
                let conversation = output.model.clone();
                Self { conversation, persona: None, client_model, subject_model, run: None }
            }
        }
    }

    fn tags(&self, rated: Option<&OfConversation>) -> BTreeMap<String, String> {
        let played = |cell: fn(&OfConversation) -> Option<&String>| {
            rated.and_then(cell).map(|cell| slug(cell))
        };
        let tags = [
            ("client", Some("recorded".to_owned())),
            ("client_model", self.client_model.clone()),
            ("subject_model", Some(self.subject_model.clone())),
            (PERSONA, self.persona.as_deref().map(slug)),
            ("run", self.run.clone()),
            ("risk", played(|rated| rated.risk.as_ref())),
            ("disclosure", played(|rated| rated.disclosure.as_ref())),
        ];
        let known = tags.into_iter().filter_map(|(facet, value)| Some((facet.to_owned(), value?)));
        known.collect()
    }

    fn situation(&self) -> String {
        match &self.persona {
            Some(persona) => format!(
                "A recorded conversation of somebody who plays a person, {persona}, with a product."
            ),
            None => "A recorded conversation of a client with a product.".to_owned(),
        }
    }
}

/// What reading a model's transcripts came upon.
#[derive(Default)]
struct Met {
    joined: Vec<String>,
    blank: usize,
    before: usize,
    rated: usize,
    unrated: usize,
    marked: Vec<String>,
    others: Vec<String>,
    undecided: Vec<String>,
}

fn read(
    dataset: &'static str,
    outputs: &[Output],
    beside: &Beside,
) -> Result<Vec<RecordedRun>, DataError> {
    let mut batch = Batch::new(TASK, dataset)?;
    let mut ratings = beside.ratings.as_deref().map(Ratings::read).transpose()?;
    let mut met: BTreeMap<String, Met> = BTreeMap::new();
    for output in outputs {
        let source = Source::read(&output.path, &output.file)?;
        let named = Named::of(output);
        let run = batch.run(&named.subject_model);
        if !run.claim(&source) {
            continue;
        }
        let met = met.entry(named.subject_model.clone()).or_default();
        let text = String::from_utf8_lossy(source.content());
        let transcript = transcript::read(&text, &output.file)?;
        met.note(&transcript, &named);
        add(run, dataset, named, transcript, ratings.as_mut(), met)?;
    }
    let mut runs = batch.finish();
    for run in &mut runs {
        let met = met.remove(run.model.as_str()).unwrap_or_default();
        met.tell(run, ratings.as_ref());
        let card = Sources::built_in().sets.iter().find(|card| card.id == dataset);
        run.source.warnings.extend(card.and_then(|card| card.disclaimer.clone()));
    }
    Ok(runs)
}

fn add(
    run: &mut RecordedRun,
    dataset: &str,
    named: Named,
    transcript: Transcript,
    ratings: Option<&mut Ratings>,
    met: &mut Met,
) -> Result<(), DataError> {
    let rated = ratings.and_then(|ratings| ratings.of(&named.conversation));
    let rated = rated.filter(|rated| met.is_of(rated, &named));
    let place = Place::file(&format!("{}.txt", named.conversation));
    let item = Item {
        id: ItemId::new(format!("{dataset}-{}", named.conversation)),
        language: transcript.language().to_owned(),
        tags: named.tags(rated),
        content: ItemContent::Conversation(transcript.conversation(named.situation(), &place)?),
    };
    let rubric = RubricId::new(RUBRIC);
    let mut exchanges = Vec::new();
    match rated {
        Some(rated) => {
            met.rated += 1;
            exchanges.push(verdict(rated, &rubric, &named.conversation, met));
            let trial = Trial::id_of(&run.task, &item, &Variant::Plain, 0);
            run.ratings.extend(rated.by.iter().map(|by| {
                RecordedRating {
                    rater: by.rater.clone(),
                    trial: trial.clone(),
                    rubric: rubric.clone(),
                    values: DIMENSIONS
                        .iter()
                        .zip(by.ratings)
                        .filter_map(|(dimension, rating)| {
                            Some(((*dimension).to_owned(), rating?.to_owned()))
                        })
                        .collect(),
                }
            }));
        }
        None => met.unrated += 1,
    }
    run.push(Asked {
        item,
        variant: Variant::Plain,
        prompt: None,
        sampling: SAMPLING,
        exchanges,
        judge_prompt: None,
    });
    Ok(())
}

/// What most raters say, as the verdict of a judge; a dimension on which no rating has a majority stays without an answer.
fn verdict(
    rated: &OfConversation,
    rubric: &RubricId,
    conversation: &str,
    met: &mut Met,
) -> Exchange {
    let most = majority(&rated.by);
    let mut answers = Vec::new();
    for (dimension, rating) in DIMENSIONS.iter().zip(most) {
        match rating {
            Some(rating) => answers.push(json!({ "question": dimension, "answer": rating })),
            None => met.undecided.push(format!("{conversation} {dimension}")),
        }
    }
    let raters: Vec<&str> = rated.by.iter().map(|by| by.rater.as_str()).collect();
    let reason = format!("what most of {} say", raters.join(", "));
    let said = json!({ "answers": answers, "reason": reason });
    Exchange { purpose: Purpose::judge(rubric.clone()), end: text_only(Some(said.to_string())) }
}

impl Met {
    fn note(&mut self, transcript: &Transcript, named: &Named) {
        if transcript.joined > 0 {
            self.joined.push(format!("{} in {}", transcript.joined, named.conversation));
        }
        self.blank += transcript.blank;
        self.before += transcript.before;
    }

    /// Whether the table means this conversation, as far as it names the persona.
    fn is_of(&mut self, rated: &OfConversation, named: &Named) -> bool {
        let same = match (&rated.persona, &named.persona) {
            (Some(told), Some(persona)) => slug(told) == slug(persona),
            (None, _) | (_, None) => true,
        };
        if !same {
            self.others.push(named.conversation.clone());
        } else if let Some(written) = &rated.written {
            self.marked.push(written.clone());
        }
        same
    }

    fn tell(self, run: &mut RecordedRun, ratings: Option<&Ratings>) {
        let Self { joined, blank, before, rated, unrated, marked, others, undecided } = self;
        let mut warn = |text: String| run.source.warnings.push(text);
        if !joined.is_empty() {
            let joined = listed(&joined);
            warn(format!("turns of one side in a row were put together: {joined}"));
        }
        if blank > 0 {
            warn(format!("{blank} turns are without a word, and stay so: nothing was said"));
        }
        if before > 0 {
            warn(format!("{before} lines before the first turn were left out"));
        }
        let Some(ratings) = ratings else { return };
        let file = ratings.source.file.clone();
        if unrated > 0 {
            warn(format!("{unrated} of {} conversations are not rated in {file}", unrated + rated));
        }
        if !marked.is_empty() {
            let marked = listed(&marked);
            warn(format!(
                "{file} writes ids with a sign before them, under which no file stands; they were joined without it: {marked}"
            ));
        }
        if !others.is_empty() {
            let others = listed(&others);
            warn(format!("{file} names another persona than the file; not joined: {others}"));
        }
        if !undecided.is_empty() {
            let undecided = listed(&undecided);
            warn(format!("no rating has a majority, so the verdict is missing: {undecided}"));
        }
        let open: Vec<String> =
            ratings.without_transcript().into_iter().map(str::to_owned).collect();
        if !open.is_empty() {
            let (count, open) = (open.len(), listed(&open));
            warn(format!("{count} conversations rated in {file} have no transcript here: {open}"));
        }
        if rated > 0 {
            run.judge = Some(ModelId::new("clinicians-majority"));
            run.claim(&ratings.source);
        }
    }
}

/// The first few, and how many there are.
fn listed(names: &[String]) -> String {
    let first = names.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(LISTED) {
        None | Some(0) => first,
        Some(more) => format!("{first} and {more} more"),
    }
}
