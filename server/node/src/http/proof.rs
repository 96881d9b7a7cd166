//! Whether whoever makes a request holds the key that their device is bound to (`Holdfast-Proof`).

use crate::assembly::Node;
use actix_web::HttpRequest;
use actix_web::http::header::{HeaderName, ORIGIN};
use identity::{OriginVerdict, ProofKey};
use protocol::Timestamp;

/// The header that has the proof.
const HEADER: HeaderName = HeaderName::from_static("holdfast-proof");

/// Whether a request proves that who makes it holds a key. It does so once: the same request again proves nothing.
pub(crate) fn proves(request: &HttpRequest, node: &Node, key: &ProofKey, now: Timestamp) -> bool {
    let mut shown = request.headers().get_all(HEADER);
    let (Some(proof), None) = (shown.next(), shown.next()) else { return false };
    let Ok(proof) = proof.to_str() else { return false };
    let is_target = |target: &str| is_target(request, node, target);
    match key.check(proof, request.method().as_str(), is_target, now) {
        Ok(proven) => node.proofs.lock().take(key, proven, now).is_ok(),
        Err(_) => false,
    }
}

/// Whether an address is the one that was asked, as a page of ours calls it.
fn is_target(request: &HttpRequest, node: &Node, target: &str) -> bool {
    let Some(origin) = target.strip_suffix(request.path()) else { return false };
    let is_ours = node.origins.judge(Some(origin), true) == OriginVerdict::Allowed;
    is_ours && request.headers().get(ORIGIN).is_none_or(|shown| shown.as_bytes() == origin.as_bytes())
}
