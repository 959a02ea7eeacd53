//! Which trials an address asks for.

use std::collections::{BTreeMap, BTreeSet};

use trustmh_run::derived::marks::{Flagged, Mark};

use crate::error::ViewError;
use crate::index::{Filter, Order};

/// What an address asks for, as it was typed.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Asked {
    pub(super) task: String,
    pub(super) outcome: String,
    /// Facets as `key=value`.
    pub(super) facets: Vec<String>,
    /// `flagged` or `noted`.
    pub(super) mark: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) q: String,
    pub(super) order: String,
    page: String,
}

impl Asked {
    /// Of the parameters of an address; those of other pages are left out.
    pub(crate) fn of(pairs: Vec<(String, String)>) -> Self {
        let mut asked = Self::default();
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            match name.as_str() {
                "task" => asked.task = value,
                "outcome" => asked.outcome = value,
                "f" => asked.facets.push(value),
                "tag" => asked.facets.push(format!("tag:{value}")),
                "mark" => asked.mark = value,
                "from" => asked.from = value,
                "to" => asked.to = value,
                "q" => asked.q = value,
                "order" => asked.order = value,
                "page" => asked.page = value,
                _ => {}
            }
        }
        asked
    }

    pub(crate) fn filter(&self, marks: &BTreeMap<String, Mark>) -> Result<Filter, ViewError> {
        let number = |name: &str, text: &str| match text.trim() {
            "" => Ok(None),
            text => text
                .parse()
                .map(Some)
                .map_err(|_| ViewError::Form(format!("{name}: `{text}` is no number"))),
        };
        Ok(Filter {
            task: self.task.clone(),
            outcome: self.outcome.clone(),
            facets: self
                .facets
                .iter()
                .filter_map(|facet| facet.split_once('='))
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
            from: number("score from", &self.from)?,
            to: number("score to", &self.to)?,
            words: self.q.clone(),
            names: marked(&self.mark, marks),
            order: match self.order.as_str() {
                "lowest" => Order::Lowest,
                "highest" => Order::Highest,
                _ => Order::Name,
            },
        })
    }

    /// The page, from 0; of numbers too great to be one, the last.
    pub(crate) fn page(&self) -> Result<u64, ViewError> {
        page_number(&self.page)
    }

    /// What is chosen and not typed, by the names of parameters.
    pub(super) fn chosen(&self) -> Vec<(&'static str, &str)> {
        let one = [("task", &self.task), ("outcome", &self.outcome), ("mark", &self.mark)];
        let one = one.into_iter().filter(|(_, value)| !value.is_empty());
        let facets = self.facets.iter().map(|facet| ("f", facet));
        one.chain(facets).map(|(name, value)| (name, value.as_str())).collect()
    }

    fn typed(&self) -> Vec<(&'static str, &str)> {
        let typed =
            [("from", &self.from), ("to", &self.to), ("q", &self.q), ("order", &self.order)];
        let typed = typed.into_iter().filter(|(_, value)| !value.is_empty());
        typed.map(|(name, value)| (name, value.as_str())).collect()
    }

    /// The parameters of a page of the same trials; the first has no number.
    pub(super) fn at<'a>(&'a self, page: &'a str) -> Vec<(&'static str, &'a str)> {
        let mut all = self.chosen();
        all.extend(self.typed());
        if !page.is_empty() {
            all.push(("page", page));
        }
        all
    }

    /// The parameters without the choice at this place of [`Asked::chosen`].
    pub(super) fn without(&self, place: usize) -> Vec<(&'static str, &str)> {
        let chosen = self.chosen().into_iter().enumerate();
        let mut all: Vec<_> =
            chosen.filter(|(other, _)| *other != place).map(|(_, one)| one).collect();
        all.extend(self.typed());
        all
    }

    /// The parameters of a trial that was found so.
    pub(in crate::pages) fn of_trial<'a>(&'a self, name: &'a str) -> Vec<(&'static str, &'a str)> {
        let mut all = vec![("name", name)];
        all.extend(self.at(""));
        all
    }

    /// The parameters of all trials that are found so.
    pub(in crate::pages) fn of_list(&self) -> Vec<(&'static str, &str)> {
        self.at("")
    }
}

/// The names of the trials with such marks; none where marks do not matter.
pub(super) fn marked(mark: &str, marks: &BTreeMap<String, Mark>) -> Option<BTreeSet<String>> {
    let fits = |one: &Mark| match mark {
        "flagged" => one.flagged == Flagged::Yes,
        "noted" => !one.note.is_empty(),
        _ => false,
    };
    let named = || marks.iter().filter(|(_, one)| fits(one)).map(|(name, _)| name.clone());
    (!mark.is_empty()).then(|| named().collect())
}

/// A number of a page, from 0; of numbers too great to be one, the last there can be.
pub(in crate::pages) fn page_number(text: &str) -> Result<u64, ViewError> {
    let text = text.trim();
    let is_number = text.chars().all(|c| c.is_ascii_digit());
    match text.parse() {
        Ok(page) => Ok(page),
        Err(_) if text.is_empty() => Ok(0),
        Err(_) if is_number => Ok(u64::MAX),
        Err(_) => Err(ViewError::Form(format!("page: `{text}` is no number"))),
    }
}
