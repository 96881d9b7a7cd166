//! The one real clock, and the one real source of chance. Everything below this crate is given both.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use identity::Secret;
use protocol::{ClientId, Epoch, IdempotencyKey, Timestamp};
use session::Now;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The time that people read.
pub(crate) fn wall() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    let now = SystemTime::now();
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Both clocks at once.
pub(crate) fn now() -> Now {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the monotonic clock")]
    let instant = Instant::now();
    Now { instant, wall: wall() }
}

/// No randomness could be had from the system. Nothing safe can be done without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random numbers")]
pub(crate) struct NoRandomness;

/// Ten random bytes.
pub(crate) fn random() -> Result<[u8; 10], NoRandomness> {
    let text = Secret::random().map_err(|_| NoRandomness)?.reveal();
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| NoRandomness)?;
    bytes.get(..10).and_then(|bytes| bytes.try_into().ok()).ok_or(NoRandomness)
}

/// 22 characters that carry 132 random bits, of the alphabet of base64url.
fn random_text() -> Result<String, NoRandomness> {
    let mut text = Secret::random().map_err(|_| NoRandomness)?.reveal();
    text.truncate(22);
    Ok(text)
}

/// A fresh connection id.
pub(crate) fn fresh_client() -> Result<ClientId, NoRandomness> {
    random_text().map(|text| ClientId::new(&text))
}

/// A fresh epoch.
pub(crate) fn fresh_epoch() -> Result<Epoch, NoRandomness> {
    random_text().and_then(|text| Epoch::parse(&text).map_err(|_| NoRandomness))
}

/// A fresh key for a message whose sender gave none.
pub(crate) fn fresh_key() -> Result<IdempotencyKey, NoRandomness> {
    random_text().and_then(|text| IdempotencyKey::parse(&text).map_err(|_| NoRandomness))
}
