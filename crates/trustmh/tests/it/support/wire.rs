//! The protocol of a cluster, spoken by hand: what a worker or coordinator could say that is not ours.
use std::time::Duration;

use async_nats::Client;
use futures_util::StreamExt;
use serde_json::{Value, json};
use trustmh_cluster::PROTOCOL;

/// A worker that keeps to no rule.
pub struct Stray {
    pub client: Client,
    pub name: String,
    /// The run that is offered.
    pub run: String,
    asked: u64,
}

impl Stray {
    /// Waits until a run is offered.
    pub async fn at(server: &str, name: &str) -> Self {
        let options = async_nats::ConnectOptions::new().custom_inbox_prefix("_INBOX_WORKER");
        let client = options.connect(server).await.unwrap();
        let mut offers = client.subscribe("trustmh.offers").await.unwrap();
        let offer = tokio::time::timeout(Duration::from_secs(60), offers.next()).await.unwrap();
        let offer: Value = serde_json::from_slice(&offer.unwrap().payload).unwrap();
        let run = token(offer["run"].as_str().unwrap());
        Self { client, name: name.to_owned(), run, asked: 0 }
    }

    pub async fn request(&self, v: u32, wants: &Value) -> Value {
        let request = json!({ "v": v, "worker": self.name, "session": self.name,
            "served": ["scripted/always-a"], "wants": wants });
        let subject = format!("trustmh.work.{}", self.run);
        let answer = self.client.request(subject, request.to_string().into()).await.unwrap();
        serde_json::from_slice(&answer.payload).unwrap()
    }

    /// Takes a call: its key, and the permit to make it.
    pub async fn take(&mut self) -> (String, String) {
        for _ in 0..200 {
            self.asked += 1;
            let room = json!([{ "model": "scripted/always-a", "calls": 1 }]);
            let wants = json!({ "calls": { "ask": self.asked, "lost": [], "room": room,
                "patience_millis": 200 } });
            let answer = self.request(PROTOCOL, &wants).await;
            if let Some(call) = answer["calls"]["calls"].as_array().and_then(|calls| calls.first())
            {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                return (text(&call["key"]), text(&answer["calls"]["permit"]));
            }
        }
        panic!("no call is given");
    }

    pub async fn bring_text(&self, text: String) {
        let subject = format!("trustmh.results.{}", self.run);
        let context = async_nats::jetstream::new(self.client.clone());
        context.publish(subject, text.into()).await.unwrap().await.unwrap();
    }

    /// Brings results, each as it stands.
    pub async fn bring(&self, results: &[String]) {
        let name = Value::from(self.name.as_str());
        let results = results.join(",");
        let text =
            format!("{{\"v\":{PROTOCOL},\"worker\":{name},\"results\":{{\"whole\":[{results}]}}}}");
        self.bring_text(text).await;
    }
}

/// A result with these texts in place of what is usual.
pub fn result(key: &str, permit: &str, end: &str) -> String {
    format!("{{\"key\":\"{key}\",\"permit\":\"{permit}\",\"tries\":1,\"millis\":1,\"end\":{end}}}")
}

pub fn replied(request: &str, response: &str) -> String {
    format!(
        "{{\"replied\":{{\"reply\":{{\"text\":\"A\",\"finish\":\"stop\",\"usage\":null}},\"request\":{request},\"response\":{response}}}}}"
    )
}

/// A text as a token of a subject.
pub fn token(text: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let plain: String = text.chars().map(|c| if fits(c) { c } else { '_' }).take(64).collect();
    let hash = trustmh_core::digest::Digest::of(text.as_bytes());
    format!("{plain}-{}", &hash.as_str()[..8])
}
