use super::handing_out::BETWEEN_SUSPECTS;
use super::*;
use crate::wire::Room;
use trustmh_core::call::{CallSpec, Purpose, Sampling};
use trustmh_core::message::Message;
use trustmh_core::request::RequestOptions;

const LEASE: Duration = Duration::from_secs(30);

fn model() -> ModelId {
    ModelId::new("openai/small")
}

fn call(number: usize) -> CallSpec {
    CallSpec {
        purpose: Purpose::Subject { turn: 0 },
        messages: vec![Message::user(number.to_string())],
        sampling: Sampling { temperature: 0.0, max_tokens: 1, seed: None, thinking_tokens: None },
        repeat: 0,
        trial: None,
        options: RequestOptions::default(),
    }
}

fn key(number: usize) -> CallKey {
    CallKey::of(&model(), &call(number))
}

fn job(number: usize) -> Arc<Job> {
    Arc::new(Job::of(&model(), &call(number), 5))
}

fn who(session: &str) -> WorkerSession {
    WorkerSession { worker: format!("worker {session}"), session: session.to_owned() }
}

/// A coordinator at a desk, and a clock.
struct Scene {
    ledger: Ledger,
    now: Instant,
}

impl Scene {
    fn of(calls: usize, most: u32) -> Self {
        let mut ledger = Ledger::new(most, LEASE);
        (0..calls).for_each(|number| ledger.want(&key(number), job(number)));
        Self { ledger, now: Instant::now() }
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
    }

    /// What a worker with so much room gets.
    fn ask(&mut self, session: &str, ask: u64, room: u32) -> Option<Grant> {
        self.ledger.workers.heard(&who(session), vec![model()], self.now);
        let room = [Room { model: model(), calls: room }];
        self.ledger.hand_out(&who(session), ask, &room, usize::MAX, self.now)
    }

    fn keys(&mut self, session: &str, ask: u64, room: u32) -> Vec<(CallKey, u32)> {
        let handed = self.ask(session, ask, room);
        let calls = handed.into_iter().flat_map(|handed| handed.calls);
        calls.map(|call| (call.place.key, call.time)).collect()
    }

    fn let_lapse(&mut self) {
        self.pass(LEASE);
        self.ledger.lapse(self.now);
    }
}

#[test]
fn a_call_is_in_one_workers_hands_until_its_lease_runs_out() {
    let mut scene = Scene::of(3, 5);
    assert_eq!(scene.keys("a", 1, 2), [(key(0), 1), (key(1), 1)]);
    assert_eq!(scene.keys("b", 1, 9), [(key(2), 1)]);
    assert!(scene.ask("c", 1, 9).is_none());
    scene.pass(LEASE / 2);
    scene.ledger.hold("a", &[key(0), key(1)], scene.now);
    // Nobody renews what is another's.
    scene.ledger.hold("a", &[key(2)], scene.now);
    scene.pass(LEASE / 2);
    let silent = scene.ledger.lapse(scene.now);
    assert_eq!(silent.into_iter().collect::<Vec<_>>(), ["b"], "who holds on is not silent");
    assert_eq!(scene.keys("c", 2, 9), [(key(2), 2)]);
}

#[test]
fn a_call_that_its_holder_never_gives_back_goes_to_another() {
    let mut scene = Scene::of(1, 5);
    assert_eq!(scene.keys("a", 1, 1).len(), 1);
    for _ in 0..300 {
        scene.pass(LEASE / 2);
        scene.ledger.hold("a", &[key(0)], scene.now);
        scene.ledger.lapse(scene.now);
    }
    assert_eq!(scene.keys("b", 1, 1), [(key(0), 2)]);
}

#[test]
fn a_call_is_given_up_after_so_many_hand_outs_and_not_before() {
    let mut scene = Scene::of(1, 3);
    for time in 1..=3 {
        assert!(scene.ledger.given_up().is_empty());
        assert_eq!(scene.keys("a", 1, 1), [(key(0), time)]);
        scene.let_lapse();
    }
    assert!(scene.ask("a", 1, 1).is_none());
    assert_eq!(scene.ledger.given_up(), [(key(0), 3)]);
}

#[test]
fn where_workers_die_all_the_time_a_call_is_not_to_blame_for_it() {
    let mut scene = Scene::of(60, 3);
    // Twenty workers die, each with calls of its own.
    for number in 0..20 {
        assert_eq!(scene.keys(&format!("dies {number}"), 1, 2).len(), 2);
    }
    scene.let_lapse();
    for time in 2..=3 {
        // One is lost again and again, the others come back.
        let handed = scene.ask("once", time, 1).expect("a call");
        let unlucky = handed.calls[0].place.clone();
        scene.let_lapse();
        let entry = scene.ledger.calls.get(&unlucky).expect("it is not given up");
        assert!(matches!(entry.state, State::Waiting));
    }
    for ask in 0..200 {
        let session = format!("lost {ask}");
        let handed = scene.ask(&session, 1, 1).expect("a call");
        for call in handed.calls.iter().filter(|call| call.place.key != key(0)) {
            assert!(scene.ledger.come(&handed.permit, &call.place.key).is_some());
        }
        scene.let_lapse();
        if !scene.ledger.given_up.is_empty() {
            break;
        }
    }
    // In the end it is: more workers died with it than chance explains.
    let given_up = scene.ledger.given_up();
    assert!(matches!(&given_up[..], [(call, 4..=12)] if *call == key(0)), "{given_up:?}");
}

#[test]
fn suspects_go_out_one_by_one() {
    let mut scene = Scene::of(4, 3);
    for _ in 0..2 {
        assert_eq!(scene.keys("a", 1, 9).len(), 4);
        scene.let_lapse();
    }
    // The third time is the last: one alone, and the next when its result is here, or after a while.
    let first = scene.ask("b", 1, 9).expect("one");
    assert_eq!(first.calls.len(), 1);
    assert!(scene.ask("c", 1, 9).is_none());
    assert!(scene.ledger.come(&first.permit, &first.calls[0].place.key).is_some());
    assert_eq!(scene.keys("c", 2, 9).len(), 1);
    assert!(scene.ask("d", 1, 9).is_none());
    scene.pass(BETWEEN_SUSPECTS);
    assert_eq!(scene.keys("d", 2, 9).len(), 1);
}

#[test]
fn an_answer_that_never_arrived_counts_for_nothing() {
    let mut scene = Scene::of(2, 5);
    for ask in 1..=10 {
        let calls = scene.keys("a", ask, 9);
        assert!(calls.len() == 2 && calls.iter().all(|(_, time)| *time == 1), "{calls:?}");
        scene.ledger.lost("a", &[ask]);
    }
    // Of another's requests a worker says nothing.
    assert_eq!(scene.keys("a", 11, 9).len(), 2);
    scene.ledger.lost("b", &[11]);
    assert!(scene.ask("b", 1, 9).is_none());
    // Who says so again and again is believed no more.
    for ask in 12..40 {
        scene.ledger.lost("a", &[ask - 1]);
        scene.ask("a", ask, 9);
    }
    assert!(scene.ledger.calls.values().all(|entry| entry.times <= 2));
    let taken_back = scene.ask("z", 1, 9).map(|handed| handed.permit);
    assert!(taken_back.is_none());
}

#[test]
fn what_could_not_be_written_down_is_taken_back() {
    let mut scene = Scene::of(1, 5);
    let handed = scene.ask("a", 1, 1).expect("a call");
    scene.ledger.take_back(&handed.permit);
    assert!(scene.ledger.come(&handed.permit, &key(0)).is_none());
    assert_eq!(scene.keys("b", 1, 1), [(key(0), 1)]);
}

#[test]
fn a_result_is_taken_once_and_only_from_whom_it_was_given() {
    let mut scene = Scene::of(2, 5);
    let handed = scene.ask("a", 1, 1).expect("a call");
    assert!(scene.ledger.come(&Permit::new(), &key(0)).is_none(), "nobody had this permit");
    assert!(scene.ledger.come(&handed.permit, &key(1)).is_none(), "this call was not given by it");
    let came = scene.ledger.come(&handed.permit, &key(0)).expect("it was given");
    assert_eq!((came.who, came.times, came.kind), (who("a"), 1, Kind::Run));
    assert!(scene.ledger.come(&handed.permit, &key(0)).is_none(), "it came already");
    scene.ledger.settle(&Place::of_run(&key(0)));
    assert!(scene.ledger.come(&handed.permit, &key(0)).is_none());
    assert!(scene.ledger.permits.is_empty(), "nothing is kept of what is over");
}

#[test]
fn the_late_result_of_one_that_was_cut_off_is_as_good_as_anothers() {
    let mut scene = Scene::of(1, 5);
    let first = scene.ask("a", 1, 1).expect("a call");
    scene.let_lapse();
    let second = scene.ask("b", 1, 1).expect("the call again");
    assert!(scene.ledger.come(&first.permit, &key(0)).is_some_and(|came| came.times == 2));
    assert!(scene.ledger.come(&second.permit, &key(0)).is_none());
}

#[test]
fn a_refused_result_makes_its_call_go_out_again() {
    let mut scene = Scene::of(1, 5);
    let handed = scene.ask("a", 1, 1).expect("a call");
    assert!(scene.ledger.come(&handed.permit, &key(0)).is_some());
    scene.ledger.refuse(&Place::of_run(&key(0)));
    assert_eq!(scene.keys("b", 1, 1), [(key(0), 2)]);
}

#[test]
fn a_coordinator_that_takes_over_knows_what_is_out() {
    let mut scene = Scene::of(0, 5);
    let (permit, until) = (Permit::new(), scene.now + LEASE);
    let calls = vec![(key(0), 2), (key(1), 1)];
    scene.ledger.recall(permit.clone(), who("a"), calls, 7, until, scene.now);
    assert_eq!(scene.ledger.over_before(), Some(7));
    scene.ledger.want(&key(0), job(0));
    assert!(scene.ask("b", 1, 9).is_none(), "it may be in hand");
    scene.ledger.hold("a", &[key(0)], scene.now + LEASE / 2);
    scene.pass(LEASE);
    scene.ledger.lapse(scene.now);
    assert!(scene.ask("b", 2, 9).is_none(), "its holder asked for time");
    let came = scene.ledger.come(&permit, &key(0)).expect("it was given");
    assert_eq!(came.times, 2);
    scene.ledger.settle(&Place::of_run(&key(0)));
    scene.ledger.want(&key(1), job(1));
    assert_eq!(scene.keys("b", 3, 9), [(key(1), 2)]);
    scene.ledger.settle(&Place::of_run(&key(1)));
    assert_eq!(scene.ledger.over_before(), None);
}

#[test]
fn no_lease_runs_out_while_nobody_can_be_heard() {
    let mut scene = Scene::of(1, 5);
    assert_eq!(scene.keys("a", 1, 1).len(), 1);
    scene.pass(LEASE * 3);
    scene.ledger.was_deaf(scene.now);
    assert!(scene.ledger.lapse(scene.now).is_empty());
    scene.let_lapse();
    assert_eq!(scene.keys("b", 1, 1), [(key(0), 2)]);
}

#[test]
fn an_audit_goes_to_another_worker_than_the_first() {
    let mut scene = Scene::of(1, 5);
    let first = scene.ask("a", 1, 1).expect("a call");
    assert!(scene.ledger.come(&first.permit, &key(0)).is_some());
    scene.ledger.settle(&Place::of_run(&key(0)));
    scene.ledger.want_audit(&key(0), job(0), "worker a".to_owned());
    assert!(scene.ask("a", 2, 1).is_none());
    let second = scene.ask("b", 1, 1).expect("the audit");
    let came = scene.ledger.come(&second.permit, &key(0)).expect("it was given");
    assert_eq!(came.kind, Kind::Audit);
    scene.ledger.settle(&Place::audit(&key(0)));
    assert_eq!(scene.ledger.audits().count(), 0);
}

#[test]
fn a_worker_that_cannot_make_calls_gets_none_while_others_can() {
    let mut scene = Scene::of(2, 5);
    let broken = scene.ask("a", 1, 1).expect("a call");
    let failed = Place::of_run(&key(0));
    assert!(scene.ledger.come(&broken.permit, &key(0)).is_some());
    scene.ledger.workers.bar("a", &model(), Exclusion::ForGood, scene.now);
    assert!(!scene.ledger.try_elsewhere(&failed, scene.now), "nobody else is there");
    scene.ledger.workers.heard(&who("b"), vec![model()], scene.now);
    assert!(scene.ledger.try_elsewhere(&failed, scene.now));
    assert!(scene.ask("a", 2, 9).is_none());
    assert_eq!(scene.keys("b", 1, 9), [(key(0), 2), (key(1), 1)]);
    // Who was not heard of for long serves nothing.
    scene.pass(Duration::from_secs(60));
    assert!(!scene.ledger.workers.serves(&model(), scene.now));
}

#[test]
fn who_brings_what_cannot_be_used_gets_no_more() {
    let mut scene = Scene::of(1, 5);
    scene.ledger.workers.heard(&who("a"), vec![model()], scene.now);
    let told: Vec<bool> = (0..5).map(|_| scene.ledger.workers.brought_bad("a")).collect();
    assert_eq!(told, [false, false, true, false, false]);
    assert!(scene.ask("a", 1, 1).is_none());
    assert!(scene.ask("b", 1, 1).is_some());
}

#[test]
fn an_answer_holds_no_more_than_fits() {
    let mut scene = Scene::of(9, 5);
    scene.ledger.workers.heard(&who("a"), vec![model()], scene.now);
    let room = [Room { model: model(), calls: 9 }];
    let handed = scene.ledger.hand_out(&who("a"), 1, &room, 1_500, scene.now);
    assert_eq!(handed.map(|handed| handed.calls.len()), Some(3));
}
