//! The certificate that clients see, and the handshakes that failed.

use super::label::{Book, Each, Label};
use super::sampled::{Level, copy};
use crate::assembly::Node;
use crate::clock;
use crate::tls::HandshakeFailed;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use std::borrow::Cow;
use std::sync::atomic::AtomicU64;

/// What is known of the certificate is looked up when somebody asks.
#[derive(Debug)]
pub(crate) struct TlsFigures {
    days_left: Gauge<f64, AtomicU64>,
    reloads: Counter,
    refusing: Level,
    failed: Each<HandshakeFailed, Counter>,
}

impl TlsFigures {
    pub(super) fn new(book: &mut Book<'_>) -> Self {
        let days_left: Gauge<f64, AtomicU64> = book.one(
            "tls_certificate_days_left",
            "Whole days until the certificate ends; NaN without TLS, and if the certificate does not say",
            None,
        );
        // No alarm where there is no certificate.
        days_left.set(f64::NAN);
        Self {
            days_left,
            reloads: book.one(
                "tls_certificate_reloads",
                "Times that a new certificate was taken from its file",
                None,
            ),
            refusing: book.one(
                "tls_certificate_refused",
                "1 while what the files hold cannot be used and an older certificate is shown",
                None,
            ),
            failed: book.each("tls_handshakes_failed", "TLS handshakes that came to nothing", None),
        }
    }

    /// A client came, and there is no TLS with it.
    pub(crate) fn handshake_failed(&self, why: HandshakeFailed) {
        if let Some(counter) = self.failed.of(why) {
            counter.inc();
        }
    }

    pub(super) fn sample(&self, node: &Node) {
        let Some(tls) = &node.tls else { return };
        let figures = tls.figures(clock::wall());
        let days = figures.days_until_expiry.and_then(|days| i32::try_from(days).ok());
        self.days_left.set(days.map_or(f64::NAN, f64::from));
        copy(&self.reloads, figures.reloads);
        self.refusing.set(figures.is_refusing_files.into());
    }
}

impl Label for HandshakeFailed {
    const NAME: &'static str = "why";
    const ALL: &'static [Self] =
        &[Self::TooSlow, Self::Gone, Self::NotTls, Self::Incompatible, Self::Refused];

    fn value(self) -> Cow<'static, str> {
        self.word().into()
    }
}
