//! The label schemes that are built in, as tests name them.

use std::sync::LazyLock;
use trustmh_core::id::SchemeName;
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::parse::label::{self, LabelReader};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelScheme {
    Posts,
    Depression,
    SuicideRisk,
    Crisis,
    Severity,
    Columbia,
}

impl LabelScheme {
    pub const ALL: [Self; 6] = [
        Self::Posts,
        Self::Depression,
        Self::SuicideRisk,
        Self::Crisis,
        Self::Severity,
        Self::Columbia,
    ];

    pub fn reader(self) -> &'static LabelReader {
        static BENCHMARK: LazyLock<Benchmark> = LazyLock::new(|| Benchmark::embedded().unwrap());
        let name = match self {
            Self::Posts => "posts",
            Self::Depression => "depression",
            Self::SuicideRisk => "suicide-risk",
            Self::Crisis => "crisis",
            Self::Severity => "severity",
            Self::Columbia => "columbia",
        };
        BENCHMARK.labels(&SchemeName::new(name)).unwrap()
    }
}

pub fn read(reply: &str, scheme: LabelScheme) -> Option<&'static str> {
    label::read(reply, scheme.reader())
}

pub fn as_released(reply: &str, scheme: LabelScheme) -> Option<&'static str> {
    label::as_released(reply, scheme.reader())
}
