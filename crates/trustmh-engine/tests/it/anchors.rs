//! Anchors of task files: what is best and what is worth nothing, and which of them are refused.
use trustmh_core::metric::{Anchors, Direction};
use trustmh_engine::task::Task;

fn knowledge(anchors: &str) -> Result<Task, String> {
    let path = format!("{}/../../benchmark/reliability/knowledge.toml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let known = "anchors = { best = 1.0, worst = 0.2 }\n";
    assert!(text.contains(known));
    Task::parse("own.toml", &text.replacen(known, anchors, 1)).map_err(|error| error.to_string())
}

#[test]
fn anchors_lie_in_the_range_apart_and_on_the_right_sides() {
    let task = knowledge("anchors = { best = 0.9, worst = 0.3 }\n").unwrap();
    assert_eq!(task.file.metrics[0].anchors(), Some(Anchors { best: 0.9, worst: 0.3 }));
    let plain = knowledge("").unwrap();
    assert_eq!(plain.file.metrics[0].anchors(), Some(Anchors { best: 1.0, worst: 0.0 }));
    for (anchors, why) in [
        ("best = 1.0, worst = 1.0", "must be above worst"),
        ("best = 0.2, worst = 0.8", "must be above worst"),
        ("best = 1.5, worst = 0.2", "must lie in the range"),
        ("best = nan, worst = 0.2", "must lie in the range"),
    ] {
        let fault = knowledge(&format!("anchors = {{ {anchors} }}\n")).unwrap_err();
        assert!(fault.contains("metrics.accuracy.anchors") && fault.contains(why), "{fault}");
    }
    assert!(knowledge("anchors = { best = 1.0 }\n").is_err());
}

#[test]
fn a_task_is_not_ranked_by_what_only_describes() {
    let text = std::fs::read_to_string(format!(
        "{}/../../benchmark/reliability/knowledge.toml",
        env!("CARGO_MANIFEST_DIR")
    ));
    let text = text.unwrap().replacen("direction = \"higher\"", "direction = \"none\"", 1);
    let text = text.replacen("anchors = { best = 1.0, worst = 0.2 }\n", "", 1);
    let fault = Task::parse("own.toml", &text).unwrap_err().to_string();
    assert!(fault.contains("metrics.accuracy.direction"), "{fault}");
}

#[test]
fn scores_go_by_anchors_and_end_at_them() {
    let r = Anchors { best: 1.0, worst: 0.0 };
    assert_eq!(r.score(Direction::Higher, -0.4), Some(0.0));
    assert_eq!(r.score(Direction::Higher, 0.25), Some(25.0));
    let excess = Anchors { best: 0.0, worst: 1.0 };
    assert_eq!(excess.score(Direction::Lower, 0.0), Some(100.0));
    assert_eq!(excess.score(Direction::Lower, -0.2), Some(100.0));
    assert_eq!(excess.score(Direction::Lower, 0.75), Some(25.0));
    let bias = Anchors::of_range(Direction::NearZero, (-3.0, 3.0)).unwrap();
    assert_eq!(bias.score(Direction::NearZero, -1.5), Some(50.0));
    assert_eq!(Anchors::of_range(Direction::None, (0.0, 1.0)), None);
    assert_eq!(Anchors { best: 1.0, worst: 1.0 }.score(Direction::Higher, 1.0), None);
}
