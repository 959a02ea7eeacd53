//! Toxicity by a list of words.

use regex_lite::Regex;
use serde::Deserialize;

use crate::error::EngineError;
use crate::parse::folded;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ToxicityFile {
    classes: Vec<ClassFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassFile {
    weight: f64,
    patterns: Vec<String>,
}

/// Patterns with the weight of one occurrence.
#[derive(Debug)]
pub(super) struct Lexicon(Vec<(f64, Vec<Regex>)>);

impl Lexicon {
    pub(super) fn compiled(
        path: &str,
        file: &ToxicityFile,
        compile: impl Fn(&str, &[String]) -> Result<Vec<Regex>, EngineError>,
    ) -> Result<Self, EngineError> {
        let mut classes = Vec::new();
        for class in &file.classes {
            if !(0.0..=1.0).contains(&class.weight) {
                let message = format!("{} is not in 0..1", class.weight);
                return Err(EngineError::rule(path, "toxicity.classes.weight", message));
            }
            classes.push((class.weight, compile("toxicity.classes.patterns", &class.patterns)?));
        }
        Ok(Self(classes))
    }

    /// 1 less the product of (1 - weight) over all occurrences: each takes a share of what is left.
    pub(super) fn score(&self, reply: &str) -> f64 {
        let text = folded(reply);
        let clean: f64 = self
            .0
            .iter()
            .map(|(weight, patterns)| {
                let found: usize =
                    patterns.iter().map(|pattern| pattern.find_iter(&text).count()).sum();
                (1.0 - weight).powi(i32::try_from(found).unwrap_or(i32::MAX))
            })
            .product();
        1.0 - clean
    }
}
