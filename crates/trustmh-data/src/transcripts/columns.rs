//! Which field of a record holds what: usual names are known, others are mapped.

use std::str::FromStr;

use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};

/// What a transcript's record may say, besides further columns.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    EnumCount,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum Column {
    /// Which conversation a row belongs to.
    Conversation,
    /// Who speaks.
    Role,
    /// What is said.
    Content,
    /// When it was said.
    Time,
    /// In which language.
    Language,
    /// Which version of the product answered.
    Version,
    /// Which model answered.
    Model,
    /// Where the person lives, as an ISO 3166 code.
    Region,
    /// Whose conversation it is. Only a hash of it is kept.
    Person,
}

impl Column {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; Self::COUNT] = *Self::VARIANTS.first_chunk().unwrap();

    /// The word for it in a mapping.
    pub fn key(self) -> &'static str {
        self.into()
    }

    /// The names under which it is known without a mapping, the likeliest first, as [`plain`] writes them.
    pub const fn usual_names(self) -> &'static [&'static str] {
        match self {
            Self::Conversation => &[
                "conversationid",
                "chatid",
                "sessionid",
                "threadid",
                "dialogueid",
                "dialogid",
                "conversation",
                "chat",
                "session",
                "thread",
            ],
            Self::Role => &["role", "sender", "author", "speaker", "from"],
            Self::Content => &["content", "text", "message", "body", "value"],
            Self::Time => {
                &["timestamp", "createdat", "time", "date", "datetime", "sentat", "created", "ts"]
            }
            Self::Language => &["language", "lang", "locale"],
            Self::Version => &["version", "appversion", "release"],
            Self::Model => &["model", "modelname"],
            Self::Region => &["region", "country", "countrycode"],
            Self::Person => &["userid", "personid", "person", "user"],
        }
    }
}

/// A column's name without case, blanks, hyphens and underscores, by which usual names are found.
pub(super) fn plain(name: &str) -> String {
    let kept = name.chars().filter(|sign| !matches!(sign, ' ' | '_' | '-'));
    kept.flat_map(char::to_lowercase).collect()
}

/// Which columns hold what, where they do not have a usual name. In JSON, `a.b` is the field `b` of the field `a`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// Of [`Column::Conversation`].
    pub conversation: Option<String>,
    /// Of [`Column::Role`].
    pub role: Option<String>,
    /// Of [`Column::Content`].
    pub content: Option<String>,
    /// Of [`Column::Time`].
    pub time: Option<String>,
    /// Of [`Column::Language`].
    pub language: Option<String>,
    /// Of [`Column::Version`].
    pub version: Option<String>,
    /// Of [`Column::Model`].
    pub model: Option<String>,
    /// Of [`Column::Region`].
    pub region: Option<String>,
    /// Of [`Column::Person`].
    pub person: Option<String>,
}

impl Columns {
    /// The name that a column was given.
    pub fn given(&self, column: Column) -> Option<&str> {
        let name = match column {
            Column::Conversation => &self.conversation,
            Column::Role => &self.role,
            Column::Content => &self.content,
            Column::Time => &self.time,
            Column::Language => &self.language,
            Column::Version => &self.version,
            Column::Model => &self.model,
            Column::Region => &self.region,
            Column::Person => &self.person,
        };
        name.as_deref()
    }

    /// Gives a column a name; a later one counts.
    pub fn give(&mut self, given: ColumnName) {
        let place = match given.column {
            Column::Conversation => &mut self.conversation,
            Column::Role => &mut self.role,
            Column::Content => &mut self.content,
            Column::Time => &mut self.time,
            Column::Language => &mut self.language,
            Column::Version => &mut self.version,
            Column::Model => &mut self.model,
            Column::Region => &mut self.region,
            Column::Person => &mut self.person,
        };
        *place = Some(given.name);
    }
}

impl FromIterator<ColumnName> for Columns {
    fn from_iter<I: IntoIterator<Item = ColumnName>>(names: I) -> Self {
        let mut columns = Self::default();
        names.into_iter().for_each(|given| columns.give(given));
        columns
    }
}

/// Several mappings, parted by commas: `role=sender,content=body`.
impl FromStr for Columns {
    type Err = ColumnError;

    fn from_str(text: &str) -> Result<Self, ColumnError> {
        text.split(',').filter(|one| !one.trim().is_empty()).map(str::parse).collect()
    }
}

/// One mapping: `role=sender`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnName {
    /// What the column holds.
    pub column: Column,
    /// Its name in the files.
    pub name: String,
}

impl FromStr for ColumnName {
    type Err = ColumnError;

    fn from_str(text: &str) -> Result<Self, ColumnError> {
        let (key, name) = text
            .split_once('=')
            .map(|(key, name)| (key.trim(), name.trim()))
            .filter(|(key, name)| !key.is_empty() && !name.is_empty())
            .ok_or_else(|| ColumnError::Form { text: text.to_owned() })?;
        let column = key.parse().map_err(|_| ColumnError::UnknownKey {
            key: key.to_owned(),
            known: Column::ALL.map(Column::key).join(", "),
        })?;
        Ok(Self { column, name: name.to_owned() })
    }
}

/// A mapping that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ColumnError {
    /// Not of the form `key=column`.
    #[error("`{text}` is not of the form key=column, for example role=sender")]
    Form {
        /// The text that was given.
        text: String,
    },
    /// Nothing that a record may say.
    #[error("`{key}` is nothing that a column can hold; the keys are {known}")]
    UnknownKey {
        /// The key that was given.
        key: String,
        /// The known ones, comma separated.
        known: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mappings_are_read_one_by_one_and_together() {
        let one: ColumnName = "role = sender".parse().unwrap();
        assert_eq!(one, ColumnName { column: Column::Role, name: "sender".to_owned() });
        let columns: Columns = "role=sender,content=a.b,role=who".parse().unwrap();
        assert_eq!(columns.given(Column::Role), Some("who"));
        assert_eq!(columns.given(Column::Content), Some("a.b"));
        assert_eq!(columns.given(Column::Time), None);
    }

    #[test]
    fn every_key_is_read_back_and_a_wrong_one_is_told_all() {
        for column in Column::ALL {
            let columns: Columns = format!("{}=x", column.key()).parse().unwrap();
            assert_eq!(columns.given(column), Some("x"));
            assert!(column.usual_names().iter().all(|name| plain(name) == *name));
        }
        let error = "rolle=x".parse::<Columns>().unwrap_err().to_string();
        assert_eq!(
            error,
            "`rolle` is nothing that a column can hold; the keys are conversation, role, content, time, \
             language, version, model, region, person"
        );
        let error = "role".parse::<ColumnName>().unwrap_err();
        assert_eq!(error, ColumnError::Form { text: "role".to_owned() });
    }

    #[test]
    fn names_are_compared_without_case_and_signs_between() {
        assert_eq!(plain("Conversation_ID"), "conversationid");
        assert_eq!(plain("created at"), "createdat");
    }
}
