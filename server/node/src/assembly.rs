//! The parts of a node, put together.

use crate::clock;
use crate::config::Config;
use crate::egress::Egress;
use crate::feed_pump::Behind;
use crate::following::Following;
use crate::lifecycle::Lifecycle;
use crate::membership::Membership;
use crate::metrics::Metrics;
use crate::pages::Pages;
use crate::presence::Presence;
use crate::seats::Seats;
use crate::store::Store;
use crate::tls::Tls;
use hub::Hub;
use identity::{AccessTokens, KeySet, OriginRule, Pseudonyms, Secret};
use protocol::ClientId;
use session::Timing;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// What every request and socket of a node shares.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) store: Store,
    pub(crate) hub: Arc<Hub>,
    pub(crate) following: Arc<Following>,
    pub(crate) behind: Arc<Behind>,
    pub(crate) membership: Membership,
    pub(crate) pages: Pages,
    pub(crate) presence: Arc<Presence>,
    pub(crate) tokens: Arc<AccessTokens>,
    pub(crate) origins: OriginRule,
    pub(crate) timing: Timing,
    pub(crate) access_ttl: Duration,
    pub(crate) load_consent: Option<String>,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) seats: Arc<Seats>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) tls: Option<Arc<Tls>>,
    pub(crate) egress: Arc<Egress>,
    public_url: Url,
}

impl Node {
    /// Joins the parts.
    pub(crate) fn new(
        config: &Config,
        address: SocketAddr,
        store: Store,
        keys: &KeySet,
        lifecycle: Lifecycle,
        metrics: Arc<Metrics>,
        tls: Option<Arc<Tls>>,
    ) -> anyhow::Result<Self> {
        let egress = Egress::open(&config.data, config.retention_egress.0, clock::wall())?;
        let public_url = match &config.public_url {
            Some(url) => url.clone(),
            None => Url::parse(&format!("{}://localhost:{}", config.scheme(), address.port()))?,
        };
        let hub = Arc::new(Hub::new(config.ring_bytes));
        let node = Self {
            following: Arc::new(Following::new(Arc::clone(&hub), Arc::clone(&store.history))),
            hub,
            behind: Arc::default(),
            membership: Membership::new(Arc::clone(&store.records)),
            pages: Pages::new(Arc::clone(&store.history)),
            presence: Arc::new(Presence::new(Pseudonyms::new(keys, "presence"), Arc::clone(&store.peers))),
            store,
            tokens: Arc::new(AccessTokens::new(keys)?),
            origins: origins(config, address, &public_url),
            timing: config.timing(),
            access_ttl: config.access_ttl.0,
            load_consent: config.load_consent.clone(),
            lifecycle,
            seats: Arc::default(),
            metrics,
            tls,
            egress: Arc::new(egress),
            public_url,
        };
        Ok(node)
    }

    /// The link that carries an invite; its secret is in the fragment, which browsers do not send.
    pub(crate) fn join_link(&self, secret: &Secret) -> String {
        let mut link = self.public_url.clone();
        link.set_path("/join");
        link.set_fragment(Some(&secret.reveal()));
        link.into()
    }

    /// Whether people come by HTTPS, so that cookies may be marked for it.
    pub(crate) fn is_secure(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// When a connection gets its first ping: in the second half of the interval, where its id puts it.
    pub(crate) fn first_ping(&self, client: &ClientId) -> Duration {
        let mut hasher = DefaultHasher::new();
        client.hash(&mut hasher);
        let half = self.timing.ping_interval / 2;
        let part = u32::try_from(hasher.finish() % 1_000).unwrap_or(0);
        half + half * part / 1_000
    }
}

/// The public URL, what the configuration adds, and this machine's own names for the port.
fn origins(config: &Config, address: SocketAddr, public_url: &Url) -> OriginRule {
    let (scheme, port) = (config.scheme(), address.port());
    let own = ["localhost", "127.0.0.1", "[::1]"].map(|host| format!("{scheme}://{host}:{port}"));
    let configured = std::iter::once(public_url).chain(&config.allowed_origins);
    OriginRule::new(own.into_iter().chain(configured.map(|url| url.origin().ascii_serialization())))
}
