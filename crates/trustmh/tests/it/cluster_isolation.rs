//! What somebody can do who has a worker's password: everything a server does for whoever asks, with its answer sent to wherever they like.

mod attacks;

use crate::support::nats::Nats;
use async_nats::jetstream::{self, Context};
use async_nats::{Client, ConnectOptions, HeaderMap, Subscriber};
use futures_util::StreamExt;
use serde_json::json;
use std::fs;
use std::path::Path;
use std::time::Duration;

const PAYLOAD: &str = "FORGED BY A WORKER";

const SECRET: &str = "ANOTHER WORKER'S REPLY";

fn blocking<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// The permissions that the documentation gives, with passwords in them.
fn documented() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cluster.md");
    let page = fs::read_to_string(page).unwrap();
    let block = page.split("```text file=permissions.conf\n").nth(1).unwrap();
    let block = block.split("```").next().unwrap();
    let block = block.replace("$COORDINATOR_PASSWORD", "\"first-secret\"");
    block.replace("$WORKER_PASSWORD", "\"second-secret\"")
}

/// Permissions of one account, in which a worker may ask the server for what it needs: they look right and are not.
const ONE_ACCOUNT: &str = r#"
authorization { users: [
  { user: coordinator, password: "first-secret" }
  { user: worker, password: "second-secret", permissions: {
      publish: [ "trustmh.results.>", "trustmh.work.*", "$KV.trustmh-quota.>"
        "$JS.API.DIRECT.GET.KV_trustmh-quota.>", "$JS.API.STREAM.MSG.GET.>"
        "$JS.API.CONSUMER.CREATE.KV_trustmh-quota.>", "$JS.API.CONSUMER.DURABLE.CREATE.KV_trustmh-quota.>" ]
      subscribe: [ "_INBOX_WORKER.>" ] } }
] }"#;

async fn connected(nats: &Nats, user: &str, password: &str, inbox: &str) -> Client {
    let options = ConnectOptions::new()
        .user_and_password(user.to_owned(), password.to_owned())
        .custom_inbox_prefix(inbox)
        .request_timeout(Some(Duration::from_millis(500)));
    options.connect(nats.url()).await.unwrap()
}

/// A server, those who are on it, and what must not be touched.
struct Place {
    coordinator: Client,
    context: Context,
    attacker: Client,
    victim: Client,
}

impl Place {
    async fn at(nats: &Nats) -> Self {
        let coordinator =
            connected(nats, "coordinator", "first-secret", "_INBOX_COORDINATOR").await;
        let attacker = connected(nats, "worker", "second-secret", "_INBOX_WORKER").await;
        let victim = connected(nats, "worker", "second-secret", "_INBOX_WORKER").await;
        let context = jetstream::new(coordinator.clone());
        Self { coordinator, context, attacker, victim }
    }

    /// What a run would have there.
    async fn furnish(&self) {
        for (subject, text) in [("trustmh.results.run", SECRET), ("trustmh.handed.run", SECRET)] {
            for _ in 0..3 {
                self.context.publish(subject, text.into()).await.unwrap().await.unwrap();
            }
        }
    }

    async fn waiting(&self, stream: &str) -> Option<u64> {
        let mut stream = self.context.get_stream(stream).await.ok()?;
        Some(stream.info().await.ok()?.state.messages)
    }

    async fn consumers(&self) -> usize {
        let mut count = 0;
        for name in ["TRUSTMH_RESULTS", "TRUSTMH_HANDED", "KV_trustmh-quota"] {
            if let Ok(mut stream) = self.context.get_stream(name).await {
                count += stream.info().await.unwrap().state.consumer_count;
            }
        }
        count
    }

    async fn send(&self, subject: &str, reply: &str, text: &str) {
        let sent = self.attacker.publish_with_reply(
            subject.to_owned(),
            reply.to_owned(),
            text.to_owned().into(),
        );
        drop(sent.await);
    }

    /// Everything that a worker could ask for, with the answer sent to `reply`.
    async fn ask_for_all(&self, reply: &str) {
        let key = "$KV.trustmh-quota.x";
        let by_subject = json!({ "last_by_subj": key }).to_string();
        for stream in
            ["KV_trustmh-quota", "KV_trustmh-cluster", "KV_trustmh-workers", "TRUSTMH_RESULTS"]
        {
            self.send(&format!("$JS.API.STREAM.MSG.GET.{stream}"), reply, &by_subject).await;
            self.send(&format!("$JS.API.DIRECT.GET.{stream}"), reply, &by_subject).await;
            self.send(&format!("$JS.API.DIRECT.GET.{stream}.{key}"), reply, "").await;
            self.send(&format!("$JS.API.STREAM.INFO.{stream}"), reply, "").await;
            // Where there is nothing to give, the answer is empty: an acknowledgement.
            for consumer in ["run", "reader"] {
                let next = format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}");
                self.send(&next, reply, "{\"batch\":1,\"no_wait\":true}").await;
            }
        }
        self.send("$JS.API.INFO", reply, "").await;
        self.send("trustmh.results.stray", reply, PAYLOAD).await;
        self.send("trustmh.work.run", reply, PAYLOAD).await;
        self.send("$KV.trustmh-workers.x", reply, PAYLOAD).await;
    }

    async fn settle(&self) {
        drop(self.attacker.flush().await);
        tokio::time::sleep(Duration::from_millis(300)).await;
        drop(self.coordinator.flush().await);
    }

    async fn put(&self, text: &str) {
        drop(self.attacker.publish("$KV.trustmh-quota.x", text.to_owned().into()).await);
        drop(self.attacker.flush().await);
        tokio::time::sleep(Duration::from_millis(30)).await;
    }

    /// All that works of what must not, by name.
    async fn attacked(&self) -> Vec<&'static str> {
        let mut worked = Vec::new();
        self.furnish().await;
        let subscribed = async |client: &Client, subject: &str| {
            client.subscribe(subject.to_owned()).await.unwrap()
        };
        let mut at_coordinator = subscribed(&self.coordinator, "_INBOX_COORDINATOR.probe.>").await;
        let mut offers = subscribed(&self.coordinator, "trustmh.offers").await;
        // Another worker whose inbox can be listened to: one question of it is answered, the next waits.
        let mut inboxes = subscribed(&self.attacker, "_INBOX_WORKER.>").await;
        let mut work = subscribed(&self.coordinator, "trustmh.work.victim").await;
        drop(self.coordinator.flush().await);
        self.settle().await;
        let first = self.victim.request("trustmh.work.victim", "?".into());
        let answered = async {
            let question = tokio::time::timeout(Duration::from_secs(5), work.next()).await;
            let inbox = question.unwrap().unwrap().reply.unwrap();
            self.coordinator.publish(inbox, "!".into()).await.unwrap();
        };
        drop(tokio::join!(first, answered));
        let heard = tokio::time::timeout(Duration::from_secs(1), inboxes.next()).await;
        let heard = heard
            .ok()
            .flatten()
            .map_or_else(|| "_INBOX_WORKER.x".to_owned(), |heard| heard.subject.to_string());
        let (prefix, token) = heard.rsplit_once('.').unwrap();
        let guesses = [
            heard.clone(),
            prefix.to_owned(),
            format!("{prefix}.x"),
            format!("{prefix}.{}", token.to_lowercase()),
        ];
        let victim = self.victim.clone();
        let waits = tokio::spawn(async move {
            let asked = async_nats::Request::new()
                .payload("?".into())
                .timeout(Some(Duration::from_secs(4)));
            victim.send_request("trustmh.work.victim", asked).await
        });
        let mut snooping = Vec::new();
        for subject in [
            ">",
            "trustmh.>",
            "trustmh.results.*",
            "trustmh.work.*",
            "_INBOX_COORDINATOR.>",
            "$KV.>",
            "$JS.>",
            "_R_.>",
        ] {
            snooping.push(subscribed(&self.attacker, subject).await);
        }
        let results = self.waiting("TRUSTMH_RESULTS").await;

        // Chosen bytes, sent by the server to where no worker may send them.
        self.put(PAYLOAD).await;
        for reply in [
            "_INBOX_COORDINATOR.probe.x",
            "trustmh.offers",
            "trustmh.handed.run",
            "_INBOX_WORKER.victim.x",
            "trustmh.jobs.m.r.k",
        ] {
            self.ask_for_all(reply).await;
            drop(self.attacker.publish(reply.to_owned(), PAYLOAD.into()).await);
        }
        self.settle().await;
        if got(&mut at_coordinator).await.iter().any(|text| !text.is_empty()) {
            worked.push("answers in the coordinator's inbox");
        }
        if got(&mut offers).await.iter().any(|text| text.contains(PAYLOAD)) {
            worked.push("forged offers");
        }
        for guess in &guesses {
            self.ask_for_all(guess).await;
            drop(self.attacker.publish(guess.clone(), PAYLOAD.into()).await);
        }
        if waits.await.unwrap().is_ok_and(|answer| answer.payload == PAYLOAD) {
            worked.push("forged calls to another worker");
        }
        if self.waiting("TRUSTMH_HANDED").await != Some(3) {
            worked.push("entries in the coordinator's log");
        }

        // Acknowledgements of others' messages.
        let reader = jetstream::consumer::pull::Config {
            durable_name: Some("reader".to_owned()),
            ..Default::default()
        };
        let mut handed = self.context.get_stream("TRUSTMH_HANDED").await.unwrap();
        let reader = handed.create_consumer(reader).await.unwrap();
        let mut batch = reader.fetch().max_messages(3).messages().await.unwrap();
        while let Some(Ok(_)) = batch.next().await {}
        for text in ["+ACK", "", "-NAK", "+TERM", "+NXT"] {
            self.put(text).await;
            for place in 1..=3 {
                let ack = format!("$JS.ACK.TRUSTMH_HANDED.reader.1.{place}.{place}.0.0");
                self.ask_for_all(&ack).await;
                drop(self.attacker.publish(ack, "+ACK".into()).await);
            }
        }
        self.settle().await;
        if handed.info().await.unwrap().state.messages != 3 {
            worked.push("messages acknowledged away");
        }
        handed.delete_consumer("reader").await.unwrap();

        // Consumers that push others' results to the worker.
        let before = self.consumers().await;
        let mut leak = subscribed(&self.attacker, "_INBOX_WORKER.leak.>").await;
        for stream in ["TRUSTMH_RESULTS", "KV_trustmh-quota", "TRUSTMH_HANDED"] {
            for deliver in
                ["_INBOX_WORKER.leak.x", "_INBOX_COORDINATOR.probe.x", "trustmh.handed.run"]
            {
                let create = json!({ "stream_name": stream, "config": { "durable_name": "leak",
                    "deliver_subject": deliver, "ack_policy": "none", "deliver_policy": "all" } });
                let create = create.to_string();
                for subject in [
                    format!("$JS.API.CONSUMER.CREATE.{stream}"),
                    format!("$JS.API.CONSUMER.CREATE.{stream}.leak"),
                    format!("$JS.API.CONSUMER.DURABLE.CREATE.{stream}.leak"),
                ] {
                    self.send(&subject, "_INBOX_WORKER.answer", &create).await;
                    self.put(&create).await;
                    self.ask_for_all(&subject).await;
                }
            }
        }
        self.settle().await;
        if self.consumers().await > before {
            worked.push("push consumers");
        }
        let mut read = got(&mut leak).await;
        for snooping in &mut snooping {
            read.extend(got(snooping).await);
        }
        let answers = ["TRUSTMH_RESULTS", "TRUSTMH_HANDED"];
        for stream in answers {
            for api in ["STREAM.MSG.GET", "DIRECT.GET"] {
                let asked =
                    self.attacker.request(format!("$JS.API.{api}.{stream}"), "{\"seq\":1}".into());
                read.extend(
                    asked
                        .await
                        .ok()
                        .map(|answer| String::from_utf8_lossy(&answer.payload).into_owned()),
                );
            }
        }
        // The text, or its base64.
        if read.iter().any(|text| text.contains(SECRET) || text.contains("QU5PVEhFUiBXT1JLRVI")) {
            worked.push("replies of other workers read");
        }

        // Rollups, purges and deletions: by themselves, and by an answer.
        let mut rollup = HeaderMap::new();
        rollup.insert("Nats-Rollup", "all");
        drop(self.attacker.publish_with_headers("trustmh.results.run", rollup, "".into()).await);
        self.settle().await;
        let left = self.waiting("TRUSTMH_RESULTS").await;
        if left < results {
            worked.push("results rolled up");
        }
        self.put("{}").await;
        self.send("$JS.API.STREAM.PURGE.TRUSTMH_RESULTS", "_INBOX_WORKER.answer", "").await;
        self.ask_for_all("$JS.API.STREAM.PURGE.TRUSTMH_RESULTS").await;
        self.settle().await;
        if self.waiting("TRUSTMH_RESULTS").await < results {
            worked.push("results purged");
        }
        for stream in ["TRUSTMH_HANDED", "TRUSTMH_RESULTS"] {
            self.put("").await;
            self.send(&format!("$JS.API.STREAM.DELETE.{stream}"), "_INBOX_WORKER.answer", "").await;
            self.ask_for_all(&format!("$JS.API.STREAM.DELETE.{stream}")).await;
            self.settle().await;
            if self.waiting(stream).await.is_none() {
                worked.push("streams deleted");
            }
        }
        worked
    }
}

/// What has come so far.
async fn got(subscriber: &mut Subscriber) -> Vec<String> {
    let mut got = Vec::new();
    while let Ok(Some(message)) =
        tokio::time::timeout(Duration::from_millis(100), subscriber.next()).await
    {
        got.push(String::from_utf8_lossy(&message.payload).into_owned());
    }
    got
}
