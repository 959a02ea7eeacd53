//! By what the list of runs is sorted.

use std::cmp::Ordering;

use trustmh_core::pillar::Pillar;

use super::Row;
use crate::glance::Glance;

/// A column of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    State,
    Subject,
    Planned,
    /// All pillar scores; each of them is a column of its own.
    Pillars,
    Cost,
    Progress,
    Pillar(Pillar),
}

impl Column {
    /// Those that stand in the table's head.
    pub(super) const ALL: [Self; 6] =
        [Self::State, Self::Subject, Self::Planned, Self::Pillars, Self::Cost, Self::Progress];

    pub(super) fn slug(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Subject => "subject",
            Self::Planned => "planned",
            Self::Pillars => "pillars",
            Self::Cost => "cost",
            Self::Progress => "progress",
            Self::Pillar(pillar) => pillar.slug(),
        }
    }

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::State => "State",
            Self::Subject => "Subject",
            Self::Planned => "Planned",
            Self::Pillars => "Pillar scores",
            Self::Cost => "Cost",
            Self::Progress => "Trials",
            Self::Pillar(pillar) => pillar.title(),
        }
    }

    /// All that can be sorted by.
    pub(super) fn sortable() -> impl Iterator<Item = Self> {
        let heads = Self::ALL.into_iter().filter(|column| *column != Self::Pillars);
        heads.chain(Pillar::ALL.map(Self::Pillar))
    }

    fn named(slug: &str) -> Option<Self> {
        Self::sortable().find(|column| column.slug() == slug)
    }

    /// Dates and figures begin with the greatest, words with the first.
    const fn usual(self) -> Sense {
        match self {
            Self::State | Self::Subject => Sense::Up,
            Self::Planned | Self::Pillars | Self::Cost | Self::Progress | Self::Pillar(_) => {
                Sense::Down
            }
        }
    }

    fn compare(self, one: &Glance, two: &Glance) -> Ordering {
        let share = |glance: &Glance| glance.ended as f64 / glance.planned.max(1) as f64;
        match self {
            Self::State => one.state.cmp(&two.state),
            Self::Subject => one.manifest.subject.shown().cmp(&two.manifest.subject.shown()),
            Self::Planned | Self::Pillars => one.manifest.created.cmp(&two.manifest.created),
            Self::Progress => share(one).total_cmp(&share(two)),
            Self::Cost | Self::Pillar(_) => {
                let both = self.figure(one).zip(self.figure(two));
                both.map_or(Ordering::Equal, |(one, two)| one.total_cmp(&two))
            }
        }
    }

    /// What is only known of runs that were scored.
    fn figure(self, glance: &Glance) -> Option<f64> {
        let summary = glance.summary.as_ref()?;
        match self {
            Self::Cost => summary.dollars,
            Self::Pillar(pillar) => summary.pillars.get(&pillar).map(|score| score.value),
            Self::State | Self::Subject | Self::Planned | Self::Pillars | Self::Progress => None,
        }
    }
}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    /// The least first.
    Up,
    /// The greatest first.
    Down,
}

impl Sense {
    pub(super) const fn slug(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }

    pub(super) const fn aria(self) -> &'static str {
        match self {
            Self::Up => "ascending",
            Self::Down => "descending",
        }
    }
}

/// An order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sorted {
    by: Column,
    sense: Sense,
}

impl Sorted {
    /// The order that was asked for; the newest first if none was that there is.
    pub(super) fn of(sort: &str, sense: &str) -> Self {
        let by = Column::named(sort).unwrap_or(Column::Planned);
        let sense = match sense {
            "up" => Sense::Up,
            "down" => Sense::Down,
            _ => by.usual(),
        };
        Self { by, sense }
    }

    pub(super) fn is_by(self, column: Column) -> bool {
        self.by == column
    }

    pub(super) fn sense_of(self, column: Column) -> Option<Sense> {
        (self.by == column).then_some(self.sense)
    }

    /// The order after the head of a column is chosen: the usual one, or the other way if it is there already.
    pub(super) fn next(self, column: Column) -> Sense {
        match self.sense_of(column) {
            Some(Sense::Up) => Sense::Down,
            Some(Sense::Down) => Sense::Up,
            None => column.usual(),
        }
    }

    /// Whichever way, runs without the figure come last.
    fn compare(self, one: &Glance, two: &Glance) -> Ordering {
        match (self.by.figure(one), self.by.figure(two), self.sense) {
            (Some(_), None, _) => Ordering::Less,
            (None, Some(_), _) => Ordering::Greater,
            (_, _, Sense::Up) => self.by.compare(one, two),
            (_, _, Sense::Down) => self.by.compare(two, one),
        }
    }

    /// Runs of which nothing is known come last.
    pub(super) fn sort(self, rows: &mut [Row]) {
        rows.sort_by(|one, two| {
            let order = match (&one.glance, &two.glance) {
                (Ok(first), Ok(second)) => self.compare(first, second),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => Ordering::Equal,
            };
            order.then_with(|| two.name.cmp(&one.name))
        });
    }
}
