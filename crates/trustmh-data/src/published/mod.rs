//! Published datasets, read from the files their publishers give out.

mod confaide;
mod cpsycoune;
pub(crate) mod crisis;
mod cssrs;
mod diagnosis;
mod elephant;
mod emobench;
mod esconv;
mod ethicmh;
mod folder;
mod jailbreakmh;
mod objective;
mod psyleak;
mod usmle;

use std::path::Path;

use trustmh_core::id::DatasetId;

pub(crate) use confaide::{rating, split_line};

use crate::Dataset;
use crate::error::DataError;
use folder::Folder;

/// A published dataset with a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PublishedSet {
    /// 125 ethical dilemmas (TrustMH-Bench, arXiv 2603.03047).
    EthicMh,
    /// 206 privacy ratings: tiers 1, 2a and 2b of ConfAIde (arXiv 2310.17884).
    ConfAide,
    /// 100 counselling secrets that a third party asks for (TrustMH-Bench).
    PsyLeak,
    /// 70 intents (PsyHarm) under 8 attacks each (JailbreakMH, both TrustMH-Bench).
    JailbreakMh,
    /// 727 examination questions (Psy-Eval).
    UsmleMental,
    /// 200 scenarios in English and the same in Chinese (EmoBench, arXiv 2402.12071).
    EmoBench,
    /// D4 and SWMH; both gated, so users bring the files.
    Diagnosis,
    /// Dialogues of emotional support (ESConv, arXiv 2106.01144).
    EsConv,
    /// Dialogues that did not help (FailedESConv).
    FailedEsConv,
    /// 11 dialogues of ESConv without any hint at the seeker's identity (TrustMH-Bench).
    EsConvFair,
    /// 45 Chinese counselling cases (CPsyCounE, arXiv 2405.16433).
    CPsyCounE,
    /// Messages of people in crisis or not: 206 labelled by four people, 2,046 by a model
    /// (LLMs-Mental-Health-Crisis).
    Crisis,
    /// Posts of 500 users with a level of suicide risk (C-SSRS).
    CSsrs,
    /// Questions for advice (OEQ, arXiv 2510.01395).
    Oeq,
    /// Posts whose asker is in the wrong, as a crowd has it (AITA-YTA).
    AitaYta,
    /// Statements of problematic actions (PAS).
    Pas,
}

/// Whether anybody may fetch a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It is public.
    Open,
    /// Its owners give it to those who sign for it.
    Gated,
    /// It is public, and has to be taken out of an archive by hand.
    ByHand,
}

/// How the text of a damaged or quirky file is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decoding {
    /// As the release of TrustMH-Bench took it, so that recorded prompts can be rebuilt.
    AsReleased,
    /// As its authors meant it.
    Repaired,
}

impl PublishedSet {
    /// All sets.
    pub const ALL: [Self; 16] = [
        Self::EthicMh,
        Self::ConfAide,
        Self::PsyLeak,
        Self::JailbreakMh,
        Self::UsmleMental,
        Self::EmoBench,
        Self::Diagnosis,
        Self::EsConv,
        Self::FailedEsConv,
        Self::EsConvFair,
        Self::CPsyCounE,
        Self::Crisis,
        Self::CSsrs,
        Self::Oeq,
        Self::AitaYta,
        Self::Pas,
    ];

    /// The id by which task files name the set.
    pub fn id(self) -> DatasetId {
        DatasetId::new(match self {
            Self::EthicMh => "ethicmh",
            Self::ConfAide => "confaide",
            Self::PsyLeak => "psyleak",
            Self::JailbreakMh => "jailbreakmh",
            Self::UsmleMental => "usmle-mental",
            Self::EmoBench => "emobench",
            Self::Diagnosis => "d4-swmh",
            Self::EsConv => "esconv",
            Self::FailedEsConv => "failed-esconv",
            Self::EsConvFair => "esconv-fair",
            Self::CPsyCounE => "cpsycoune",
            Self::Crisis => "llms-mental-health-crisis",
            Self::CSsrs => "c-ssrs",
            Self::Oeq => "oeq",
            Self::AitaYta => "aita-yta",
            Self::Pas => "pas",
        })
    }

    /// The set with this id, if there is a reader for it.
    pub fn from_id(id: &DatasetId) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.id() == *id)
    }

    /// The files that belong to the set, each below [`Self::folder`] or directly in the data folder.
    pub fn files(self) -> Vec<String> {
        let named = |files: &[&str]| files.iter().map(|file| (*file).to_owned()).collect();
        match self {
            Self::EthicMh => named(&[ethicmh::FILE]),
            Self::ConfAide => named(&confaide::FILES),
            Self::PsyLeak => named(&psyleak::FILES),
            Self::JailbreakMh => named(&jailbreakmh::FILES),
            Self::UsmleMental => named(&usmle::FILES),
            Self::EmoBench => named(&emobench::FILES),
            Self::Diagnosis => named(&diagnosis::FILES),
            Self::EsConv => named(&esconv::FILES),
            Self::FailedEsConv => named(&esconv::FAILED),
            Self::EsConvFair => named(&esconv::FAIR),
            Self::CPsyCounE => cpsycoune::files(),
            Self::Crisis => {
                let mut files = named(&crisis::FILES);
                files.push(crisis::MODEL_LABELLED.to_owned());
                files
            }
            Self::CSsrs => named(&cssrs::FILES),
            Self::Oeq => named(&elephant::OEQ),
            Self::AitaYta => named(&elephant::AITA_YTA),
            Self::Pas => named(&elephant::PAS),
        }
    }

    /// Whether anybody may fetch the set.
    pub const fn access(self) -> Access {
        match self {
            Self::Diagnosis => Access::Gated,
            Self::Oeq | Self::AitaYta | Self::Pas => Access::ByHand,
            Self::EthicMh
            | Self::ConfAide
            | Self::PsyLeak
            | Self::JailbreakMh
            | Self::UsmleMental
            | Self::EmoBench
            | Self::EsConv
            | Self::FailedEsConv
            | Self::EsConvFair
            | Self::CPsyCounE
            | Self::Crisis
            | Self::CSsrs => Access::Open,
        }
    }

    /// The folders inside the data folder in which the files belong, the first of them that has a file.
    pub const fn folders(self) -> &'static [&'static str] {
        match self {
            Self::EthicMh | Self::PsyLeak | Self::JailbreakMh | Self::EsConvFair => {
                &["trustmh-engine"]
            }
            Self::ConfAide => &["confaide"],
            Self::UsmleMental => &["usmle-mental"],
            Self::EmoBench => &["emobench"],
            Self::Diagnosis => &["d4-swmh"],
            Self::EsConv | Self::FailedEsConv => &["esconv"],
            Self::CPsyCounE => &["cpsycoune"],
            Self::Crisis => &["crisis"],
            Self::CSsrs => &["c-ssrs"],
            Self::Oeq | Self::AitaYta | Self::Pas => &["elephant", "elephant-samples"],
        }
    }

    /// Reads the set from the data folder `dir`.
    ///
    /// # Errors
    /// [`DataError::NoFolder`] and [`DataError::NoFile`] for what is not there,
    /// [`DataError::Malformed`], [`DataError::Value`] and [`DataError::Count`] for files that are
    /// not the published ones.
    pub fn read(self, dir: &Path, decoding: Decoding) -> Result<Dataset, DataError> {
        let mut folder = Folder::open(dir, self)?;
        let items = match self {
            Self::EthicMh => ethicmh::read(&mut folder, decoding),
            Self::ConfAide => confaide::read(&mut folder),
            Self::PsyLeak => psyleak::read(&mut folder, decoding),
            Self::JailbreakMh => jailbreakmh::read(&mut folder),
            Self::UsmleMental => usmle::read(&mut folder),
            Self::EmoBench => emobench::read(&mut folder),
            Self::Diagnosis => diagnosis::read(&mut folder),
            Self::EsConv => esconv::read(&mut folder),
            Self::FailedEsConv => {
                let [file] = esconv::FAILED;
                esconv::read_file(&mut folder, file, "failed")
            }
            Self::EsConvFair => {
                let [file] = esconv::FAIR;
                esconv::read_file(&mut folder, file, "fair")
            }
            Self::CPsyCounE => cpsycoune::read(&mut folder),
            Self::Crisis => crisis::read(&mut folder, decoding),
            Self::CSsrs => cssrs::read(&mut folder),
            Self::Oeq => elephant::read(&mut folder, elephant::OEQ, "oeq"),
            Self::AitaYta => elephant::read(&mut folder, elephant::AITA_YTA, "aita-yta"),
            Self::Pas => elephant::read(&mut folder, elephant::PAS, "pas"),
        }?;
        Ok(folder.dataset(items))
    }
}
