//! TLS on the node's own listener: a certificate that follows its files, and a handshake with an end.
//!
//! TLS 1.2 and 1.3 of rustls, HTTP/1.1 only, no certificates of clients. Connections keep the certificate they began
//! with; whoever comes later sees the new one.

pub(crate) mod files;
mod follow;

use crate::clock;
use files::{Files, Unusable, Usable};
use follow::{Follow, Look};
use parking_lot::{Mutex, RwLock};
use protocol::Timestamp;
use rustls::crypto::aws_lc_rs;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, version};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use std::{fmt, io};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::MissedTickBehavior;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

protocol::limits! {
    /// Longest that a client takes for its TLS handshake; whoever takes longer is dropped.
    pub(crate) const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10) => shown "holdfast_tls_handshakes_failed";
}

/// How often the files are looked at. A change counts at the second look that sees it.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Tickets for a shorter handshake that a client gets: one, as it comes back with one connection.
const TICKETS_PER_HANDSHAKE: usize = 1;

/// A listener's side of TLS.
pub(crate) struct Tls {
    files: Files,
    follow: Mutex<Follow>,
    shown: Arc<Shown>,
    config: Arc<ServerConfig>,
    reloads: AtomicU64,
    is_refusing: AtomicBool,
}

/// What metrics may say of the certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Figures {
    /// Whole days until the certificate ends, below zero when it has; nothing if it cannot be read from it.
    pub(crate) days_until_expiry: Option<i64>,
    /// Certificates taken since the start, after the first.
    pub(crate) reloads: u64,
    /// Whether what the files hold now was refused, and an older certificate is shown.
    pub(crate) is_refusing_files: bool,
}

/// Why there is no TLS with a client. Says nothing about who it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HandshakeFailed {
    /// The client did not finish within [`HANDSHAKE_PATIENCE`].
    #[error("the client took too long for its TLS handshake")]
    TooSlow,
    /// The connection ended first.
    #[error("the client went away during its TLS handshake")]
    Gone,
    /// The client's bytes are no TLS, or break its rules.
    #[error("the client does not speak TLS as it must")]
    NotTls,
    /// No version, cipher or protocol is common.
    #[error("the client and this node have no TLS version, cipher or protocol in common")]
    Incompatible,
    /// The client said no, for example to the certificate.
    #[error("the client refused the TLS handshake")]
    Refused,
}

impl HandshakeFailed {
    /// One word, for a metric.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::TooSlow => "too_slow",
            Self::Gone => "gone",
            Self::NotTls => "not_tls",
            Self::Incompatible => "incompatible",
            Self::Refused => "refused",
        }
    }
}

impl From<io::Error> for HandshakeFailed {
    fn from(error: io::Error) -> Self {
        use rustls::Error;
        match error.downcast::<Error>() {
            Err(_) => Self::Gone,
            Ok(Error::PeerIncompatible(_) | Error::NoApplicationProtocol) => Self::Incompatible,
            Ok(Error::AlertReceived(_)) => Self::Refused,
            Ok(_) => Self::NotTls,
        }
    }
}

impl Tls {
    /// Reads the files. Whatever is wrong with them is said in one sentence; an expired certificate is used, and the
    /// log says so.
    pub(crate) fn load(certificate: &Path, key: &Path) -> anyhow::Result<Self> {
        let files = Files { certificate: certificate.to_owned(), key: key.to_owned() };
        let contents = files.read()?;
        let usable = files.judge(&contents)?;
        warn_if_expired(&usable, clock::wall());
        let shown = Arc::new(Shown(RwLock::new(usable)));
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])?
            .with_no_client_auth()
            .with_cert_resolver(Arc::<Shown>::clone(&shown));
        // WebSocket and the control plane are HTTP/1.1.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // Without a table of sessions in memory: whoever comes back brings the ticket along.
        config.ticketer = aws_lc_rs::Ticketer::new()?;
        config.send_tls13_tickets = TICKETS_PER_HANDSHAKE;
        Ok(Self {
            follow: Mutex::new(Follow::new(contents.fingerprint())),
            files,
            shown,
            config: Arc::new(config),
            reloads: AtomicU64::new(0),
            is_refusing: AtomicBool::new(false),
        })
    }

    /// For a listener with a patience of its own; it shows the certificate that counts when a client comes.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        Arc::clone(&self.config).into()
    }

    /// The handshake with one client, within [`HANDSHAKE_PATIENCE`].
    pub(crate) async fn accept<IO>(&self, io: IO) -> Result<TlsStream<IO>, HandshakeFailed>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        match tokio::time::timeout(HANDSHAKE_PATIENCE, self.acceptor().accept(io)).await {
            Ok(accepted) => accepted.map_err(HandshakeFailed::from),
            Err(_) => Err(HandshakeFailed::TooSlow),
        }
    }

    /// Follows the files, at every interval and when the process gets SIGHUP, which is caught from the call on. What
    /// is returned never ends.
    pub(crate) fn follow_files(self: Arc<Self>) -> impl Future<Output = ()> + 'static {
        let hangup = match signal(SignalKind::hangup()) {
            Ok(hangup) => Some(hangup),
            Err(error) => {
                tracing::warn!(%error, "SIGHUP cannot be caught; the certificate files are looked at by time alone");
                None
            }
        };
        self.look_for_ever(hangup)
    }

    async fn look_for_ever(self: Arc<Self>, mut hangup: Option<Signal>) {
        let mut interval = tokio::time::interval(LOOK_EVERY);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let asked = async {
                match &mut hangup {
                    Some(hangup) => hangup.recv().await,
                    None => std::future::pending().await,
                }
            };
            let is_asked = tokio::select! {
                _ = interval.tick() => false,
                _ = asked => true,
            };
            let tls = Arc::clone(&self);
            // A file may be on a disk that does not answer.
            if let Err(error) = tokio::task::spawn_blocking(move || tls.look(is_asked)).await {
                tracing::error!(%error, "a look at the certificate files ended badly");
            }
        }
    }

    /// One look at the files.
    fn look(&self, is_asked: bool) {
        let read = self.files.read();
        let fingerprint = match &read {
            Ok(contents) => contents.fingerprint(),
            Err(unusable) => unusable.fingerprint(),
        };
        if self.follow.lock().saw(fingerprint, is_asked) == Look::Leave {
            return;
        }
        match read.and_then(|contents| self.files.judge(&contents)) {
            Ok(usable) => {
                warn_if_expired(&usable, clock::wall());
                *self.shown.0.write() = usable;
                self.reloads.fetch_add(1, Ordering::Relaxed);
                self.is_refusing.store(false, Ordering::Relaxed);
                tracing::info!("new connections see the certificate that the files hold now");
            }
            Err(unusable) => self.refuse(&unusable),
        }
    }

    fn refuse(&self, unusable: &Unusable) {
        self.is_refusing.store(true, Ordering::Relaxed);
        tracing::error!(error = %unusable, "the new certificate cannot be used; the one before it is kept");
    }

    /// What metrics may say.
    pub(crate) fn figures(&self, now: Timestamp) -> Figures {
        let expires_at = self.shown.0.read().expires_at;
        Figures {
            days_until_expiry: expires_at.map(|expires_at| days(now, expires_at)),
            reloads: self.reloads.load(Ordering::Relaxed),
            is_refusing_files: self.is_refusing.load(Ordering::Relaxed),
        }
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("files", &self.files).finish_non_exhaustive()
    }
}

/// The certificate that whoever comes now is shown.
struct Shown(RwLock<Usable>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().certified))
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown(…)")
    }
}

fn warn_if_expired(usable: &Usable, now: Timestamp) {
    if usable.expires_at.is_some_and(|expires_at| expires_at <= now) {
        tracing::warn!("the certificate has expired: most clients will refuse it");
    }
}

/// Whole days from one instant to another, rounded down.
fn days(from: Timestamp, to: Timestamp) -> i64 {
    const MILLIS_PER_DAY: i128 = 24 * 60 * 60 * 1_000;
    let millis = i128::from(to.as_millis()) - i128::from(from.as_millis());
    i64::try_from(millis.div_euclid(MILLIS_PER_DAY)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
