//! The published scores of VERA-MH, from the shares published with them.
use std::fs;

use trustmh_stats::dimension_score::of_percents;

/// Half of the last digit that is printed, of scores and of percents.
const ROUNDED: f64 = 0.05 + 1e-9;

/// Overall scores come back to the digit. Of single dimensions seven in 25 do not, since the percents that they are made of
/// are rounded too: these come back as far as the rounded percents say.
#[test]
fn published_scores_come_back_from_their_shares() {
    let Some(folder) = trustmh_testing::shared("data/vera-mh") else { return };
    let table = fs::read_to_string(folder.join("published_scores_v1_some_models.csv")).unwrap();
    let mut compared = 0;
    for row in table.lines().skip(1) {
        let (model, numbers) = row.split_once(',').unwrap();
        let numbers: Vec<f64> = numbers.split(',').map(|number| number.parse().unwrap()).collect();
        // Overall and five dimensions: score, % of high potential for harm, % of best practice.
        assert_eq!(numbers.len(), 18, "{row}");
        for (place, published) in numbers.chunks(3).enumerate() {
            let [score, high, best] = published else { panic!("{published:?}") };
            let found = of_percents(*best, *high);
            let least = of_percents(best - ROUNDED, high + ROUNDED) - ROUNDED;
            let most = of_percents(best + ROUNDED, high - ROUNDED) + ROUNDED;
            assert!(least <= *score && *score <= most, "{model}: {found} is not {score}");
            assert!(place > 0 || (found - score).abs() <= ROUNDED, "{model}: {found}, {score}");
            compared += 1;
        }
    }
    assert_eq!(compared, 30);
}
