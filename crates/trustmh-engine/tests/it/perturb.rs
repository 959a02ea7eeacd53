//! What perturbations promise: bands that are met, labels that are kept, the same on every machine.
use proptest::prelude::*;
use std::sync::LazyLock;
use trustmh_core::perturbation::{Family, Level};
use trustmh_engine::benchmark::Benchmark;
use trustmh_engine::perturb::{Keep, distance, perturb};
use unicode_segmentation::UnicodeSegmentation;

static BENCHMARK: LazyLock<Benchmark> = LazyLock::new(|| Benchmark::embedded().unwrap());

const SINGLE: [Family; 3] = [Family::Character, Family::Word, Family::Sentence];

const ENGLISH: &str = "I have been feeling very tired lately and I do not know what to do about it. My mother says that I \
    should talk to somebody, but I never find the right words. Sometimes I can't sleep because I worry about my job. \
    Yesterday I cried in the office, and nobody noticed. Is that normal? I just want to feel like myself again.";
const CHINESE: &str = "我最近一直觉得很累，晚上睡不着，白天也没有精神。妈妈说我应该去看医生，可是我不知道怎么开口。\
    昨天在办公室里哭了，没有人发现。我只想变回以前的自己。";

/// Pieces of a text of about so many clusters, beginning anywhere.
fn cut(text: &str, start: usize, length: usize) -> String {
    let clusters: Vec<&str> = text.graphemes(true).collect();
    clusters.iter().cycle().skip(start % clusters.len()).take(length).copied().collect()
}

#[test]
fn bands_are_met_by_texts_of_forty_clusters_and_more() {
    for (language, text) in [("en", ENGLISH), ("zh", CHINESE)] {
        let tables = BENCHMARK.perturbations(language).unwrap();
        for keep in [Keep::Nothing, Keep::Label] {
            for family in SINGLE {
                for level in Level::CHANGING {
                    let (low, high) = level.band().unwrap();
                    // 2,000 draws for every family and level over both languages and both ways to keep.
                    let draws = 500;
                    let mut outside = 0;
                    for draw in 0..draws {
                        let piece = cut(text, 7 * draw, 40 + draw % 200);
                        let seed = u64::try_from(draw).unwrap();
                        let found = perturb(tables, &piece, family, level, keep, seed);
                        let (edits, length) = distance(&piece, &found.text);
                        assert_eq!(edits, found.edits);
                        let realised = edits as f64 / length as f64;
                        assert!((realised - found.distance).abs() < 1e-12);
                        outside += usize::from(!(low..=high).contains(&realised));
                    }
                    assert!(
                        outside * 20 <= draws,
                        "{language} {} {} {keep:?}: {outside} of {draws} outside",
                        family.slug(),
                        level.slug()
                    );
                }
            }
        }
    }
}

#[test]
fn level_none_gives_the_text_back() {
    let tables = BENCHMARK.perturbations("en").unwrap();
    for family in Family::ALL {
        let text = "A text\r\nwith\ttabs, e\u{301} and 👩‍👩‍👧 . ";
        let found = perturb(tables, text, family, Level::None, Keep::Nothing, 1);
        assert_eq!((found.text.as_str(), found.edits), (text, 0));
    }
}

/// Written down once, so that another machine, another process or another version shows.
#[test]
fn the_same_seed_gives_the_same_text_everywhere() {
    let tables = BENCHMARK.perturbations("en").unwrap();
    let mut text = String::new();
    for family in Family::ALL {
        for level in Level::CHANGING {
            let found = perturb(tables, ENGLISH, family, level, Keep::Nothing, 20_260_303);
            text.push_str(&format!(
                "{} {} {:.4}\n{}\n\n",
                family.slug(),
                level.slug(),
                found.distance,
                found.text
            ));
        }
    }
    let chinese = BENCHMARK.perturbations("zh").unwrap();
    for family in SINGLE {
        let found = perturb(chinese, CHINESE, family, Level::Medium, Keep::Label, 20_260_303);
        text.push_str(&format!("{} zh {:.4}\n{}\n\n", family.slug(), found.distance, found.text));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn stacking_goes_further_than_each_family_alone() {
    let tables = BENCHMARK.perturbations("en").unwrap();
    let alone = perturb(tables, ENGLISH, Family::Word, Level::Medium, Keep::Nothing, 4).distance;
    let stacked = perturb(tables, ENGLISH, Family::Stacked, Level::Medium, Keep::Nothing, 4);
    assert!(stacked.distance > alone, "{} and {alone}", stacked.distance);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_text_is_taken(
        text in "(?s)\\PC{0,80}|[a-z .,é我👍🏽\u{301}\r\n]{0,80}",
        family in 0_usize..4,
        level in 0_usize..3,
        seed: u64,
        label: bool,
        language in 0_usize..2,
    ) {
        let tables = BENCHMARK.perturbations(["en", "zh"][language]).unwrap();
        let keep = if label { Keep::Label } else { Keep::Nothing };
        let (family, level) = (Family::ALL[family], Level::CHANGING[level]);
        let found = perturb(tables, &text, family, level, keep, seed);
        prop_assert_eq!(&perturb(tables, &text, family, level, keep, seed), &found);
        if family != Family::Stacked {
            prop_assert!(found.distance <= level.band().unwrap().1 + 1e-9, "{}", found.distance);
        }
    }

    #[test]
    fn labels_keep_their_negations(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "not", "no", "never", "now", "note", "know", "don't", "do", "nt", "can", "cannot", "no w", "knot",
                "none", "one", "i", "am", "ok", "because", "hardly", "hard", "without", "with", "out", ".", "and",
            ]),
            5..60,
        ),
        family in 0_usize..4,
        level in 0_usize..3,
        seed: u64,
    ) {
        let tables = BENCHMARK.perturbations("en").unwrap();
        let text = words.join(" ");
        let found =
            perturb(tables, &text, Family::ALL[family], Level::CHANGING[level], Keep::Label, seed);
        prop_assert_eq!(tables.negations(&text), tables.negations(&found.text));
    }

    #[test]
    fn chinese_labels_keep_their_negations(
        text in "[我不没觉得很的累未末是在再想，。]{5,60}",
        family in 0_usize..4,
        level in 0_usize..3,
        seed: u64,
    ) {
        let tables = BENCHMARK.perturbations("zh").unwrap();
        let found =
            perturb(tables, &text, Family::ALL[family], Level::CHANGING[level], Keep::Label, seed);
        prop_assert_eq!(tables.negations(&text), tables.negations(&found.text));
    }
}
