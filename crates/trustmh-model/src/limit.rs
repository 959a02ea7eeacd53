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
    /// A gate that lets at most `most` calls through at once, and `per_minute` a minute, if that is given.
    pub fn new(most: usize, per_minute: Option<u32>) -> Self {
        let now = Instant::now();
        let most = most.max(1) as f64;
        let allowed = per_minute.map(|calls| (f64::from(calls) / 60.0).max(1.0 / 60.0));
        Self {
            state: Mutex::new(State {
                limit: FIRST.min(most),
                growth: Growth::Doubling,
                in_flight: 0,
                waiting: 0,
                pace: allowed,
                ceiling: allowed.unwrap_or(f64::INFINITY),
                next: now,
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

    /// Waits for a place. Whoever gets one must say with [`Limiter::done`] what became of the call; a permit that
    /// is dropped gives its place back.
    pub async fn enter(&self) -> Permit<'_> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let wait = match self.try_enter() {
                None => return Permit { limiter: self, open: true },
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

    fn try_enter(&self) -> Option<Wait> {
        let now = Instant::now();
        let mut state = self.held();
        if now < state.silent_until {
            return Some(Wait::Until(state.silent_until));
        }
        if f64::from(state.in_flight) + 1.0 > state.limit {
            return Some(Wait::Change);
        }
        if let Some(pace) = state.pace {
            if now < state.next {
                return Some(Wait::Until(state.next));
            }
            state.next = state.next.max(now) + Duration::from_secs_f64(1.0 / pace);
        }
        state.in_flight += 1;
        None
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
    open: bool,
}

impl Permit<'_> {
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
        let limiter = Arc::new(Limiter::new(most, None));
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
                        let permit = limiter.enter().await;
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
        let limiter = Limiter::new(8, None);
        limiter.enter().await.done(Passage::Limited(Some(Duration::from_secs(7))));
        let begun = Instant::now();
        drop(limiter.enter().await);
        assert!(begun.elapsed() >= Duration::from_secs(7));
    }

    #[tokio::test(start_paused = true)]
    async fn refusals_of_one_episode_count_once_and_idle_calls_do_not_raise_the_limit() {
        let limiter = Limiter::new(100, None);
        let permits = [limiter.enter().await, limiter.enter().await, limiter.enter().await];
        for permit in permits {
            permit.done(Passage::Limited(None));
        }
        assert_eq!(limiter.limit(), 3, "4 x 0.8, once");
        for _ in 0..50 {
            limiter.enter().await.done(Passage::Through);
        }
        assert_eq!(limiter.limit(), 3, "one call at a time never needed more");
    }

    #[tokio::test(start_paused = true)]
    async fn a_given_rate_is_kept() {
        let limiter = Limiter::new(8, Some(120));
        let begun = Instant::now();
        for _ in 0..21 {
            limiter.enter().await.done(Passage::Through);
        }
        let taken = begun.elapsed().as_secs_f64();
        assert!((9.9..=10.1).contains(&taken), "{taken} s for 20 gaps of half a second");
    }
}
