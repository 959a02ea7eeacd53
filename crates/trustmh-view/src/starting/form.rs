//! What was filled in, and what of it can be asked for. Nothing reaches a command line that was not read here.

mod read;

use trustmh_core::repeats::Repeats;
use trustmh_engine::benchmark::Benchmark;

use super::program::Offers;
use read::{address, data, judge, keep, model, tasks, whole};

/// Items of each task in a standard run.
pub(crate) const STANDARD_ITEMS: u64 = 50;

/// A form as it came: names and values, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Typed(Vec<(String, String)>);

impl Typed {
    pub(crate) fn of(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// The value of a field, without blanks around it; empty where there is none.
    pub(crate) fn one(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    pub(crate) fn all<'t>(&'t self, name: &str) -> impl Iterator<Item = &'t str> {
        let named = self.0.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.trim())
    }

    pub(crate) fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|found| found == value)
    }

    /// The value of a field; none where it is empty.
    fn given(&self, name: &str) -> Option<&str> {
        Some(self.one(name)).filter(|value| !value.is_empty())
    }
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) field: &'static str,
    pub(crate) message: String,
}

impl Fault {
    pub(crate) fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, message: message.into() }
    }
}

/// How much of each task is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    Quick,
    Standard,
    Full,
}

impl Profile {
    pub(crate) const ALL: [Self; 3] = [Self::Quick, Self::Standard, Self::Full];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Standard => "standard",
            Self::Full => "full",
        }
    }
}

/// Who judges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum JudgeChoice {
    /// The embedded judge where its weights are, else the offline rules.
    Usual,
    Offline,
    Embedded,
    Nobody,
    Model {
        name: String,
        base_url: Option<String>,
        self_judging: SelfJudging,
    },
}

/// Whether the subject may judge itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SelfJudging {
    Refused,
    Allowed,
}

/// Which items are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Data {
    Starter,
    Folder(String),
}

/// What a stretch of work may take.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Limits {
    pub(crate) cost: Option<f64>,
    pub(crate) calls: Option<u64>,
    pub(crate) per_minute: Option<u64>,
}

impl Limits {
    /// Reads the fields of limits.
    pub(crate) fn of(typed: &Typed, faults: &mut Vec<Fault>) -> Self {
        let cost = typed.given("max-cost").and_then(|text| match text.parse::<f64>() {
            Ok(cost) if cost.is_finite() && cost > 0.0 => Some(cost),
            Ok(_) | Err(_) => {
                faults.push(Fault::new(
                    "max-cost",
                    "The cost is a number of dollars above 0, such as 2.50.",
                ));
                None
            }
        });
        Self {
            cost,
            calls: whole(typed, "max-calls", "The number of calls", u64::MAX, faults),
            per_minute: whole(typed, "rpm", "The rate", u64::from(u32::MAX), faults),
        }
    }

    pub(crate) fn arguments(&self) -> impl Iterator<Item = String> {
        let Self { cost, calls, per_minute } = self;
        let cost = cost.map(|cost| format!("--max-cost={cost}"));
        let calls = calls.map(|calls| format!("--max-calls={calls}"));
        cost.into_iter().chain(calls).chain(per_minute.map(|rate| format!("--rpm={rate}")))
    }
}

/// A run as it was asked for, every part of it read and found fit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) subject: String,
    pub(crate) base_url: Option<String>,
    pub(crate) profile: Profile,
    /// Tasks, pillars and suites; empty for the benchmark.
    pub(crate) tasks: Vec<String>,
    pub(crate) data: Data,
    pub(crate) judge: JudgeChoice,
    pub(crate) limits: Limits,
    pub(crate) items: Option<u64>,
    pub(crate) repeats: Option<u64>,
    pub(crate) seed: Option<u64>,
}

impl Wanted {
    /// Reads a form.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub(crate) fn of(
        typed: &Typed,
        benchmark: &Benchmark,
        offers: &Offers,
    ) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let subject = keep(model(typed, "subject", offers), &mut faults).unwrap_or_default();
        let base_url = keep(address(typed, "base-url"), &mut faults).flatten();
        let profile = match Profile::ALL.into_iter().find(|one| one.word() == typed.one("profile"))
        {
            Some(profile) => profile,
            None if typed.given("profile").is_none() => Profile::Quick,
            None => {
                faults.push(Fault::new("profile", "The extent is quick, standard or full."));
                Profile::Quick
            }
        };
        let tasks = tasks(typed, benchmark, &mut faults);
        let data = keep(data(typed, offers), &mut faults).unwrap_or(Data::Starter);
        let judge = judge(typed, offers, &mut faults);
        let limits = Limits::of(typed, &mut faults);
        let items = whole(typed, "items", "The number of items", u64::from(u32::MAX), &mut faults);
        let most = u64::from(Repeats::MOST.get());
        let repeats = whole(typed, "repeats", "The number of repeats", most, &mut faults);
        let seed = typed.given("seed").and_then(|text| {
            let read =
                text.parse().map_err(|_| Fault::new("seed", "The seed is a whole number from 0."));
            keep(read, &mut faults)
        });
        let wanted =
            Self { subject, base_url, profile, tasks, data, judge, limits, items, repeats, seed };
        if faults.is_empty() { Ok(wanted) } else { Err(faults) }
    }

    /// The arguments of the command that does it. Values stand in one word with their options, so that none is taken for one.
    pub(crate) fn arguments(&self, offers: &Offers) -> Vec<String> {
        let mut words = vec!["run".to_owned(), format!("--subject={}", self.subject)];
        let mut add = |option: &str, value: Option<&str>| {
            words.extend(value.map(|value| format!("--{option}={value}")));
        };
        add("base-url", self.base_url.as_deref());
        match &self.judge {
            JudgeChoice::Usual => {}
            JudgeChoice::Offline => add("judge", Some("offline")),
            JudgeChoice::Embedded => add("judge", Some("embedded")),
            JudgeChoice::Nobody => add("judge", Some("none")),
            JudgeChoice::Model { name, base_url, .. } => {
                add("judge", Some(name));
                add("judge-base-url", base_url.as_deref());
            }
        }
        if !self.tasks.is_empty() {
            add("tasks", Some(&self.tasks.join(",")));
        }
        if let Data::Folder(folder) = &self.data {
            add("data", Some(folder));
        }
        let standard = (self.profile == Profile::Standard).then_some(STANDARD_ITEMS);
        let number = |value: Option<u64>| value.map(|value| value.to_string());
        add("profile", (self.profile == Profile::Quick).then_some("quick"));
        add("items", number(self.items.or(standard)).as_deref());
        add("repeats", number(self.repeats).as_deref());
        add("seed", number(self.seed).as_deref());
        if matches!(self.judge, JudgeChoice::Model { self_judging: SelfJudging::Allowed, .. }) {
            words.push("--allow-self-judge".to_owned());
        }
        words.extend(self.limits.arguments());
        words.extend(offers.fixed.iter().cloned());
        words.push("--progress=json".to_owned());
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    use crate::starting::program::DataFolder;

    fn offers() -> Offers {
        Offers {
            prefixes: ["openai", "scripted"].map(str::to_owned).into(),
            data: vec![DataFolder { path: PathBuf::from("/data/here"), sets: Vec::new() }],
            fixed: vec!["--runs-dir=runs".to_owned()],
            ..Offers::default()
        }
    }

    fn read(fields: &[(&str, &str)]) -> Result<Wanted, Vec<Fault>> {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let benchmark = Benchmark::embedded().unwrap();
        Wanted::of(&Typed::of(fields.collect()), &benchmark, &offers())
    }

    #[test]
    fn what_is_filled_in_becomes_a_command_line() {
        let wanted = read(&[
            ("subject", "openai/llama-3.1:8b"),
            ("base-url", "http://127.0.0.1:8000/v1"),
            ("profile", "standard"),
            ("task", "crisis"),
            ("task", "safety/jailbreak"),
            ("data", "/data/here"),
            ("judge", "model"),
            ("judge-model", "openai/gpt-4.1"),
            ("allow-self-judge", "yes"),
            ("max-cost", "2.5"),
            ("max-calls", "100"),
            ("rpm", "60"),
            ("repeats", "3"),
            ("seed", "0"),
        ]);
        let words = wanted.unwrap().arguments(&offers());
        assert_eq!(
            words,
            [
                "run",
                "--subject=openai/llama-3.1:8b",
                "--base-url=http://127.0.0.1:8000/v1",
                "--judge=openai/gpt-4.1",
                "--tasks=crisis,safety/jailbreak",
                "--data=/data/here",
                "--items=50",
                "--repeats=3",
                "--seed=0",
                "--allow-self-judge",
                "--max-cost=2.5",
                "--max-calls=100",
                "--rpm=60",
                "--runs-dir=runs",
                "--progress=json",
            ]
        );
    }

    #[test]
    fn nothing_else_gets_onto_it() {
        for (field, value) in [
            ("subject", ""),
            ("subject", "--judge=x"),
            ("subject", "openai/a;rm -rf ~"),
            ("subject", "openai/$(id)"),
            ("subject", "openai/a b"),
            ("subject", "command:/bin/sh"),
            ("subject", "command:sh"),
            ("subject", "replay:runs"),
            ("subject", "elsewhere/x"),
            ("base-url", "ftp://host/"),
            ("base-url", "file:///etc/passwd"),
            ("base-url", "javascript:alert(1)"),
            ("base-url", "http://host/?key=$OPENAI_API_KEY"),
            ("base-url", "http://user:word@host/"),
            ("base-url", "http://a/v1,http://b/v1"),
            ("base-url", "notaurl"),
            ("base-url", "http:///v1"),
            ("profile", "all"),
            ("task", "crisis,--data=/"),
            ("task", "../x"),
            ("data", "/etc"),
            ("data", "/data/here/../../etc"),
            ("judge", "scripted/judge"),
            ("max-cost", "0"),
            ("max-cost", "NaN"),
            ("max-cost", "inf"),
            ("max-calls", "0"),
            ("max-calls", "-1"),
            ("rpm", "99999999999"),
            ("items", "1.5"),
            ("repeats", "101"),
            ("seed", "x"),
        ] {
            let mut fields = vec![("subject", "openai/x")];
            fields.retain(|(name, _)| *name != field);
            fields.push((field, value));
            let faults = read(&fields).unwrap_err();
            assert_eq!(faults.iter().map(|one| one.field).collect::<Vec<_>>(), [field], "{value}");
        }
    }
}
