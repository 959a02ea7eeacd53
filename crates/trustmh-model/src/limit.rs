//! How many calls one endpoint is asked at once, and how fast: found out as the run goes.
//!
//! Slow start, then additive increase; four fifths once per episode of rate limits (Chiu & Jain 1989, doi
//! 10.1016/0169-7552(89)90019-6). It only grows when the limit was what held calls back. A server that says when to
//! come back is left alone until then, and from its first refusal on calls are paced to what it let through.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Calls at once to begin with.
const FIRST: f64 = 4.0;
/// Over how long the rate that gets through is measured.
const WINDOW: Duration = Duration::from_secs(1);
/// An episode lasts at least so long: refusals of calls already under way are the same one.
const EPISODE: Duration = Duration::from_secs(1);
/// What each reply adds to the pace, in calls a second.
const FASTER: f64 = 0.02;

/// What an endpoint gets at the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Calls at once.
    pub at_once: usize,
    /// Calls a minute, if that is bounded.
    pub calls_per_minute: Option<u32>,
    /// Tokens a minute, prompts and replies together, if that is bounded.
    pub tokens_per_minute: Option<u32>,
}

impl Bounds {
    /// So many calls at once, and no other bound.
    pub const fn at_once(calls: usize) -> Self {
        Self { at_once: calls, calls_per_minute: None, tokens_per_minute: None }
    }
}

/// What became of a call, as far as the endpoint's limits go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// It was answered.
    Through,
    /// It was too much (429), and the server may say when to come back.
    Limited(Option<Duration>),
    /// It failed for another reason.
    Failed,
}

/// The gate before one endpoint.
#[derive(Debug)]
pub struct Limiter {
    state: Mutex<State>,
    changed: Notify,
    most: f64,
}

#[derive(Debug)]
struct State {
    limit: f64,
    growth: Growth,
    in_flight: u32,
    /// Calls that wait because of the limit.
    waiting: u32,
    /// Calls a second, once the endpoint has refused some or the user has said.
    pace: Option<f64>,
    /// The most that the user allows.
    ceiling: f64,
    next: Instant,
    /// Tokens a second, if that is bounded.
    token_pace: Option<f64>,
    /// When the tokens of all calls so far are within what is allowed.
    tokens_paid: Instant,
    silent_until: Instant,
    episode_ends: Instant,
    through: VecDeque<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Growth {
    Doubling,
    Additive,
}

enum Wait {
    Until(Instant),
    Change,
}

impl Limiter {
    /// A gate that lets through what `bounds` allow.
    pub fn new(bounds: Bounds) -> Self {
        let now = Instant::now();
        let most = bounds.at_once.max(1) as f64;
        let a_second = |a_minute: u32| (f64::from(a_minute) / 60.0).max(1.0 / 60.0);
        let allowed = bounds.calls_per_minute.map(a_second);
        Self {
            state: Mutex::new(State {
                limit: FIRST.min(most),
                growth: Growth::Doubling,
                in_flight: 0,
                waiting: 0,
                pace: allowed,
                ceiling: allowed.unwrap_or(f64::INFINITY),
                next: now,
                token_pace: bounds.tokens_per_minute.map(a_second),
                tokens_paid: now,
                silent_until: now,
                episode_ends: now,
                through: VecDeque::new(),
            }),
            changed: Notify::new(),
            most,
        }
    }

    /// How many calls may be under way now.
    pub fn limit(&self) -> usize {
        self.held().limit as usize
    }

    /// Waits for a place for a call of about `tokens` tokens. Whoever gets one must say with [`Limiter::done`] what became of the call; a permit that
    /// is dropped gives its place back.
    pub async fn enter(&self, tokens: u64) -> Permit<'_> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let wait = match self.try_enter(tokens) {
                None => return Permit { limiter: self, tokens, open: true },
                Some(wait) => wait,
            };
            match wait {
                Wait::Until(instant) => tokio::time::sleep_until(instant).await,
                Wait::Change => {
                    let _counted = Waiting::for_place(self);
                    changed.await;
                }
            }
        }
    }

    fn try_enter(&self, tokens: u64) -> Option<Wait> {
        let now = Instant::now();
        let mut state = self.held();
        if now < state.silent_until {
            return Some(Wait::Until(state.silent_until));
        }
        if f64::from(state.in_flight) + 1.0 > state.limit {
            return Some(Wait::Change);
        }
        if state.token_pace.is_some() && now < state.tokens_paid {
            return Some(Wait::Until(state.tokens_paid));
        }
        if let Some(pace) = state.pace {
            if now < state.next {
                return Some(Wait::Until(state.next));
            }
            state.next = state.next.max(now) + Duration::from_secs_f64(1.0 / pace);
        }
        if let Some(pace) = state.token_pace {
            state.tokens_paid = state.tokens_paid.max(now) + seconds(tokens as f64 / pace);
        }
        state.in_flight += 1;
        None
    }

    /// A call took other than the tokens it was let in with.
    fn correct(&self, expected: u64, used: u64) {
        let mut state = self.held();
        let Some(pace) = state.token_pace else { return };
        let off = seconds(expected.abs_diff(used) as f64 / pace);
        state.tokens_paid = if used >= expected {
            state.tokens_paid + off
        } else {
            state.tokens_paid.checked_sub(off).unwrap_or(state.tokens_paid)
        };
    }

    fn leave(&self, passage: Passage) {
        let now = Instant::now();
        let mut state = self.held();
        state.in_flight = state.in_flight.saturating_sub(1);
        match passage {
            Passage::Through => state.went_through(now, self.most),
            Passage::Limited(pause) => state.was_limited(now, pause.unwrap_or_default()),
            Passage::Failed => {}
        }
        let free = state.limit - f64::from(state.in_flight);
        drop(state);
        // The place that was left, and one that may have come with a higher limit. To wake all who wait would cost more
        // than the calls themselves.
        self.changed.notify_one();
        if free >= 2.0 {
            self.changed.notify_one();
        }
    }

    fn held(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn went_through(&mut self, now: Instant, most: f64) {
        self.through.push_back(now);
        self.forget_before(now);
        if let Some(pace) = &mut self.pace {
            *pace = (*pace + FASTER).min(self.ceiling);
        }
        if self.waiting > 0 {
            let step = match self.growth {
                Growth::Doubling => 1.0,
                Growth::Additive => 1.0 / self.limit,
            };
            self.limit = (self.limit + step).min(most);
        }
    }

    fn was_limited(&mut self, now: Instant, pause: Duration) {
        self.silent_until = self.silent_until.max(now + pause);
        if now < self.episode_ends {
            return;
        }
        self.episode_ends = now + pause.max(EPISODE);
        self.growth = Growth::Additive;
        self.limit = (self.limit * 0.8).max(1.0);
        self.forget_before(now);
        let seen = (self.through.len() as f64 / WINDOW.as_secs_f64()).max(1.0);
        self.pace = Some(self.pace.map_or(seen * 0.95, |pace| (pace * 0.9).max(1.0)));
    }

    fn forget_before(&mut self, now: Instant) {
        while self.through.front().is_some_and(|then| now.duration_since(*then) > WINDOW) {
            self.through.pop_front();
        }
    }
}

/// No wait is longer than a day, whatever is divided by what.
fn seconds(seconds: f64) -> Duration {
    const DAY: f64 = 86_400.0;
    Duration::from_secs_f64(seconds.clamp(0.0, DAY))
}

/// A call that waits for a place, counted for as long as it does.
struct Waiting<'l>(&'l Limiter);

impl<'l> Waiting<'l> {
    fn for_place(limiter: &'l Limiter) -> Self {
        limiter.held().waiting += 1;
        Self(limiter)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.0.held();
        state.waiting = state.waiting.saturating_sub(1);
    }
}

/// A place at an endpoint.
#[derive(Debug)]
pub struct Permit<'l> {
    limiter: &'l Limiter,
    tokens: u64,
    open: bool,
}

impl Permit<'_> {
    /// Says how many tokens the call took, where that is known.
    pub fn took(&mut self, tokens: u64) {
        self.limiter.correct(self.tokens, tokens);
        self.tokens = tokens;
    }

    /// Gives the place back and says what became of the call.
    pub fn done(mut self, passage: Passage) {
        self.open = false;
        self.limiter.leave(passage);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.open {
            self.limiter.leave(Passage::Failed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// A server that lets so many calls through in any second, and answers after 20 ms.
    struct Server {
        a_second: usize,
        through: Mutex<VecDeque<Instant>>,
        asked: AtomicU64,
        refused: AtomicU64,
    }

    impl Server {
        fn passes(&self) -> bool {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let now = Instant::now();
            let mut through = self.through.lock().unwrap();
            while through.front().is_some_and(|then| now.duration_since(*then) >= WINDOW) {
                through.pop_front();
            }
            let passes = through.len() < self.a_second;
            if passes {
                through.push_back(now);
            } else {
                self.refused.fetch_add(1, Ordering::Relaxed);
            }
            passes
        }
    }

    async fn storm(a_second: usize, most: usize, calls: usize) -> (f64, f64) {
        let server = Arc::new(Server {
            a_second,
            through: Mutex::default(),
            asked: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        });
        let limiter = Arc::new(Limiter::new(Bounds::at_once(most)));
        let left = Arc::new(AtomicU64::new(calls as u64));
        let begun = Instant::now();
        let workers = (0..most).map(|_| {
            let (server, limiter, left) = (server.clone(), limiter.clone(), left.clone());
            tokio::spawn(async move {
                while left
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
                    .is_ok()
                {
                    loop {
                        let permit = limiter.enter(0).await;
                        let passes = server.passes();
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        if passes {
                            permit.done(Passage::Through);
                            break;
                        }
                        permit.done(Passage::Limited(None));
                        tokio::time::sleep(Duration::from_millis(250)).await;
                    }
                }
            })
        });
        for worker in workers.collect::<Vec<_>>() {
            worker.await.unwrap();
        }
        let rate = calls as f64 / begun.elapsed().as_secs_f64();
        let asked = server.asked.load(Ordering::Relaxed) as f64;
        (rate, server.refused.load(Ordering::Relaxed) as f64 / asked)
    }

    #[tokio::test(start_paused = true)]
    async fn a_storm_of_refusals_is_ridden_out_near_what_the_server_allows() {
        let (rate, wasted) = storm(300, 200, 12_000).await;
        assert!((255.0..=345.0).contains(&rate), "{rate} calls a second where 300 are allowed");
        assert!(wasted < 0.05, "{wasted} of the requests were refused");
    }

    #[tokio::test(start_paused = true)]
    async fn an_open_server_is_used_to_the_full() {
        // 64 at once, 20 ms each: 3,200 a second.
        let (rate, wasted) = storm(1_000_000, 64, 20_000).await;
        assert!(rate > 2_880.0 && wasted == 0.0, "{rate} a second");
    }

    #[tokio::test(start_paused = true)]
    async fn the_server_is_left_alone_for_as_long_as_it_asks() {
        let limiter = Limiter::new(Bounds::at_once(8));
        limiter.enter(0).await.done(Passage::Limited(Some(Duration::from_secs(7))));
        let begun = Instant::now();
        drop(limiter.enter(0).await);
        assert!(begun.elapsed() >= Duration::from_secs(7));
    }

    #[tokio::test(start_paused = true)]
    async fn refusals_of_one_episode_count_once_and_idle_calls_do_not_raise_the_limit() {
        let limiter = Limiter::new(Bounds::at_once(100));
        let permits = [limiter.enter(0).await, limiter.enter(0).await, limiter.enter(0).await];
        for permit in permits {
            permit.done(Passage::Limited(None));
        }
        assert_eq!(limiter.limit(), 3, "4 x 0.8, once");
        for _ in 0..50 {
            limiter.enter(0).await.done(Passage::Through);
        }
        assert_eq!(limiter.limit(), 3, "one call at a time never needed more");
    }

    #[tokio::test(start_paused = true)]
    async fn tokens_a_minute_are_kept_by_what_calls_really_take() {
        let bounds = Bounds { tokens_per_minute: Some(6_000), ..Bounds::at_once(8) };
        let limiter = Limiter::new(bounds);
        let begun = Instant::now();
        for _ in 0..11 {
            // 400 were expected, 200 are taken: two seconds each at 100 a second.
            let mut permit = limiter.enter(400).await;
            permit.took(200);
            permit.done(Passage::Through);
        }
        let taken = begun.elapsed().as_secs_f64();
        assert!((19.9..=20.1).contains(&taken), "{taken} s for ten gaps of two seconds");
    }

    #[tokio::test(start_paused = true)]
    async fn a_given_rate_is_kept() {
        let limiter = Limiter::new(Bounds { calls_per_minute: Some(120), ..Bounds::at_once(8) });
        let begun = Instant::now();
        for _ in 0..21 {
            limiter.enter(0).await.done(Passage::Through);
        }
        let taken = begun.elapsed().as_secs_f64();
        assert!((9.9..=10.1).contains(&taken), "{taken} s for 20 gaps of half a second");
    }
}
