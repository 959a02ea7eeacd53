//! The items of a task that are asked: chosen from stocks, and read as they are needed.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use trustmh_core::item::Item;
use trustmh_core::language::LanguageRange;
use trustmh_data::error::DataError;
use trustmh_data::stock::Stock;
use trustmh_engine::select::spread;

/// Items of one or more stocks, in the order in which they are asked.
#[derive(Debug, Default)]
pub struct Chosen {
    stocks: Vec<Stock>,
    chosen: Vec<Pick>,
    facets: BTreeSet<String>,
    languages: Vec<LanguageRange>,
    met: BTreeMap<String, usize>,
}

/// An item by stock and number, and whether it belongs to an arm that is there for comparison.
#[derive(Debug, Clone, Copy)]
struct Pick {
    stock: usize,
    index: usize,
    arm: Arm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arm {
    Main,
    Aside,
}

impl Chosen {
    /// Items in these languages, of what will be added; in all without any.
    pub fn in_languages(languages: &[LanguageRange]) -> Self {
        Self { languages: languages.to_vec(), ..Self::default() }
    }

    /// Adds the items of `stock` that are `wanted`, and says how many there were.
    ///
    /// # Errors
    /// [`DataError`] if the stock cannot be read.
    pub fn add(
        &mut self,
        stock: Stock,
        wanted: impl Fn(&Item) -> bool,
    ) -> Result<usize, DataError> {
        self.add_to(stock, |item| {
            wanted(item).then_some(if item.arm().is_aside() { Arm::Aside } else { Arm::Main })
        })
    }

    /// Adds all items of a stock that is there for comparison.
    ///
    /// # Errors
    /// As [`Chosen::add`].
    pub fn add_aside(&mut self, stock: Stock) -> Result<usize, DataError> {
        self.add_to(stock, |_| Some(Arm::Aside))
    }

    fn add_to(
        &mut self,
        stock: Stock,
        arm: impl Fn(&Item) -> Option<Arm>,
    ) -> Result<usize, DataError> {
        let number = self.stocks.len();
        let all = stock.len();
        for index in 0..all {
            let Some(item) = stock.get(index)? else { continue };
            if let Some(arm) = arm(&item) {
                self.facets.extend(item.tags.keys().cloned());
                *self.met.entry(item.language.clone()).or_default() += 1;
                if !LanguageRange::any_takes(&self.languages, &item.language) {
                    continue;
                }
                self.chosen.push(Pick { stock: number, index, arm });
            }
        }
        self.stocks.push(stock);
        Ok(all)
    }

    /// The facets that any of the items added is tagged with.
    pub fn facets(&self) -> &BTreeSet<String> {
        &self.facets
    }

    /// How many items that were wanted were in which language, those left out for it among them.
    pub fn met(&self) -> &BTreeMap<String, usize> {
        &self.met
    }

    /// How many are asked.
    pub fn len(&self) -> usize {
        self.chosen.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.chosen.is_empty()
    }

    /// How many sides there are: items of the task itself, and those that are there for comparison.
    pub fn sides(&self) -> usize {
        let has = |arm| usize::from(self.chosen.iter().any(|pick| pick.arm == arm));
        has(Arm::Main) + has(Arm::Aside)
    }

    /// The items, read one after the other.
    pub fn iter(&self) -> impl Iterator<Item = Result<Cow<'_, Item>, DataError>> {
        self.chosen
            .iter()
            .filter_map(|pick| self.stocks.get(pick.stock)?.get(pick.index).transpose())
    }

    /// Keeps at most `limit`, evenly spread. Arms that are there for comparison get a quarter of what a cap
    /// allows and one of two or three, since a task may need both, or what the main arm leaves; they come last.
    pub fn cap(&mut self, limit: Option<usize>) {
        let (main, others): (Vec<Pick>, Vec<Pick>) =
            self.chosen.drain(..).partition(|pick| pick.arm == Arm::Main);
        let quarter = |limit: usize| (limit / 4).max(usize::from(limit > 1)).min(others.len());
        let share = limit.map(|limit| limit - quarter(limit));
        self.chosen = spread(main, share);
        let left = limit.map(|limit| limit.saturating_sub(self.chosen.len()));
        self.chosen.extend(spread(others, left));
        self.chosen.shrink_to_fit();
    }
}
