//! The nodes tell each other through the store. Without it, each goes on alone.

use super::ServicePosture;
use crate::clock;
use session::Now;
use std::time::Duration;
use storage::records::posture::{self as record, Statement};

/// How long a round may take; a store that is slower is away for this.
const ROUND_PATIENCE: Duration = Duration::from_secs(5);

impl ServicePosture {
    /// One round: says what is new here, hears what is new elsewhere, and sees to it that everybody is told.
    pub(crate) async fn share(&self, now: Now) {
        if tokio::time::timeout(ROUND_PATIENCE, self.round(now)).await.is_err() {
            self.standing.lock().not_told();
        }
    }

    async fn round(&self, now: Now) {
        self.store_order(now).await;
        self.tell_peers(now).await;
        if self.hear(now).await {
            self.announce(now).await;
        }
    }

    async fn tell_peers(&self, now: Now) {
        if !self.has_peers {
            return;
        }
        let own = self.standing.lock().take_news(now);
        if let Some(own) = own
            && record::tell(&*self.records, &self.id, &own, now.wall).await.is_err()
        {
            self.standing.lock().not_told();
        }
    }

    /// Reads what the others told; says whether there was an answer.
    pub(super) async fn hear(&self, now: Now) -> bool {
        let orders = self.standing.lock().orders_given();
        let Ok(postures) = record::read(&*self.records, &self.id, now.wall).await else {
            // What others told fades with time.
            return false;
        };
        let change = self.standing.lock().heard(postures, orders, now);
        self.tell(change);
        true
    }

    /// A node that ends is no longer counted.
    pub(crate) async fn leave(&self) {
        if self.has_peers {
            let leaving = record::leave(&*self.records, &self.id, clock::wall());
            // It fades by itself otherwise.
            drop(tokio::time::timeout(ROUND_PATIENCE, leaving).await);
        }
    }

    /// Says something to everybody on the status page; nothing is the all-clear.
    pub(crate) async fn say(&self, statement: Statement) -> Result<(), campaign::Away> {
        record::say(&*self.records, &statement, clock::wall()).await?;
        self.standing.lock().said(statement);
        self.news.notify_one();
        Ok(())
    }
}
