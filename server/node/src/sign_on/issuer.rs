//! What an issuer says of itself: where its keys and its doors are (`OpenID` Connect Discovery 1.0), and the keys. Asked
//! seldom, and kept while it is away.

use super::http_client::{HttpClient, HttpError};
use crate::clock;
use crate::config::is_safe_address;
use anyhow::Context;
use identity::IssuerKeys;
use openidconnect::core::CoreJsonWebKeySet;
use parking_lot::Mutex;
use serde::Deserialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use url::Url;

protocol::limits! {
    /// How long the keys of an issuer are used before it is asked for them again.
    const ISSUER_KEYS_FRESH_FOR: Duration = Duration::from_mins(10) => unseen;
    /// How long they are used while it cannot be asked; then nobody comes in by its tokens until it answers.
    const ISSUER_KEYS_KEPT_FOR: Duration = Duration::from_hours(24) => unseen;
    /// Least time from one question to an issuer to the next, whatever keys tokens name.
    const ISSUER_ASKED_EVERY: Duration = Duration::from_secs(5) => unseen;
}

/// An issuer, and what is known of it.
#[derive(Debug)]
pub(crate) struct Issuer {
    name: String,
    discovery: Url,
    client: HttpClient,
    known: Mutex<Option<Arc<Known>>>,
    /// One question at a time.
    asking: tokio::sync::Mutex<()>,
    asked: Mutex<Option<Instant>>,
    is_away: AtomicBool,
    wanted: Notify,
}

/// What an issuer said.
#[derive(Debug)]
pub(crate) struct Known {
    pub(super) metadata: Metadata,
    pub(super) keys: IssuerKeys,
    pub(super) key_set: CoreJsonWebKeySet,
    at: Instant,
}

/// The part of a discovery document that matters here.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    issuer: String,
    jwks_uri: Url,
    pub(super) authorization_endpoint: Option<Url>,
    pub(super) token_endpoint: Option<Url>,
    #[serde(default)]
    pub(super) token_endpoint_auth_methods_supported: Vec<String>,
}

/// Why an issuer's word does not count.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error(transparent)]
    Away(#[from] HttpError),
    #[error("its discovery document is not one")]
    Document,
    #[error("its discovery document is another issuer's")]
    Another,
    #[error("it names an address that is not https")]
    Address,
    #[error(transparent)]
    Keys(#[from] identity::NoIssuerKeys),
}

impl Issuer {
    /// An issuer of this name, of which nothing is known yet.
    pub(super) fn new(name: &str, client: HttpClient) -> anyhow::Result<Self> {
        let discovery = format!("{}/.well-known/openid-configuration", name.trim_end_matches('/'));
        Ok(Self {
            name: name.to_owned(),
            discovery: Url::parse(&discovery).context("the issuer is no address")?,
            client,
            known: Mutex::default(),
            asking: tokio::sync::Mutex::default(),
            asked: Mutex::default(),
            is_away: AtomicBool::new(false),
            wanted: Notify::new(),
        })
    }

    /// The name, as tokens say it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What is known, unless it is too old.
    pub(super) fn known(&self) -> Option<Arc<Known>> {
        let now = clock::now().instant;
        self.known.lock().clone().filter(|known| now.duration_since(known.at) < ISSUER_KEYS_KEPT_FOR)
    }

    /// Somebody shows a key that is not known: whether the issuer is asked for newer ones now.
    pub(super) fn want(&self) -> bool {
        let will_ask = self.asking.try_lock().is_err() || self.may_ask();
        if will_ask {
            self.wanted.notify_one();
        }
        will_ask
    }

    fn may_ask(&self) -> bool {
        let now = clock::now().instant;
        self.asked.lock().is_none_or(|asked| now.duration_since(asked) >= ISSUER_ASKED_EVERY)
    }

    /// What is known, asked for again if it is not fresh any more.
    pub(super) async fn current(&self) -> Option<Arc<Known>> {
        let now = clock::now().instant;
        let is_fresh = |known: &Arc<Known>| now.duration_since(known.at) < ISSUER_KEYS_FRESH_FOR;
        match self.known().filter(is_fresh) {
            Some(known) => Some(known),
            None => self.refreshed().await,
        }
    }

    /// Asks the issuer, if it was not asked just now; what is known then.
    pub(super) async fn refreshed(&self) -> Option<Arc<Known>> {
        let one = self.asking.lock().await;
        if self.may_ask() {
            *self.asked.lock() = Some(clock::now().instant);
            let asked = self.ask().await;
            let was_away = self.is_away.swap(asked.is_err(), Ordering::Relaxed);
            match asked {
                Ok(known) => *self.known.lock() = Some(Arc::new(known)),
                // Once, not with each question.
                Err(error) if !was_away => {
                    tracing::warn!(%error, "the sign-on cannot be used; the keys that are known count meanwhile");
                }
                Err(_) => {}
            }
        }
        drop(one);
        self.known()
    }

    async fn ask(&self) -> Result<Known, Unusable> {
        let document = self.client.get(&self.discovery).await?;
        let metadata: Metadata = serde_json::from_slice(&document).map_err(|_| Unusable::Document)?;
        if metadata.issuer != self.name {
            return Err(Unusable::Another);
        }
        let Metadata { jwks_uri, authorization_endpoint, token_endpoint, .. } = &metadata;
        let mut addresses = std::iter::once(jwks_uri).chain(authorization_endpoint).chain(token_endpoint);
        let is_usable = |url: &Url| {
            is_safe_address(url) && (url.scheme() == "https" || self.discovery.scheme() == "http")
        };
        if !addresses.all(is_usable) {
            return Err(Unusable::Address);
        }
        let document = self.client.get(jwks_uri).await?;
        let keys = IssuerKeys::read(&document)?;
        let key_set = serde_json::from_slice(&document).map_err(|_| Unusable::Document)?;
        Ok(Known { metadata, keys, key_set, at: clock::now().instant })
    }

    /// Keeps what is known fresh, for as long as the node serves.
    pub(super) async fn keep_fresh(&self) {
        loop {
            self.refreshed().await;
            let pause =
                if self.is_away.load(Ordering::Relaxed) { ISSUER_ASKED_EVERY } else { ISSUER_KEYS_FRESH_FOR };
            tokio::select! {
                () = self.wanted.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}
