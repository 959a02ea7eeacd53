use super::*;
use proptest::prelude::*;

fn failed(turn: u32) -> Course {
    Course { turn, end: End::Failed }
}

fn clear(turn: u32) -> Course {
    Course { turn, end: End::Clear }
}

fn alone(courses: &[Course]) -> Survival {
    Survival::new(courses, &(0..courses.len()).collect::<Vec<_>>()).unwrap()
}

fn close(left: f64, right: f64) {
    assert!((left - right).abs() < 1e-9, "{left} is not {right}");
}

/// By hand: 8 at risk, 1 fails at turn 1 and 1 is clear up to there; of 6 two fail at 2; one is clear up to 3 and one fails there, of 4.
fn eight() -> Vec<Course> {
    vec![failed(1), clear(1), failed(2), failed(2), failed(3), clear(3), clear(5), clear(5)]
}

#[test]
fn the_curve_by_hand() {
    let curve = alone(&eight()).curve(3, 1);
    let shown: Vec<(u32, u64, u64, u64)> = curve
        .points
        .iter()
        .map(|point| (point.turn, point.at_risk, point.failed, point.censored))
        .collect();
    assert_eq!(shown, [(1, 8, 1, 1), (2, 6, 2, 0), (3, 4, 1, 1), (4, 2, 0, 0), (5, 2, 0, 2)]);
    let survival = [7.0 / 8.0, 7.0 / 12.0, 7.0 / 16.0, 7.0 / 16.0, 7.0 / 16.0];
    for (point, expected) in curve.points.iter().zip(survival) {
        close(point.survival, expected);
    }
    assert_eq!((curve.n, curve.clusters), (8, 8));
    let median = curve.median;
    assert_eq!((median.turn, median.low, median.high), (Some(3), Some(1), None));
    // 1 + 7/8 + 7/12 + 7/16 + 7/16.
    close(curve.restricted_mean.turns, 1.0 + 0.875 + 7.0 / 12.0 + 0.875);
    assert_eq!(curve.restricted_mean.to, 5);
}

/// Greenwood's variance at turn 3 by hand: (7/16)² (1 / (8 7) + 2 / (6 4) + 1 / (4 3)).
#[test]
fn the_interval_by_hand() {
    let survival = alone(&eight());
    let sum: f64 = 1.0 / 56.0 + 2.0 / 24.0 + 1.0 / 12.0;
    let clear: f64 = 7.0 / 16.0;
    let error = sum.sqrt() / clear.ln().abs();
    let found = survival.failed_by(3).unwrap();
    let interval = found.interval.unwrap();
    close(found.value, 9.0 / 16.0);
    close(interval.low, 1.0 - clear.powf((-Z * error).exp()));
    close(interval.high, 1.0 - clear.powf((Z * error).exp()));
    assert_eq!(interval.method, IntervalMethod::LogLog);
}

#[test]
fn nothing_is_known_beyond_the_last_turn_unless_all_have_failed() {
    assert_eq!(failed_by(eight().iter(), 6), None);
    assert_eq!(alone(&eight()).failed_by(6), None);
    assert_eq!(failed_by([failed(2), clear(1)].iter(), 9), Some(1.0));
    assert_eq!(failed_by([clear(0)].iter(), 1), None);
    assert_eq!(failed_by(eight().iter(), 0), Some(0.0));
    assert_eq!(Survival::new(&[clear(0)], &["a"]), Err(StatsError::Empty));
}

#[test]
fn none_or_all_failed_still_has_a_width() {
    let none = alone(&[clear(4); 12]).failed_by(4).unwrap();
    // As of no hit in 12 (statsmodels 0.15).
    let ends = none.interval.unwrap();
    close(ends.high, Z * Z / (12.0 + Z * Z));
    assert_eq!((none.value, ends.low, ends.method), (0.0, 0.0, IntervalMethod::Wilson));
    let all = alone(&[failed(2); 12]).failed_by(4).unwrap().interval.unwrap();
    close(all.low, 12.0 / (12.0 + Z * Z));
    // Six of the twelve are known at turn 4.
    let half: Vec<Course> = [clear(4); 6].into_iter().chain([clear(3); 6]).collect();
    close(alone(&half).failed_by(4).unwrap().interval.unwrap().high, Z * Z / (6.0 + Z * Z));
    let one = Survival::new(&[clear(4), failed(2)], &["a", "a"]).unwrap();
    assert_eq!(one.failed_by(4).unwrap().interval, None);
}

#[test]
fn without_censoring_the_clustered_variance_is_that_of_a_share() {
    let courses = [failed(1), failed(1), clear(3), failed(2), clear(3), clear(3)];
    let items = ["a", "a", "b", "b", "c", "c"];
    let found = Survival::new(&courses, &items).unwrap().failed_by(3).unwrap();
    let share = crate::sample::Sample::clustered(vec![1.0, 1.0, 0.0, 1.0, 0.0, 0.0], &items);
    let share = crate::proportion::proportion(&share.unwrap()).unwrap();
    close(found.value, share.value);
    assert_eq!((found.n, found.clusters), (share.n, share.clusters));
    // The same size and quantile, on another scale.
    let spread = Survival::new(&courses, &items).unwrap().spread(3).unwrap();
    let (low, high) = wilson_ends(0.5, spread.size, spread.quantile);
    let ends = share.interval.unwrap();
    close(low, ends.low);
    close(high, ends.high);
}

#[test]
fn influences_come_to_nothing_and_their_squares_to_greenwoods() {
    let survival = alone(&eight());
    for (place, step) in survival.steps.iter().enumerate() {
        let of = |course: &Course| influence::influences(*course, &survival.steps)[place];
        close(survival.courses.iter().map(of).sum(), 0.0);
        let squares: f64 = survival.courses.iter().map(|course| of(course).powi(2)).sum();
        close(squares * step.survival.powi(2), step.greenwood);
    }
}

#[test]
fn the_same_seed_gives_the_same_band() {
    let survival = alone(&eight());
    assert_eq!(survival.curve(3, 7), survival.curve(3, 7));
}

fn any_course() -> impl Strategy<Value = Course> {
    (1_u32..8, any::<bool>())
        .prop_map(|(turn, fails)| if fails { failed(turn) } else { clear(turn) })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn the_curve_falls_inside_its_interval_inside_its_band(
        courses in prop::collection::vec(any_course(), 2..30), size in 1_usize..4,
    ) {
        let items: Vec<usize> = (0..courses.len()).map(|place| place / size).collect();
        let curve = Survival::new(&courses, &items).unwrap().curve(3, 3);
        let mut before = 1.0;
        for point in &curve.points {
            prop_assert!((0.0..=before).contains(&point.survival));
            before = point.survival;
            if let (Some(low), Some(high)) = (point.low, point.high) {
                prop_assert!(high - low > 1e-6, "{point:?}");
                prop_assert!(low <= point.survival + 1e-12 && point.survival <= high + 1e-12);
                let (least, most) = (point.band_low.unwrap(), point.band_high.unwrap());
                prop_assert!(0.0 <= least && least <= low && high <= most && most <= 1.0);
            }
        }
    }

}

proptest! {
    /// What bounds rest on: a failure at an earlier turn, or none, makes fewer failed by the last turn than a failure at that.
    #[test]
    fn a_failure_at_the_last_turn_is_the_worst(
        courses in prop::collection::vec(any_course(), 0..12), turn in 1_u32..8, other in any_course(),
    ) {
        let with = |one: Course| {
            let all: Vec<Course> = courses.iter().copied().chain([one]).collect();
            failed_by(all.iter(), turn)
        };
        let found = with(other);
        if let Some(found) = found {
            prop_assert!(found <= with(failed(turn)).unwrap() + 1e-12);
            prop_assert!(with(clear(turn)).unwrap() <= found + 1e-12);
        }
        if let Course { turn: at @ 2.., end: End::Failed } = other && at <= turn {
            // Where the earlier failure leaves nobody to follow, nothing is known.
            let earlier = with(failed(at - 1));
            prop_assert!(earlier.is_none_or(|earlier| earlier <= found.unwrap() + 1e-12));
        }
    }
}
