//! What a worker tries to reach, with and without an account of its own.

use crate::support::nats::Nats;
use crate::support::{ended, program};
use async_nats::jetstream::stream::{Config, RetentionPolicy};
use async_nats::jetstream::{self};
use futures_util::StreamExt;
use std::time::Duration;

use super::{ONE_ACCOUNT, Place, blocking, documented};

#[test]
fn a_worker_under_the_documented_permissions_reaches_nothing_that_is_not_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let config = format!("jetstream {{ store_dir: \"STORE\" }}\n{}", documented());
    let Some(nats) = Nats::with(here, &config) else { return };
    let mut setup = program(here);
    setup.args(["cluster", "setup", "--cluster", &nats.url()]);
    setup.env("TRUSTMH_NATS_USER", "coordinator").env("TRUSTMH_NATS_PASSWORD", "first-secret");
    ended(setup.output().unwrap()).with_code(0);
    let worked = blocking(async { Place::at(&nats).await.attacked().await });
    assert!(worked.is_empty(), "{worked:?}");
    // What a worker may do it can do: this server is not merely deaf.
    blocking(async {
        let place = Place::at(&nats).await;
        let before = place.waiting("TRUSTMH_RESULTS").await.unwrap();
        let brought = jetstream::new(place.attacker.clone());
        brought.publish("trustmh.results.run", "mine".into()).await.unwrap().await.unwrap();
        assert_eq!(place.waiting("TRUSTMH_RESULTS").await, Some(before + 1));
        let mut work = place.coordinator.subscribe("trustmh.work.run").await.unwrap();
        place.coordinator.flush().await.unwrap();
        // That somebody listens in one account is known in another a moment later; until then there is nobody to ask.
        let asked = async {
            loop {
                match place.attacker.request("trustmh.work.run", "?".into()).await {
                    Ok(answer) => break answer,
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        };
        let answered = async {
            let question = tokio::time::timeout(Duration::from_secs(60), work.next());
            let question = question.await.unwrap().unwrap();
            let inbox = question.reply.unwrap();
            assert!(inbox.starts_with("_R_."), "{inbox}");
            place.coordinator.publish(inbox, "!".into()).await.unwrap();
        };
        let (answer, ()) = tokio::join!(asked, answered);
        assert_eq!(answer.payload, "!");
    });
}

/// The attack is real: where a worker may ask the server itself, most of it works.
#[test]
fn under_permissions_of_one_account_the_same_attack_works() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let config = format!("jetstream {{ store_dir: \"STORE\" }}\n{ONE_ACCOUNT}");
    let Some(nats) = Nats::with(here, &config) else { return };
    let worked = blocking(async {
        let place = Place::at(&nats).await;
        for (name, subject) in [
            ("TRUSTMH_RESULTS", "trustmh.results.*"),
            ("TRUSTMH_HANDED", "trustmh.handed.*"),
            ("KV_trustmh-quota", "$KV.trustmh-quota.>"),
        ] {
            let config = Config {
                name: name.to_owned(),
                subjects: vec![subject.to_owned()],
                retention: if name == "TRUSTMH_HANDED" {
                    RetentionPolicy::WorkQueue
                } else {
                    RetentionPolicy::Limits
                },
                allow_direct: true,
                allow_rollup: true,
                ..Default::default()
            };
            place.context.create_stream(config).await.unwrap();
        }
        place.attacked().await
    });
    for what in [
        "answers in the coordinator's inbox",
        "forged offers",
        "entries in the coordinator's log",
        "push consumers",
        "replies of other workers read",
        "results purged",
        "streams deleted",
    ] {
        assert!(worked.contains(&what), "{what} is not among {worked:?}");
    }
}
