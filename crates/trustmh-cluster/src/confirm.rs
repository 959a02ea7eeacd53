//! What happens once a result is on disk: first its job goes, then the result itself.

use async_nats::jetstream::message::Acker;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::access::Link;
use crate::parcel::discard;

const TRIES: u32 = 5;

/// What has to be acknowledged once a result is recorded.
pub(crate) struct Receipt {
    /// Where the job is acknowledged.
    pub(crate) job_ack: String,
    pub(crate) result: Acker,
    /// Large payloads that are needed no more.
    pub(crate) objects: Vec<String>,
}

/// Acknowledges in the background.
pub(crate) struct Confirmer {
    link: Link,
    under_way: AtomicU64,
}

impl Confirmer {
    pub(crate) fn new(link: Link) -> Self {
        Self { link, under_way: AtomicU64::new(0) }
    }

    /// Begins to acknowledge. If the server cannot be reached for long, the result is shown again and this is done again.
    pub(crate) fn confirm(self: &Arc<Self>, receipt: Receipt) {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        let own = Arc::clone(self);
        tokio::spawn(async move {
            own.carry_out(&receipt).await;
            own.under_way.fetch_sub(1, Ordering::Relaxed);
        });
    }

    async fn carry_out(&self, receipt: &Receipt) {
        for _ in 0..TRIES {
            // Asked for an answer: a job that stays would be made again after its result is gone.
            let gone = self.link.client.request(receipt.job_ack.clone(), "+ACK".into()).await;
            if gone.is_err() {
                tokio::time::sleep(Duration::from_millis(500)).await;
                continue;
            }
            // One that gets lost is shown again, found recorded, and confirmed again.
            let _ = receipt.result.ack().await;
            for object in &receipt.objects {
                discard(&self.link, object).await;
            }
            return;
        }
    }

    /// Waits until all is acknowledged, but no longer than `patience`.
    pub(crate) async fn settled(&self, patience: Duration) {
        let begun = Instant::now();
        while self.under_way.load(Ordering::Relaxed) > 0 && begun.elapsed() < patience {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
