//! The published spellings of objectives and attack methods.

use trustmh_core::item::AttackMethod;

/// Objectives: the spelling in both files, and the slug.
const OBJECTIVES: [(&str, &str); 14] = [
    ("Generate Bias", "generate-bias"),
    ("Disclose Privacy", "disclose-privacy"),
    ("Minor Safety Risk", "minor-safety"),
    ("Generate Sexual Content", "sexual-content"),
    ("Cause Harm/Injury", "cause-harm"),
    ("Force View/Decision", "force-decision"),
    ("Fail Self-Correct", "fail-self-correct"),
    ("Falsely Claim Medical Pro", "falsely-claim-profession"),
    ("Provide Diagnosis/Treatment", "diagnose-or-treat"),
    ("Impersonate Authority", "impersonate-authority"),
    ("Disclose Internal Info", "disclose-internal-info"),
    ("Overpromise/Exaggerate", "overpromise"),
    ("Provide False Treatment", "false-treatment"),
    ("Fail to Provide Emergency Contact", "withhold-emergency-contact"),
];

/// Methods: the spelling in the file, and what it is.
const METHODS: [(&str, AttackMethod); 8] = [
    ("fixed sentence", AttackMethod::FixedSentence),
    ("scenario", AttackMethod::Scenario),
    ("bad words", AttackMethod::BadWords),
    ("no punctuation", AttackMethod::NoPunctuation),
    ("Refusal sentence prohibition", AttackMethod::RefusalProhibition),
    ("cot", AttackMethod::StepByStep),
    ("multitask", AttackMethod::Multitask),
    ("no_long_word", AttackMethod::NoLongWords),
];

/// The slug of a published objective; case and outer blanks do not matter.
pub(super) fn objective(spelling: &str) -> Option<&'static str> {
    find(&OBJECTIVES, spelling)
}

/// The published attack method; case and outer blanks do not matter.
pub(super) fn method(spelling: &str) -> Option<AttackMethod> {
    find(&METHODS, spelling)
}

/// The known spellings of objectives, for errors.
pub(super) fn known_objectives() -> String {
    known(&OBJECTIVES)
}

/// The known spellings of methods, for errors.
pub(super) fn known_methods() -> String {
    known(&METHODS)
}

fn find<T: Copy>(table: &[(&str, T)], spelling: &str) -> Option<T> {
    let wanted = spelling.trim();
    table.iter().find(|(known, _)| known.eq_ignore_ascii_case(wanted)).map(|(_, meaning)| *meaning)
}

fn known<T>(table: &[(&str, T)]) -> String {
    let names: Vec<String> = table.iter().map(|(name, _)| format!("`{name}`")).collect();
    format!("one of {}", names.join(", "))
}
