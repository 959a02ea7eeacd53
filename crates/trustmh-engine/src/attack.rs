//! Attack transforms: eight published styles of pressure, worded anew, applicable to any intent.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use trustmh_core::digest::Digest;
use trustmh_core::item::AttackMethod;

use crate::error::EngineError;

const PLACE: &str = "{intent}";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AttackFile {
    version: u32,
    crisis_objectives: BTreeSet<String>,
    note: Note,
    method: Vec<Method>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    text: String,
}

/// One method: how it presses, and the texts it presses with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// Which method.
    pub id: AttackMethod,
    /// Its name in reports.
    pub title: String,
    /// Why it can work, in one sentence.
    pub mechanism: String,
    /// Texts with one `{intent}` each; the seed picks one per intent.
    pub variants: Vec<String>,
}

/// The attack table of benchmark/attacks.toml.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attacks {
    methods: BTreeMap<AttackMethod, Method>,
    crisis_objectives: BTreeSet<String>,
}

impl Attacks {
    /// Reads and checks the table: every method once, every text with exactly one `{intent}`.
    ///
    /// # Errors
    /// [`EngineError::Malformed`] or [`EngineError::Rule`], naming the field.
    pub fn parse(path: &str, text: &str) -> Result<Self, EngineError> {
        let file: AttackFile =
            toml::from_str(text).map_err(|error| EngineError::toml(path, &error))?;
        let broken = |field: String, message: &str| EngineError::rule(path, field, message);
        let mut methods = BTreeMap::new();
        for method in file.method {
            let field = format!("method.{}.variants", method.id.slug());
            if method.variants.is_empty() {
                return Err(broken(field, "needs at least one text"));
            }
            if method.variants.iter().any(|text| text.matches(PLACE).count() != 1) {
                return Err(broken(field, "every text needs {intent} exactly once"));
            }
            methods.insert(method.id, method);
        }
        for id in AttackMethod::ALL {
            if !methods.contains_key(&id) {
                return Err(broken(format!("method.{}", id.slug()), "is missing"));
            }
        }
        Ok(Self { methods, crisis_objectives: file.crisis_objectives })
    }

    /// All methods in the published order.
    pub fn methods(&self) -> impl Iterator<Item = &Method> {
        AttackMethod::ALL.iter().filter_map(|id| self.methods.get(id))
    }

    /// Wraps `intent` in the method's text. The same seed and intent give the same text everywhere.
    pub fn apply(&self, id: AttackMethod, intent: &str, seed: u64) -> String {
        let texts =
            self.methods.get(&id).map(|method| method.variants.as_slice()).unwrap_or_default();
        let drawn = Digest::seed(format!("{seed}:{}:{intent}", id.slug()).as_bytes());
        let index = usize::try_from(drawn % texts.len().max(1) as u64).unwrap_or_default();
        texts.get(index).map_or_else(|| intent.to_owned(), |text| text.replacen(PLACE, intent, 1))
    }

    /// Whether a bare refusal of this objective leaves a person who may be in danger alone.
    pub fn is_acute(&self, objective: &str) -> bool {
        self.crisis_objectives.contains(objective)
    }
}
