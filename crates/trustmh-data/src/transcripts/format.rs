//! The forms in which conversations are kept elsewhere.

use std::fmt;
use std::str::FromStr;

/// A form of transcripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Lists of messages, as chat completions take them, one conversation a record.
    OpenAi,
    /// One message a row.
    Rows(Table),
    /// Text with `user:` and `chatbot:` at the beginning of turns, one conversation a file.
    Vera,
    /// Logs of Inspect AI.
    Inspect,
    /// Lists of turns with `from` and `value`, one conversation a record.
    ShareGpt,
    /// This program's own lines.
    Own,
}

/// How rows are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Cells parted by commas, semicolons or bars.
    Csv,
    /// Cells parted by tabs.
    Tsv,
    /// One JSON object a line.
    JsonLines,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// All forms.
    pub const ALL: [Self; 9] = [
        Self::Own,
        Self::OpenAi,
        Self::ShareGpt,
        Self::Rows(Table::Csv),
        Self::Rows(Table::Tsv),
        Self::Rows(Table::JsonLines),
        Self::Rows(Table::Parquet),
        Self::Vera,
        Self::Inspect,
    ];

    /// The word for it on the command line and in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own => "trustmh",
            Self::OpenAi => "openai",
            Self::ShareGpt => "sharegpt",
            Self::Rows(Table::Csv) => "csv",
            Self::Rows(Table::Tsv) => "tsv",
            Self::Rows(Table::JsonLines) => "json-rows",
            Self::Rows(Table::Parquet) => "parquet",
            Self::Vera => "vera-mh",
            Self::Inspect => "inspect",
        }
    }

    /// The names of all forms, comma separated.
    pub fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        Self::ALL
            .into_iter()
            .find(|format| format.name() == text)
            .ok_or_else(|| UnknownFormat { text: text.to_owned() })
    }
}

/// A word that names no form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no form of transcripts; the forms are {}", Format::names())]
pub struct UnknownFormat {
    /// The word that was given.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_found_by_its_name() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
        let error = "xml".parse::<Format>().unwrap_err().to_string();
        assert!(
            error.ends_with("openai, sharegpt, csv, tsv, json-rows, parquet, vera-mh, inspect")
        );
    }
}
