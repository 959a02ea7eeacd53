//! Where the user's programs keep what they fetch, by the conventions of the system.

use etcetera::base_strategy::{BaseStrategy, choose_native_strategy};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// The folder of the local model's weights: as given, else below the user's cache folder.
pub(crate) fn weights(given: Option<&Path>) -> Result<PathBuf, Failure> {
    match given {
        Some(folder) => Ok(folder.to_owned()),
        None => {
            usual(cache().map(|folder| folder.join("trustmh").join("weights")), earlier_weights())
                .ok_or_else(|| nowhere("cache").with_hint("give --weights-dir"))
        }
    }
}

/// The folder of fetched data, below the one where the user's programs keep data.
pub(crate) fn data() -> Result<PathBuf, Failure> {
    usual(kept().map(|folder| folder.join("trustmh").join("data")), earlier_data())
        .ok_or_else(|| nowhere("data").with_hint("give --data"))
}

/// The folder of what the user has found of judges, beside that of fetched data; none where the system names none.
pub(crate) fn judge_cards() -> Option<PathBuf> {
    kept().map(|folder| folder.join("trustmh").join("judge-cards"))
}

/// The folder of what the viewer keeps from one start to the next; none where the system names none.
pub(crate) fn viewers() -> Option<PathBuf> {
    let system = choose_native_strategy().ok()?;
    let folder = system.state_dir().unwrap_or_else(|| system.cache_dir());
    Some(folder.join("trustmh").join("viewers"))
}

pub(crate) fn nowhere(kind: &str) -> Failure {
    Failure::usage(format!("no {kind} folder is known: there is no home folder"))
}

/// Where the system's programs keep what can be fetched again.
fn cache() -> Option<PathBuf> {
    choose_native_strategy().ok().map(|system| system.cache_dir())
}

/// Where they keep data. On Windows that folder would be copied from machine to machine with the user's profile.
fn kept() -> Option<PathBuf> {
    let system = choose_native_strategy().ok()?;
    Some(if cfg!(windows) { system.cache_dir() } else { system.data_dir() })
}

fn earlier_weights() -> Option<PathBuf> {
    earlier("XDG_CACHE_HOME", ".cache", "weights")
}

fn earlier_data() -> Option<PathBuf> {
    earlier("XDG_DATA_HOME", ".local/share", "data")
}

fn usual(own: Option<PathBuf>, earlier: Option<PathBuf>) -> Option<PathBuf> {
    chosen(own, earlier, Path::is_dir)
}

/// Where earlier versions had it, whatever the system.
fn earlier(variable: &str, below_home: &str, kind: &str) -> Option<PathBuf> {
    of_earlier(|name| std::env::var_os(name), variable, below_home)
        .map(|folder| folder.join("trustmh").join(kind))
}

fn of_earlier(
    value: impl Fn(&str) -> Option<OsString>,
    variable: &str,
    below_home: &str,
) -> Option<PathBuf> {
    let folder = |name: &str| value(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    folder(variable)
        .or_else(|| folder("LOCALAPPDATA"))
        .or_else(|| folder("HOME").map(|home| home.join(below_home)))
}

/// The system's own place, unless only the earlier one is there.
fn chosen(
    own: Option<PathBuf>,
    earlier: Option<PathBuf>,
    is_there: impl Fn(&Path) -> bool,
) -> Option<PathBuf> {
    match (own, earlier) {
        (Some(own), Some(earlier)) if !is_there(&own) && is_there(&earlier) => Some(earlier),
        (Some(own), _) => Some(own),
        (None, earlier) => earlier,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_where_an_earlier_version_had_it_is_still_found() {
        let of = |there: &str| {
            let is_there = |folder: &Path| folder.to_str() == Some(there);
            chosen(Some("new".into()), Some("old".into()), is_there).unwrap()
        };
        assert_eq!(of("old"), Path::new("old"));
        assert_eq!(of("new"), Path::new("new"));
        assert_eq!(of(""), Path::new("new"));
        assert_eq!(chosen(None, Some("old".into()), |_| false), Some("old".into()));
        assert_eq!(chosen(None, None, |_| true), None);
    }

    #[test]
    fn earlier_versions_asked_the_environment_alone() {
        let of = |set: &[(&str, &str)]| {
            let value = |name: &str| {
                set.iter().find(|(known, _)| *known == name).map(|(_, v)| OsString::from(*v))
            };
            of_earlier(value, "XDG_CACHE_HOME", ".cache")
        };
        assert_eq!(of(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/c")]), Some("/c".into()));
        assert_eq!(of(&[("HOME", "/h"), ("XDG_CACHE_HOME", "")]), Some("/h/.cache".into()));
        assert_eq!(of(&[]), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn on_linux_both_are_the_same_place() {
        if std::env::var_os("HOME").is_some() {
            let below = |folder: PathBuf, kind: &str| Some(folder.join("trustmh").join(kind));
            assert_eq!(below(cache().unwrap(), "weights"), earlier_weights());
            assert_eq!(below(kept().unwrap(), "data"), earlier_data());
        }
    }
}
