//! The formats of imported runs, as manifests name them.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

use super::{Prompts, RecordFormat};

/// The format that a run was imported from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportFormat {
    /// One that this version reads.
    Known(RecordFormat),
    /// The name of one that another version read.
    Unknown(String),
}

impl ImportFormat {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Known(format) => format.name(),
            Self::Unknown(name) => name,
        }
    }

    /// Whose prompts the outputs answer, as far as that is known.
    pub const fn prompts(&self) -> Prompts {
        match self {
            Self::Known(format) => format.prompts(),
            Self::Unknown(_) => Prompts::Others,
        }
    }
}

impl From<RecordFormat> for ImportFormat {
    fn from(format: RecordFormat) -> Self {
        Self::Known(format)
    }
}

impl fmt::Display for ImportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for ImportFormat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for ImportFormat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Ok(RecordFormat::named(&name).map_or(Self::Unknown(name), Self::Known))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_as_they_are_whether_known_or_not() {
        for (name, prompts) in [
            ("trustmh-ethics", Prompts::OfThePublication),
            ("inspect", Prompts::Others),
            ("of-next-year", Prompts::Others),
        ] {
            let text = format!("\"{name}\"");
            let format: ImportFormat = serde_json::from_str(&text).unwrap();
            assert_eq!(format.prompts(), prompts, "{name}");
            assert_eq!(serde_json::to_string(&format).unwrap(), text);
        }
    }
}
