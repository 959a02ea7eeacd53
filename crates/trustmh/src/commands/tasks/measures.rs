//! What each scorer measures, as a part of the page of all tasks.

use trustmh_core::item::Conversation;
use trustmh_engine::score::{
    Fits, Judging, Measure, MeasureLabel, PERTURBED, SCORERS, Scale, Scorer, Source,
};
use trustmh_engine::task::word;

const HEAD: &str = "\n## Measures

A metric is a statistic of a measure, a number that the task's scorer takes of each trial. Every task has `unanswered`, too: whether
a reply holds no answer at all.
";

/// The part of the page.
pub(super) fn section() -> String {
    let mut page = HEAD.to_owned();
    for scorer in SCORERS {
        page.push_str(&of_scorer(scorer));
    }
    page.push_str("\nTasks that perturb texts have `distance`, 0 to 1, and these facets:\n\n");
    for facet in PERTURBED {
        page.push_str(&format!("- `{}`: {}\n", facet.name, facet.meaning));
    }
    page
}

fn of_scorer(scorer: &Scorer) -> String {
    let parsers: Vec<String> =
        scorer.parsers.iter().map(|parser| format!("`{}`", word(parser))).collect();
    let mut text = format!(
        "\n### `{}`\n\n{} Items: {}. Parsers: {}. Judge: {}.\n",
        word(&scorer.kind),
        scorer.about,
        items(scorer.items),
        parsers.join(", "),
        judge(&scorer.judge)
    );
    text.push_str("\n| measure | range | meaning |\n|---|---|---|\n");
    for measure in scorer.measures {
        text.push_str(&row(measure));
    }
    if !scorer.texts.is_empty() {
        let texts = scorer.texts.iter().map(|kept| format!("`{}` ({})", kept.name, kept.meaning));
        text.push_str(&format!("\nTexts: {}\n", texts.collect::<Vec<_>>().join(" ")));
    }
    if !scorer.facets.is_empty() {
        text.push_str("\nFacets:\n\n");
    }
    for facet in scorer.facets {
        let values = match facet.values {
            [] => String::new(),
            values => format!(" ({})", values.join(", ")),
        };
        text.push_str(&format!("- `{}`{values}: {}\n", facet.name, facet.meaning));
    }
    text
}

fn items(fits: Fits) -> String {
    match fits {
        Fits::Only(kind) => format!("`{}`", kind.slug()),
        Fits::All => "of any kind".to_owned(),
    }
}

fn judge(judge: &Judging) -> String {
    match judge {
        Judging::Nothing => "none".to_owned(),
        Judging::Optional { .. } => "where the task names rubrics".to_owned(),
        Judging::Needed { field, .. } => format!("needed, for the field `{field}`"),
        Judging::ByAnyField => "needed, for all fields of the rubrics".to_owned(),
    }
}

fn row(measure: &Measure) -> String {
    let name = match measure.name {
        MeasureLabel::Named(name) => format!("`{name}`"),
        MeasureLabel::OfOption(beginning) => format!("`{beginning}a`, `{beginning}b`, ..."),
        MeasureLabel::OfRubric => "each field of the rubrics that has a scale".to_owned(),
        MeasureLabel::OfRubricLabels => {
            "each label of the rubrics' other fields, as `FIELD_LABEL`".to_owned()
        }
        MeasureLabel::OfTurns => {
            "`CODE_share`, `CODE_ever`, `CODE_first`, `SCORE`, `SCORE_slope`, `SCORE_last`"
                .to_owned()
        }
        MeasureLabel::OfDimensions => {
            "`DIMENSION_high`, `DIMENSION_low`, `DIMENSION_best`, `DIMENSION_relevant`".to_owned()
        }
    };
    let judged = match measure.source {
        Source::Judge => " By a judge.",
        Source::Reply => "",
    };
    let only = measure.only.map_or_else(String::new, |only| format!(" Protocol {only} only."));
    format!("| {name} | {} | {}{judged}{only} |\n", range(measure.scale), measure.meaning)
}

fn range(scale: Scale) -> String {
    match scale {
        Scale::Mark => "0 or 1".to_owned(),
        Scale::Between(low, high) => between(low, high),
        Scale::Turns => between(0.0, f64::from(Conversation::MOST_TURNS)),
        Scale::Levels { lowest } if lowest.is_finite() => {
            format!("{lowest} to the highest level of the scheme")
        }
        Scale::Levels { .. } => "levels between two labels".to_owned(),
        Scale::Ratings => "the item's rating scale".to_owned(),
        Scale::OfRubric => "the rubric's scale".to_owned(),
    }
}

fn between(low: f64, high: f64) -> String {
    match (low.is_finite(), high.is_finite()) {
        (true, true) => format!("{low} to {high}"),
        (true, false) => format!("{low} or more"),
        (false, true) => format!("{high} or less"),
        (false, false) => "any number".to_owned(),
    }
}
