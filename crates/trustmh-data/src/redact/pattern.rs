//! What is known by its form alone: mail, links, handles, dates of birth, addresses, numbers with letters.

use regex_lite::Regex;

use super::Finding;
use super::kind::Kind;
use super::tables::Tables;
use crate::error::{DataError, Place};

/// The group of a pattern that has to go, where not all of it has.
const GROUP: &str = "it";

/// So many characters at the beginning of an address are searched for words that are no part of it.
const LEAD: usize = 8;

/// Regular expressions by kind.
#[derive(Debug)]
pub(super) struct Patterns {
    compiled: Vec<(Kind, Regex)>,
    kept_hosts: Vec<String>,
    address_leads: Vec<String>,
}

impl Patterns {
    /// # Errors
    /// [`DataError::Malformed`] for a pattern that is no regular expression.
    pub(super) fn compiled(file: &str, tables: &Tables) -> Result<Self, DataError> {
        let mut compiled = Vec::new();
        for (kind, patterns) in &tables.patterns {
            for pattern in patterns {
                let whole = tables.parts.iter().fold(pattern.clone(), |whole, (name, part)| {
                    whole.replace(&format!("{{{{{name}}}}}"), part)
                });
                let regex = Regex::new(&whole).map_err(|error| {
                    let reason = format!("patterns.{}: `{whole}`: {error}", kind.slug());
                    DataError::malformed(Place::file(file), reason)
                })?;
                compiled.push((*kind, regex));
            }
        }
        Ok(Self {
            compiled,
            kept_hosts: tables.kept_hosts.clone(),
            address_leads: tables.address_leads.clone(),
        })
    }

    /// What has to go, in no order.
    pub(super) fn find(&self, text: &str) -> Vec<Finding> {
        let mut found = Vec::new();
        for (kind, regex) in self.compiled.iter().filter(|(kind, _)| may_hold(text, *kind)) {
            for captures in regex.captures_iter(text) {
                let Some(hit) = captures.name(GROUP).or_else(|| captures.get(0)) else { continue };
                if !self.is_of_a_crisis_service(*kind, hit.as_str()) {
                    let start = hit.start() + self.lead(*kind, hit.as_str());
                    found.push(Finding { kind: *kind, range: start..hit.end() });
                }
            }
        }
        found
    }

    /// How many bytes at the beginning of an address are of the sentence around it: no pattern can tell where a Chinese word ends.
    fn lead(&self, kind: Kind, found: &str) -> usize {
        match kind {
            Kind::Address => {
                let near = found.char_indices().nth(LEAD).map_or(found.len(), |(place, _)| place);
                let beginning = found.get(..near).unwrap_or_default();
                let ends = self.address_leads.iter().filter_map(|lead| {
                    beginning.rfind(lead.as_str()).map(|start| start + lead.len())
                });
                ends.max().unwrap_or_default()
            }
            Kind::Mail | Kind::Link | Kind::Handle | Kind::Date | Kind::Number | Kind::Name => 0,
        }
    }

    /// Whether a link or a mail address leads to a service that helps in crises.
    fn is_of_a_crisis_service(&self, kind: Kind, found: &str) -> bool {
        match kind {
            Kind::Link | Kind::Mail => {
                let behind = found.rsplit('@').next().unwrap_or(found);
                let behind = behind.split_once("//").map_or(behind, |(_, rest)| rest);
                let host = behind.split(['/', '?', '#', ':']).next().unwrap_or(behind);
                let host = host.to_lowercase();
                self.kept_hosts.iter().any(|kept| {
                    host.strip_suffix(kept.as_str())
                        .is_some_and(|front| front.is_empty() || front.ends_with('.'))
                })
            }
            Kind::Handle | Kind::Date | Kind::Address | Kind::Number | Kind::Name => false,
        }
    }
}

/// Whether a text has what each pattern of a kind needs; looking is much quicker than searching.
fn may_hold(text: &str, kind: Kind) -> bool {
    match kind {
        Kind::Mail => text.contains('@') || text.to_ascii_lowercase().contains("dot"),
        Kind::Link => text.contains('.') || text.contains("//"),
        Kind::Date | Kind::Number => text.bytes().any(|byte| byte.is_ascii_digit()),
        Kind::Handle | Kind::Address | Kind::Name => true,
    }
}
