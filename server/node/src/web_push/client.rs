//! What push services are asked: one request for each notification, of whose answer the status counts.

use crate::outgoing::{Bounds, Outgoing, Question, Reach, Trusted, Unanswered};
use awc::http::Method;
use awc::http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
};
use campaign::web_push::{Answer, Endpoint, Notification};
use identity::Vapid;
use protocol::Timestamp;
use session::Now;
use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

protocol::limits! {
    /// How long a push service may take to answer; then it is tried again later. With the look-up it is within the five
    /// seconds that an urgent bulletin may take, which waits for the page of the one before.
    pub(crate) const PUSH_TIMEOUT: Duration = Duration::from_millis(2_500) => shown "holdfast_push_answers";
    /// How long it may take to find out where a push service is; then it is tried again later.
    const PUSH_LOOK_UP: Duration = Duration::from_millis(1_500) => shown "holdfast_push_answers";
    /// Most bytes of an answer that are read; of a longer one the connection is closed.
    const PUSH_ANSWER_MAX_BYTES: usize = 4 * 1024 => unseen;
    /// Connections to push services at once; what is to be sent waits for one.
    const PUSH_CONNECTIONS_MAX: usize = 512 => unseen;
}

/// Words to a push service are made anew when this much of their life is over.
const SIGNED_FOR: Duration = Duration::from_hours(6);

/// Push services for which words are kept; then it begins anew.
const SIGNED_MAX: usize = 256;

/// Sends to push services, from one thread.
pub(super) struct PushClient {
    outgoing: Outgoing,
    signed: RefCell<HashMap<String, (HeaderValue, Timestamp)>>,
}

impl PushClient {
    pub(super) fn new(trusted: &Trusted) -> Self {
        let bounds = Bounds {
            look_up: PUSH_LOOK_UP,
            answer: PUSH_TIMEOUT,
            answer_max_bytes: PUSH_ANSWER_MAX_BYTES,
            connections: PUSH_CONNECTIONS_MAX,
        };
        Self { outgoing: Outgoing::new(trusted, bounds), signed: RefCell::default() }
    }

    /// Sends a notification, sealed, to where a device is reached.
    pub(super) async fn send(
        &self,
        endpoint: &Endpoint,
        vapid: &Vapid,
        notification: &Notification,
        sealed: Vec<u8>,
        now: Now,
    ) -> Answer {
        // Nothing could be signed; or there is a topic that is no header, which none of ours is.
        let Some(headers) = self.headers(endpoint, vapid, notification, now.wall) else {
            return Answer::Failed(None);
        };
        // That of a test is on this machine, where the configuration allows it.
        let reach = if endpoint.is_local() { Reach::Anywhere } else { Reach::Public };
        let question =
            Question { method: Method::POST, url: endpoint.reveal(), reach, headers, body: sealed.into() };
        match self.outgoing.ask(&question, now.instant).await {
            Ok(answer) => {
                let advice = answer.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
                Answer::of(answer.status.as_u16(), advice)
            }
            Err(Unanswered::Forbidden) => {
                tracing::warn!(
                    "the name of a push service leads where nothing public is; nothing is sent there"
                );
                Answer::Refused
            }
            Err(Unanswered::Nowhere | Unanswered::Failed(_) | Unanswered::TooLate) => Answer::Failed(None),
        }
    }

    fn headers(
        &self,
        endpoint: &Endpoint,
        vapid: &Vapid,
        notification: &Notification,
        now: Timestamp,
    ) -> Option<HeaderMap> {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static("ttl"), notification.ttl.as_secs().into());
        let urgency = if notification.is_urgent { "high" } else { "normal" };
        headers.insert(HeaderName::from_static("urgency"), HeaderValue::from_static(urgency));
        headers.insert(
            HeaderName::from_static("topic"),
            HeaderValue::from_str(notification.topic.as_str()).ok()?,
        );
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("aes128gcm"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/notification+json"));
        headers.insert(AUTHORIZATION, self.authorization(endpoint, vapid, now)?);
        Some(headers)
    }

    fn authorization(&self, endpoint: &Endpoint, vapid: &Vapid, now: Timestamp) -> Option<HeaderValue> {
        let origin = endpoint.origin();
        let known = self.signed.borrow().get(&origin).cloned();
        if let Some((words, _)) = known.filter(|(_, until)| *until > now) {
            return Some(words);
        }
        let words = HeaderValue::from_str(&vapid.authorization(&origin, now).ok()?).ok()?;
        let mut signed = self.signed.borrow_mut();
        if signed.len() >= SIGNED_MAX {
            signed.clear();
        }
        signed.insert(origin, (words.clone(), now.after(SIGNED_FOR)));
        Some(words)
    }
}
