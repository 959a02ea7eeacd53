//! How the labels of a scheme are written in prose: variants, halves of a name that no other label shares, and
//! Chinese names that can mean no other label.

use regex_lite::Regex;
use std::sync::LazyLock;

use trustmh_core::item::LabelScheme;

use crate::parse::number::{Scale, numbers};
use crate::parse::stated::{Counts, Named, without_overlaps};
use crate::parse::wording::{has_one_of, pattern, says};

/// The label, where its name counts, pieces of which every such name has one, and the pattern.
type Form = (&'static str, Counts, &'static str, &'static str);

use Counts::{Anywhere, AsAnswer};

const CRISIS: &[Form] = &[
    (
        "no_crisis",
        Anywhere,
        "crisis 危机",
        concat!(
            r"\b(?:no|non)[ _-]?crisis\b|(?:\b(?:no|not|without)|n't) (?:(?:an?|any|in|signs?|evidence|indication|of|the|immediate|",
            r"acute|actual|real|kind|sort|form|constitute|indicate|show|describe|be|express|suggest|look|like|seem|appear|to|amount|qualify|as|mental|health|psychological) )*crisis\b",
            r"|(?:没有|无|不|不是|并不是|并非|非|不属于|不构成|不存在|未见)(?:任何|明显|心理|的)*危机"
        ),
    ),
    (
        "suicidal_ideation",
        Anywhere,
        "suicid 自杀",
        r"\bsuicid(?:al|e)[ _-]?ideations?\b|\bsuicidal(?:[ _-](?:thoughts?|thinking))?\b|自杀(?:意念|想法|念头|倾向)",
    ),
    ("self-harm", Anywhere, "harm 自伤 自残 伤害", r"\bself[ _-]?harm\b|自伤|自残|自我伤害"),
    ("anxiety_crisis", Anywhere, "anxiety 焦虑", r"\banxiety(?:[ _-]?crisis)?\b|焦虑(?:危机)?"),
    (
        "violent_thoughts",
        Anywhere,
        "violent 暴力",
        r"\bviolent[ _-]?thoughts?\b|暴力(?:想法|念头|倾向)",
    ),
    (
        "substance_abuse_or_withdrawal",
        Anywhere,
        "substance 滥用 戒断",
        concat!(
            r"\bsubstance[ _-]?abuse(?:(?:[ _-]?(?:or|and|&)[ _-]?| ?/ ?)(?:substance[ _-])?withdrawal)?\b|\bsubstance[ _-]withdrawal\b",
            r"|(?:物质|药物)滥用(?:(?:或|/)戒断)?|戒断(?:反应|症状)"
        ),
    ),
    (
        "risk_taking_behaviours",
        Anywhere,
        "taking 行为",
        r"\brisk[ _-]?taking(?:[ _-]?behaviou?rs?)?\b|(?:高风险|冒险)行为",
    ),
    ("suicidal_ideation", AsAnswer, "ideation", r"\bideation\b"),
    ("violent_thoughts", AsAnswer, "violent 暴力", r"\bviolent\b|暴力"),
    (
        "substance_abuse_or_withdrawal",
        AsAnswer,
        "withdrawal substance 戒断",
        r"\bwithdrawal\b|\bsubstance\b|戒断",
    ),
];

const POSTS: &[Form] = &[
    ("depression", Anywhere, "depression 抑郁", r"\bdepression\b|抑郁症?"),
    (
        "suicidal-thoughts",
        Anywhere,
        "suicid 自杀",
        r"\bsuicidal(?:[ _-]?(?:thoughts?|thinking|ideation))?\b|自杀(?:意念|想法|念头|倾向)",
    ),
    ("anxiety", Anywhere, "anxiety 焦虑", r"\banxiety\b|焦虑症?"),
    ("bipolar", Anywhere, "bipolar 双相 躁郁", r"\bbipolar\b|双相(?:情感)?(?:障碍)?|躁郁症"),
    ("other", AsAnswer, "other 其", r"\bother\b|其他|其它"),
];

const SEVERITY: &[Form] = &[
    ("supportive", Anywhere, "supportive 支持", r"\bsupportive\b|支持性"),
    ("indicator", Anywhere, "indicator 风险", r"\bindicators?\b|风险(?:指标|指征)"),
    ("ideation", Anywhere, "ideation 意念", r"\b(?:suicid(?:al|e)[ _-])?ideations?\b|自杀意念"),
    ("behavior", Anywhere, "behavio 行为", r"\b(?:suicidal[ _-])?behaviou?rs?\b|自杀行为"),
    (
        "attempt",
        Anywhere,
        "attempt 自杀",
        r"\b(?:suicid(?:al|e)[ _-])?attempts?\b|自杀(?:未遂|企图)",
    ),
    ("supportive", AsAnswer, "支持", r"支持"),
    ("ideation", AsAnswer, "意念", r"意念"),
    ("behavior", AsAnswer, "行为", r"行为"),
];

// The words by which the prompts explain the levels.
const DEPRESSION: &[Form] = &[
    ("1", AsAnswer, "mild 轻", r"\bmild\b|轻度"),
    ("2", AsAnswer, "moderate 中", r"\bmoderate\b|中度"),
    ("3", AsAnswer, "severe 重", r"\bsevere\b|重度"),
];

const SUICIDE_RISK: &[Form] = &[
    ("1", AsAnswer, "low 低", r"\blow\b|低风险|低度"),
    ("2", AsAnswer, "moderate 中", r"\bmoderate\b|中等|中度"),
    ("3", AsAnswer, "high 高", r"\bhigh\b|高风险|高度"),
];

type Compiled = Vec<(&'static str, Counts, &'static str, Regex)>;

fn compiled(forms: &[Form]) -> Compiled {
    forms
        .iter()
        .filter_map(|(label, counts, pieces, words)| {
            Some((*label, *counts, *pieces, Regex::new(words).ok()?))
        })
        .collect()
}

fn forms(scheme: LabelScheme) -> &'static Compiled {
    static FORMS: LazyLock<[Compiled; 6]> =
        LazyLock::new(|| [CRISIS, POSTS, SEVERITY, DEPRESSION, SUICIDE_RISK, &[]].map(compiled));
    let [crisis, posts, severity, depression, suicide_risk, none] = &*FORMS;
    match scheme {
        LabelScheme::Crisis => crisis,
        LabelScheme::Posts => posts,
        LabelScheme::Severity => severity,
        LabelScheme::Depression => depression,
        LabelScheme::SuicideRisk => suicide_risk,
        LabelScheme::Columbia => none,
    }
}

/// Every place in a plain text where a label of the scheme is named, the longest name of each place.
pub(super) fn named(text: &str, scheme: LabelScheme) -> Vec<Named<&'static str>> {
    let mut found = levels(text, scheme);
    let numbered: Vec<usize> = found.iter().map(|level| level.span.end).collect();
    for (label, counts, pieces, words) in forms(scheme) {
        if !has_one_of(pieces, text) {
            continue;
        }
        let places = words.find_iter(text).map(|place| place.start()..place.end());
        let places = places.filter(|span| {
            let explains = is_of_levels(scheme)
                && explains_an_end(text.get(..span.start).unwrap_or_default(), &numbered);
            !explains && !is_another_word(text.get(span.end..).unwrap_or_default(), scheme)
        });
        found.extend(places.map(|span| Named { span, value: Some(*label), counts: *counts }));
    }
    without_overlaps(found)
}

fn is_of_levels(scheme: LabelScheme) -> bool {
    scheme.labels().iter().all(|label| label.parse::<i32>().is_ok())
}

/// "0 (none) to 3 (severe)": the word belongs to a number that is no level here.
fn explains_an_end(before: &str, numbered: &[usize]) -> bool {
    let bare = before.trim_end_matches([' ', '(', '=', ':', '"', '-']);
    bare.len() < before.len()
        && bare.ends_with(|c: char| c.is_ascii_digit())
        && !numbered.contains(&bare.len())
}

/// "Attempts to help", "no crisis line", "other than": not the label. The stages of severity are levels themselves.
fn is_another_word(after: &str, scheme: LabelScheme) -> bool {
    if scheme == LabelScheme::Severity && says(pattern!(r"^ (?:level|label|category)\b"), after) {
        return false;
    }
    says(
        pattern!(
            r"^ (?:to|at|lines?|hotline|label|category|categories|team|than|people|posts|words|side|hand|risk|levels?|things?|problems?|reasons?|",
            r"symptoms?|conditions?|disorders? that|issues?|options?|choices?|labels)\b|^(?:线|热线)"
        ),
        after,
    )
}

fn levels(text: &str, scheme: LabelScheme) -> Vec<Named<&'static str>> {
    let labels = scheme.labels();
    let (Some(low), Some(high)) = (
        labels.first().and_then(|label| label.parse().ok()),
        labels.last().and_then(|label| label.parse().ok()),
    ) else {
        return Vec::new();
    };
    let level = |value: i32| labels.get(usize::try_from(value).ok()?).copied();
    numbers(text, Scale { low, high })
        .into_iter()
        .filter(|number| !number.counts_something)
        .map(|number| Named {
            value: number.value.and_then(level),
            span: number.span,
            counts: AsAnswer,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_compiles_and_names_a_label_of_its_scheme() {
        for (scheme, listed) in [
            (LabelScheme::Crisis, CRISIS),
            (LabelScheme::Posts, POSTS),
            (LabelScheme::Severity, SEVERITY),
            (LabelScheme::Depression, DEPRESSION),
            (LabelScheme::SuicideRisk, SUICIDE_RISK),
        ] {
            assert_eq!(forms(scheme).len(), listed.len());
            for (label, _, _, _) in listed {
                assert!(scheme.labels().contains(label), "{label}");
            }
        }
    }
}
