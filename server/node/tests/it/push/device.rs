//! A phone: its keys, and what it reads of what it is sent.

use super::local::{LocalPush, Received};
use crate::browser::Visitor;
use awc::http::Method;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use web_push_native::Auth;
use web_push_native::p256::SecretKey;
use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint;

/// Made of a number, so that tests are the same each time.
pub(super) struct Device {
    secret: SecretKey,
    auth: [u8; 16],
}

impl Device {
    pub(super) fn new(number: u8) -> Self {
        Self { secret: SecretKey::from_slice(&[number.max(1); 32]).unwrap(), auth: [number; 16] }
    }

    /// What its browser says of its keys.
    pub(super) fn keys(&self) -> Value {
        let point = self.secret.public_key().to_encoded_point(false);
        json!({
            "p256dh": BASE64_URL_SAFE_NO_PAD.encode(point.as_bytes()),
            "auth": BASE64_URL_SAFE_NO_PAD.encode(self.auth),
        })
    }

    /// What it shows of what it was sent.
    pub(super) fn read(&self, received: &Received) -> Value {
        let opened = web_push_native::decrypt(received.body.clone(), &self.secret, &Auth::from(self.auth));
        serde_json::from_slice(&opened.unwrap()).unwrap()
    }

    /// Has it told by this push service, at this path.
    pub(super) async fn subscribe(
        &self,
        member: &mut Visitor,
        service: &LocalPush,
        path: &str,
        more: &Value,
    ) {
        let mut choice = json!({"language": "en"});
        choice.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let endpoint = format!("{}{path}", service.origin);
        let body = json!({"endpoint": endpoint, "keys": self.keys(), "choice": choice});
        let kept = member.say(Method::PUT, "/v1/push", &body).await;
        assert_eq!(kept.status.as_u16(), 204, "{}", kept.body);
    }
}
