//! Arms: groups of trials that are set against each other.

use super::Item;

/// The facet that names the arm of an item, and of a trial's score.
pub const ARM: &str = "arm";

/// An arm, by its name in the facet [`ARM`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arm<'t> {
    /// What a task asks in the first place: items that name no arm are in it.
    Main,
    /// Harmless requests, beside those that are to be declined.
    Benign,
    /// Items that a model labelled, not people.
    ModelLabelled,
    /// Requests wrapped in an attack.
    Attacked,
    /// Requests as they are, beside those that are attacked.
    Plain,
    /// An arm that the author of a task names.
    Named(&'t str),
}

impl<'t> Arm<'t> {
    /// The arm of this name.
    pub fn of(name: &'t str) -> Self {
        let known = [Self::Main, Self::Benign, Self::ModelLabelled, Self::Attacked, Self::Plain];
        known.into_iter().find(|arm| arm.name() == name).unwrap_or(Self::Named(name))
    }

    /// Its name in the facet.
    pub const fn name(self) -> &'t str {
        match self {
            Self::Main => "main",
            Self::Benign => "benign",
            Self::ModelLabelled => "model-labelled",
            Self::Attacked => "attacked",
            Self::Plain => "plain",
            Self::Named(name) => name,
        }
    }

    /// Whether it is there for comparison with the main arm.
    pub fn is_aside(self) -> bool {
        self != Self::Main
    }
}

impl Item {
    /// The arm it belongs to.
    pub fn arm(&self) -> Arm<'_> {
        self.tags.get(ARM).map_or(Arm::Main, |name| Arm::of(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_for_arms_and_back() {
        for name in ["main", "benign", "model-labelled", "attacked", "plain", "in-the-right"] {
            assert_eq!(Arm::of(name).name(), name);
        }
        assert_eq!(Arm::of("sound"), Arm::Named("sound"));
        assert!(Arm::of("sound").is_aside() && Arm::of("benign").is_aside());
        assert!(!Arm::of("main").is_aside());
    }
}
