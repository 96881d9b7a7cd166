//! The word on `service:status`: each change is posted once, whichever nodes see it, and in the order of the changes.
//!
//! A word is recorded before it is posted, and only one node succeeds in recording the next one; who sees a word that
//! was recorded and not posted posts it, under the key that follows from it. So there is no further word before the
//! last one is posted, and a node that dies in between holds nobody up.

use super::ServicePosture;
use campaign::trust::Trust;
use protocol::{ChannelName, IdempotencyKey, Lane, Payload, Timestamp};
use serde::Serialize;
use session::Now;
use std::sync::Arc;
use storage::Draft;
use storage::records::posture::{self as record, Announced};

/// What readers of `service:status` get.
#[derive(Serialize)]
struct Word<'a> {
    id: &'a str,
    posture: &'a str,
    since: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trust: Option<Trusted>,
}

/// Which manifest of organisers' keys is kept, so that apps fetch a newer one.
#[derive(Serialize)]
struct Trusted {
    serial: u64,
}

impl ServicePosture {
    /// Sees to it that the last word is what holds. To be called after hearing what the store has.
    pub(super) async fn announce(&self, now: Now) {
        let known = self.standing.lock().announced().cloned();
        if let Some((version, word)) = &known
            && !word.is_posted
        {
            self.post(word, *version, now).await;
            return;
        }
        let (version, last) = known.map_or((0, None), |(version, word)| (version, Some(word)));
        let trust_serial = self.trust_serial(last.as_ref(), now).await;
        let Some(word) = self.next_word(last, trust_serial, now) else { return };
        // Whoever was first posts it; the others hear of it in their next round.
        if record::announce(&*self.records, &word, version, now.wall).await.is_ok() && self.hear(now).await {
            let known = self.standing.lock().announced().cloned();
            if let Some((version, known)) = known.filter(|(_, known)| known.number == word.number) {
                self.post(&known, version, now).await;
            }
        }
    }

    /// The serial of the manifest that is kept; if the store does not say, the one that was said last.
    async fn trust_serial(&self, last: Option<&Announced>, now: Now) -> Option<u64> {
        match Trust::new(Arc::clone(&self.records)).get(now.wall).await {
            Ok(kept) => kept.and_then(|kept| kept.verify().ok()).map(|manifest| manifest.serial()),
            Err(_) => last.and_then(|last| last.trust_serial),
        }
    }

    /// What is to be said next, if the last word no longer holds or would soon be forgotten.
    fn next_word(&self, last: Option<Announced>, trust_serial: Option<u64>, now: Now) -> Option<Announced> {
        let standing = self.standing.lock();
        let posture = standing.posture().as_str();
        let message = standing.statement().and_then(|statement| statement.text.clone());
        let since = match &last {
            Some(last) if last.posture == posture => last.since,
            Some(_) | None => standing.last().at,
        };
        let holds = last.as_ref().is_some_and(|last| {
            let is_kept = last.at.until(now.wall) < self.announce_again_after;
            is_kept && last.posture == posture && last.message == message && last.trust_serial == trust_serial
        });
        let number = last.map_or(0, |last| last.number).saturating_add(1);
        let posture = posture.to_owned();
        let (at, is_posted) = (now.wall, false);
        (!holds).then_some(Announced { number, posture, since, message, trust_serial, at, is_posted })
    }

    async fn post(&self, word: &Announced, version: u64, now: Now) {
        // Unlike the number, the time is another one after a store was emptied.
        let id = format!("posture.{}.{}", word.number, word.at.as_millis());
        let (posture, message) = (word.posture.as_str(), word.message.as_deref());
        let trust = word.trust_serial.map(|serial| Trusted { serial });
        let data = Payload::from_value(&Word { id: &id, posture, since: word.since, message, trust });
        let (Ok(key), Ok(data)) = (IdempotencyKey::parse(&id), data) else {
            tracing::error!("a word for service:status could not be made");
            return;
        };
        let (channel, at) = (ChannelName::service_status(), now.wall);
        let draft = Draft { channel, data, sender: None, key, at, lane: Lane::Urgent };
        if let Err(error) = self.history.publish(draft).await {
            tracing::warn!(%error, "the service status could not be posted");
            return;
        }
        let posted = Announced { is_posted: true, ..word.clone() };
        if record::announce(&*self.records, &posted, version, now.wall).await.is_ok() {
            self.hear(now).await;
        }
    }
}
