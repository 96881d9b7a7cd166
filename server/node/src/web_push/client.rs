//! The client of push services: one request, to just the address that was judged, and no more of the answer than its status.

use actix_web::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use awc::{Client, Connector};
use campaign::web_push::{Answer, Endpoint, Notification, is_public};
use identity::Vapid;
use protocol::Timestamp;
use rustls::{ClientConfig, RootCertStore};
use std::cell::RefCell;
use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

protocol::limits! {
    /// How long a push service may take to answer; then it is tried again later. With the look-up it is within the five
    /// seconds that an urgent bulletin may take, which waits for the page of the one before.
    pub(crate) const PUSH_TIMEOUT: Duration = Duration::from_millis(2_500) => shown "holdfast_push_answers";
    /// How long it may take to find out where a push service is; then it is tried again later.
    const RESOLVE_TIMEOUT: Duration = Duration::from_millis(1_500) => shown "holdfast_push_answers";
    /// How long a push service is taken to be where it was found; then it is looked up, and judged, anew.
    const RESOLVED_FOR: Duration = Duration::from_mins(1) => unseen;
    /// Push services of which a node knows where they are; then it begins anew.
    const RESOLVED_MAX: usize = 256 => unseen;
    /// Most bytes of an answer that are read; of a longer one the connection is closed.
    const PUSH_ANSWER_MAX_BYTES: usize = 4 * 1024 => unseen;
    /// Connections to push services at once; what is to be sent waits for one.
    const PUSH_CONNECTIONS_MAX: usize = 512 => unseen;
}

/// Words to a push service are made anew when this much of their life is over.
const SIGNED_FOR: Duration = Duration::from_hours(6);

/// Sends to push services, from one thread.
pub(super) struct PushClient {
    client: Client,
    found: RefCell<HashMap<String, (SocketAddr, Timestamp)>>,
    signed: RefCell<HashMap<String, (String, Timestamp)>>,
}

/// Why nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unsent {
    /// It is nowhere that may be connected to.
    Forbidden,
    /// It was not found, or nothing could be signed.
    NotNow,
}

impl PushClient {
    /// Trusts whom browsers trust.
    pub(super) fn new() -> Result<Self, rustls::Error> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector =
            Connector::new().rustls_0_23(Arc::new(tls)).timeout(PUSH_TIMEOUT).limit(PUSH_CONNECTIONS_MAX);
        // A redirect would lead where nobody looked.
        let client = Client::builder()
            .connector(connector)
            .timeout(PUSH_TIMEOUT)
            .disable_redirects()
            .no_default_headers()
            .finish();
        Ok(Self { client, found: RefCell::default(), signed: RefCell::default() })
    }

    /// Sends a notification, sealed, to where a device is reached.
    pub(super) async fn send(
        &self,
        endpoint: &Endpoint,
        vapid: &Vapid,
        notification: &Notification,
        sealed: Vec<u8>,
        now: Timestamp,
    ) -> Answer {
        let prepared = match self.address(endpoint, now).await {
            Ok(address) => self.authorization(endpoint, vapid, now).map(|words| (address, words)),
            Err(unsent) => Err(unsent),
        };
        let (address, authorization) = match prepared {
            Ok(prepared) => prepared,
            Err(Unsent::Forbidden) => return Answer::Refused,
            Err(Unsent::NotNow) => return Answer::Failed(None),
        };
        let request = self
            .client
            .post(endpoint.reveal())
            .address(address)
            .insert_header(("TTL", notification.ttl.as_secs().to_string()))
            .insert_header(("Urgency", if notification.is_urgent { "high" } else { "normal" }))
            .insert_header(("Topic", notification.topic.as_str()))
            .insert_header((CONTENT_ENCODING, "aes128gcm"))
            .insert_header((CONTENT_TYPE, "application/notification+json"))
            .insert_header((AUTHORIZATION, authorization));
        let Ok(mut response) = request.send_body(sealed).await else { return Answer::Failed(None) };
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let answer = Answer::of(response.status().as_u16(), retry_after);
        // Read, so that the connection can be used again; what it says is for nobody.
        drop(response.body().limit(PUSH_ANSWER_MAX_BYTES).await);
        answer
    }

    /// The one address that is connected to. If any that the name has is not public, none is.
    async fn address(&self, endpoint: &Endpoint, now: Timestamp) -> Result<SocketAddr, Unsent> {
        let (host, port) = endpoint.host().ok_or(Unsent::Forbidden)?;
        if endpoint.is_local() {
            return Ok((Ipv4Addr::LOCALHOST, port).into());
        }
        let known = self.found.borrow().get(host).copied();
        if let Some((address, _)) = known.filter(|(_, until)| *until > now) {
            return Ok(address);
        }
        let looked_up = tokio::time::timeout(RESOLVE_TIMEOUT, tokio::net::lookup_host((host, port))).await;
        let all: Vec<SocketAddr> =
            looked_up.map_err(|_| Unsent::NotNow)?.map_err(|_| Unsent::NotNow)?.collect();
        if !all.iter().all(|address| is_public(address.ip())) {
            tracing::warn!("the name of a push service leads where nothing public is; nothing is sent there");
            return Err(Unsent::Forbidden);
        }
        let address = *all.first().ok_or(Unsent::NotNow)?;
        remember(&self.found, host, (address, now.after(RESOLVED_FOR)));
        Ok(address)
    }

    fn authorization(&self, endpoint: &Endpoint, vapid: &Vapid, now: Timestamp) -> Result<String, Unsent> {
        let origin = endpoint.origin();
        let known = self.signed.borrow().get(&origin).cloned();
        if let Some((words, _)) = known.filter(|(_, until)| *until > now) {
            return Ok(words);
        }
        let words = vapid.authorization(&origin, now).map_err(|_| Unsent::NotNow)?;
        remember(&self.signed, &origin, (words.clone(), now.after(SIGNED_FOR)));
        Ok(words)
    }
}

/// Keeps what was found out of a push service, in a bounded space.
fn remember<T>(book: &RefCell<HashMap<String, T>>, of: &str, what: T) {
    let mut book = book.borrow_mut();
    if book.len() >= RESOLVED_MAX {
        book.clear();
    }
    book.insert(of.to_owned(), what);
}
