//! Servers in simulated time.

use super::Quota;
use super::control::{Came, Control, Entry, Patience, Ticket};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet, VecDeque};
use std::time::Duration;

/// A server, as far as refusals go.
#[derive(Debug, Clone, Copy)]
enum Server {
    /// Takes everything.
    Open,
    /// A bucket of so many calls, filled at so many a second.
    Bucket { a_second: f64, burst: f64 },
    /// So many calls in each window.
    Window { calls: u32, window: Duration },
    /// So many in any second.
    Sliding { a_second: usize },
    /// A share of calls at random.
    Noise { share: f64 },
    /// Both.
    NoisyBucket { a_second: f64, burst: f64, share: f64 },
    /// Each call the first time.
    FirstTries,
}

struct Setting {
    server: Server,
    asks: Option<Duration>,
    most: usize,
    latency: Duration,
    calls: u32,
    seed: u64,
}

#[derive(Debug)]
struct Ran {
    rate: f64,
    /// Refused, of all that were sent.
    refused: f64,
    seconds: f64,
    /// Calls that were refused five times.
    lost: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    Ask { walker: usize, tries: u32 },
    Answer { walker: usize, tries: u32 },
}

struct Fill {
    left: f64,
    at: Duration,
    window: Duration,
    sliding: VecDeque<Duration>,
    seen: HashSet<usize>,
}

fn passes(
    server: Server,
    fill: &mut Fill,
    now: Duration,
    call: usize,
    rng: &mut ChaCha8Rng,
) -> bool {
    let mut bucket = |a_second: f64, burst: f64| {
        fill.left = (fill.left + (now - fill.at).as_secs_f64() * a_second).min(burst);
        fill.at = now;
        let passes = fill.left >= 1.0;
        if passes {
            fill.left -= 1.0;
        }
        passes
    };
    match server {
        Server::Open => true,
        Server::Bucket { a_second, burst } => bucket(a_second, burst),
        Server::NoisyBucket { a_second, burst, share } => {
            rng.random::<f64>() >= share && bucket(a_second, burst)
        }
        Server::Window { calls, window } => {
            while now >= fill.window + window {
                fill.window += window;
                fill.left = 0.0;
            }
            fill.left += 1.0;
            fill.left <= f64::from(calls)
        }
        Server::Sliding { a_second } => {
            while fill.sliding.front().is_some_and(|then| now - *then >= Duration::from_secs(1)) {
                fill.sliding.pop_front();
            }
            let passes = fill.sliding.len() < a_second;
            if passes {
                fill.sliding.push_back(now);
            }
            passes
        }
        Server::Noise { share } => rng.random::<f64>() >= share,
        Server::FirstTries => !fill.seen.insert(call),
    }
}

fn run(setting: &Setting) -> Ran {
    let mut rng = ChaCha8Rng::seed_from_u64(setting.seed);
    let mut control = Control::new(setting.most, None);
    let walkers = setting.most + setting.most / 4;
    let mut heap: BinaryHeap<Reverse<(Duration, u64, Happening)>> = BinaryHeap::new();
    let mut order = 0;
    let mut tickets: Vec<Option<(Ticket, bool)>> = vec![None; walkers];
    let mut calls: Vec<usize> = (0..walkers).collect();
    let mut begun = walkers.min(setting.calls as usize);
    let mut queue: VecDeque<(usize, u32)> = VecDeque::new();
    let first = match setting.server {
        Server::Bucket { burst, .. } | Server::NoisyBucket { burst, .. } => burst,
        _ => 0.0,
    };
    let mut fill = Fill {
        left: first,
        at: Duration::ZERO,
        window: Duration::ZERO,
        sliding: VecDeque::new(),
        seen: HashSet::new(),
    };
    let (mut done, mut sent, mut refused, mut lost) = (0, 0.0, 0.0, 0);
    let mut now = Duration::ZERO;
    let mut wake: Option<Duration> = None;
    for walker in 0..walkers.min(setting.calls as usize) {
        heap.push(Reverse((now, order, Happening::Ask { walker, tries: 1 })));
        order += 1;
    }
    while done < setting.calls {
        // Whoever waits is let in as soon as may be.
        while let Some((walker, tries)) = queue.front().copied() {
            match control.enter(now) {
                Entry::Go(ticket) => {
                    queue.pop_front();
                    sent += 1.0;
                    let passes = passes(setting.server, &mut fill, now, calls[walker], &mut rng);
                    tickets[walker] = Some((ticket, passes));
                    let answer = Happening::Answer { walker, tries };
                    heap.push(Reverse((now + setting.latency, order, answer)));
                    order += 1;
                }
                Entry::Until(then) => {
                    wake = Some(then.max(now + Duration::from_nanos(1)));
                    break;
                }
                Entry::Full => {
                    wake = None;
                    break;
                }
            }
        }
        let next = heap.peek().map(|Reverse((at, ..))| *at);
        if let Some(then) =
            wake.filter(|then| !queue.is_empty() && next.is_none_or(|next| *then < next))
        {
            now = then;
            wake = None;
            continue;
        }
        let Some(Reverse((at, _, happening))) = heap.pop() else { break };
        now = at;
        match happening {
            Happening::Ask { walker, tries: 1 } => queue.push_back((walker, 1)),
            // Calls that are tried again go before others.
            Happening::Ask { walker, tries } => queue.push_front((walker, tries)),
            Happening::Answer { walker, tries } => {
                let (ticket, passed) = tickets[walker].take().unwrap();
                let came = if passed { Came::Through } else { Came::Refused(setting.asks) };
                let waiting = u32::try_from(queue.len()).unwrap();
                let patience = control.leave(now, ticket, came, waiting);
                let over = passed || tries >= 5;
                if !passed {
                    refused += 1.0;
                    lost += u32::from(over);
                }
                if over {
                    done += 1;
                    if begun >= setting.calls as usize {
                        continue;
                    }
                    calls[walker] = begun;
                    begun += 1;
                }
                let usual = Duration::from_millis(500);
                let bound = match (patience, setting.asks) {
                    (Patience::Short(bound), _) => bound,
                    (Patience::Usual, _) => usual,
                };
                let (wait, tries) = match setting.asks {
                    _ if over => (Duration::ZERO, 1),
                    Some(asked) => (asked + bound.mul_f64(rng.random()), tries + 1),
                    None => ((bound * 2_u32.pow(tries - 1)).mul_f64(rng.random()), tries + 1),
                };
                heap.push(Reverse((now + wait, order, Happening::Ask { walker, tries })));
                order += 1;
            }
        }
    }
    let seconds = now.as_secs_f64();
    Ran { rate: f64::from(done) / seconds, refused: refused / sent, seconds, lost }
}

fn ran(server: Server, most: usize, millis: u64, calls: u32, asks: Option<Duration>) -> Vec<Ran> {
    let latency = Duration::from_millis(millis);
    (0..2).map(|seed| run(&Setting { server, asks, most, latency, calls, seed })).collect()
}

fn calm(most: usize, millis: u64, calls: u32) -> f64 {
    ran(Server::Open, most, millis, calls, None)[0].rate
}

#[test]
fn an_open_server_is_used_to_the_full() {
    // 64 at once, 20 ms each: 3,200 a second.
    let open = &ran(Server::Open, 64, 20, 20_000, None)[0];
    assert!(open.rate > 2_880.0 && open.refused == 0.0, "{open:?}");
}

#[test]
fn refusals_by_chance_do_not_slow_a_run_down() {
    for (most, millis, calls) in
        [(32, 49, 8_000), (64, 49, 12_000), (64, 20, 20_000), (200, 50, 20_000)]
    {
        let calm = calm(most, millis, calls);
        for (share, least) in [(0.02, 0.5), (0.1, 0.2)] {
            for ran in ran(Server::Noise { share }, most, millis, calls, None) {
                assert!(
                    ran.rate >= least * calm,
                    "{share} of {most}, {millis} ms: {ran:?}, calm {calm}"
                );
                assert!(ran.lost <= 4, "{ran:?}");
            }
        }
    }
}

#[test]
fn a_short_run_is_not_spent_on_finding_out() {
    let calm = calm(64, 49, 2_000);
    for (share, least) in [(0.02, 0.5), (0.1, 0.2)] {
        for ran in ran(Server::Noise { share }, 64, 49, 2_000, None) {
            assert!(ran.rate >= least * calm, "{share}: {ran:?}, calm {calm}");
        }
    }
}

#[test]
fn a_wait_that_is_asked_for_by_chance_holds_up_its_own_call_alone() {
    let calm = calm(64, 49, 20_000);
    let second = Some(Duration::from_secs(1));
    for (share, least) in [(0.02, 0.5), (0.1, 0.2)] {
        for ran in ran(Server::Noise { share }, 64, 49, 20_000, second) {
            assert!(ran.rate >= least * calm, "{share}: {ran:?}, calm {calm}");
        }
    }
}

#[test]
fn limits_are_held_whatever_their_kind() {
    let second = Duration::from_secs(1);
    for a_second in [50_u32, 300, 3_000] {
        let rate = f64::from(a_second);
        let servers = [
            Server::Bucket { a_second: rate, burst: rate },
            Server::Bucket { a_second: rate, burst: rate / 10.0 },
            Server::Window { calls: a_second, window: second },
            Server::Sliding { a_second: a_second as usize },
        ];
        // 64 calls at once of 20 ms each come to 3,200 a second.
        let most = if a_second < 3_000 { 64 } else { 200 };
        for server in servers {
            let seconds = if a_second < 3_000 { 60 } else { 40 };
            for ran in ran(server, most, 20, seconds * a_second, None) {
                let near = (0.85..=1.15).contains(&(ran.rate / rate));
                assert!(near && ran.refused < 0.05 && ran.lost == 0, "{server:?}: {ran:?}");
            }
        }
    }
}

#[test]
fn limits_that_say_when_to_come_back_are_held() {
    let second = Duration::from_secs(1);
    for a_second in [50_u32, 300, 3_000] {
        let rate = f64::from(a_second);
        let bucket = Server::Bucket { a_second: rate, burst: rate };
        let window = Server::Window { calls: a_second, window: second };
        // A window that asks for a second whenever it is met is left alone for that second.
        for (server, least) in [(bucket, 0.85), (window, 0.75)] {
            let seconds = if a_second < 3_000 { 60 } else { 40 };
            for ran in ran(server, 200, 20, seconds * a_second, Some(second)) {
                let near = (least..=1.15).contains(&(ran.rate / rate));
                assert!(near && ran.refused < 0.05, "{server:?}: {ran:?}");
            }
        }
    }
}

#[test]
fn a_limit_with_noise_on_top_is_still_a_limit() {
    for a_second in [300.0] {
        let server = Server::NoisyBucket { a_second, burst: a_second, share: 0.02 };
        for ran in ran(server, 200, 20, 60 * a_second as u32, None) {
            assert!((0.6..=1.15).contains(&(ran.rate / a_second)), "{ran:?}");
            assert!(ran.refused < 0.25, "{ran:?}");
        }
    }
}

#[test]
fn a_server_that_refuses_each_first_try_is_seen_through() {
    for asks in [None, Some(Duration::from_secs(1))] {
        for ran in ran(Server::FirstTries, 32, 20, 20, asks) {
            assert!(ran.seconds < 12.0 && ran.lost == 0, "{ran:?}");
        }
    }
    for ran in ran(Server::FirstTries, 32, 20, 2_000, None) {
        assert!(ran.seconds < 90.0 && ran.lost == 0, "{ran:?}");
    }
}

#[test]
fn what_headers_leave_is_given_out_evenly() {
    let mut control = Control::new(64, None);
    let quota =
        |remaining| Quota { limit: Some(600.0), remaining, resets_in: Duration::from_secs(60) };
    let gap = |control: &mut Control| {
        let begun = Duration::from_secs(1);
        let Entry::Go(_) = control.enter(begun) else { panic!("there is room") };
        match control.enter(begun) {
            Entry::Until(then) => Some(then - begun),
            Entry::Go(_) | Entry::Full => None,
        }
    };
    control.advise(Duration::ZERO, quota(500.0));
    assert_eq!(gap(&mut control), None, "plenty is left");
    let mut control = Control::new(64, None);
    // A bucket of 600 that is full in a minute once it is empty gives ten a second.
    control.advise(Duration::ZERO, quota(0.0));
    assert_eq!(gap(&mut control), Some(Duration::from_millis(100)));
}
