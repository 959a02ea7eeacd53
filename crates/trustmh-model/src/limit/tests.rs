//! The gate, with time that is set forward.

use super::*;

async fn entered(limiter: &Limiter, tokens: u64) -> Permit<'_> {
    limiter.enter(tokens, Turn::First).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn nobody_is_let_through_once_a_stop_is_asked_for() {
    let (stop, stopped) = watch::channel(Halt::No);
    let limiter = Limiter::new(Bounds::at_once(1)).until(stopped);
    let inside = entered(&limiter, 0).await;
    let waits = limiter.enter(0, Turn::First);
    tokio::pin!(waits);
    assert!(futures_util::poll!(waits.as_mut()).is_pending());
    stop.send(Halt::Draining).unwrap();
    // There is a place, and a call that waits for it: it is too late all the same.
    inside.done(Passage::Through);
    assert_eq!(waits.await.err(), Some(Halted));
    assert_eq!(limiter.enter(0, Turn::Again).await.err(), Some(Halted));
}

#[tokio::test(start_paused = true)]
async fn calls_that_are_tried_again_go_before_others_at_a_bounded_pace() {
    let limiter = Limiter::new(Bounds { calls_per_minute: Some(60), ..Bounds::at_once(8) });
    entered(&limiter, 0).await.done(Passage::Through);
    let order = Mutex::new(Vec::new());
    let one = |turn| {
        let (limiter, order) = (&limiter, &order);
        async move {
            limiter.enter(0, turn).await.unwrap().done(Passage::Through);
            order.lock().push(turn);
        }
    };
    let firsts = futures_util::future::join_all((0..3).map(|_| one(Turn::First)));
    tokio::join!(firsts, one(Turn::Again));
    assert_eq!(order.lock()[0], Turn::Again);
}

#[tokio::test(start_paused = true)]
async fn the_server_is_left_alone_for_as_long_as_it_asks() {
    let limiter = Limiter::new(Bounds::at_once(8));
    entered(&limiter, 0).await.done(Passage::Limited(Some(Duration::from_secs(7))));
    let begun = Instant::now();
    drop(entered(&limiter, 0).await);
    assert!(begun.elapsed() >= Duration::from_secs(7));
}

#[tokio::test(start_paused = true)]
async fn refusals_of_one_episode_count_once_and_idle_calls_do_not_raise_the_limit() {
    let limiter = Limiter::new(Bounds::at_once(100));
    let permits =
        [entered(&limiter, 0).await, entered(&limiter, 0).await, entered(&limiter, 0).await];
    for permit in permits {
        permit.done(Passage::Limited(None));
    }
    assert_eq!(limiter.limit(), 3, "4 x 0.8, once");
    for _ in 0..50 {
        entered(&limiter, 0).await.done(Passage::Through);
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
        let mut permit = entered(&limiter, 400).await;
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
        entered(&limiter, 0).await.done(Passage::Through);
    }
    let taken = begun.elapsed().as_secs_f64();
    assert!((9.9..=10.1).contains(&taken), "{taken} s for 20 gaps of half a second");
}

#[tokio::test(start_paused = true)]
async fn what_calls_are_doing_is_counted_while_they_do_it() {
    let traffic = Traffic::default();
    let bounds = Bounds { calls_per_minute: Some(60), ..Bounds::at_once(8) };
    let limiter = Limiter::new(bounds).counted_by(&traffic);
    let inside = entered(&limiter, 0).await;
    let paced = limiter.enter(0, Turn::First);
    tokio::pin!(paced);
    assert!(futures_util::poll!(paced.as_mut()).is_pending());
    let now = traffic.now();
    assert_eq!((now.in_flight, now.limited, now.retrying, now.waiting()), (1, 1, 0, 1));
    inside.done(Passage::Through);
    let second = paced.await.unwrap();
    assert_eq!((traffic.now().in_flight, traffic.now().waiting()), (1, 0));
    drop(second);
    assert_eq!(traffic.now().in_flight, 0);
}
