//! The parts of a node, put together.

use crate::audit::{Audit, AuditKeys};
use crate::clock;
use crate::config::{Config, Transport};
use crate::descriptors::Descriptors;
use crate::egress::Egress;
use crate::feed_pump::Behind;
use crate::felt::Feelings;
use crate::following::Following;
use crate::gate::Gate;
use crate::http::account_limits::AccountLimits;
use crate::http::admit::{DEVICE_LOOKUPS_MAX, TICKET_TTL};
use crate::http::attachments::ATTACHING_MAX;
use crate::http::imports::IMPORTS_MAX;
use crate::http::transfers::Tries;
use crate::incident::Incidents;
use crate::lifecycle::Lifecycle;
use crate::lookout::Lookout;
use crate::metrics::Metrics;
use crate::notices::Notices;
use crate::outgoing::Authorities;
use crate::pages::Pages;
use crate::posture::{self, Ceilings, ServicePosture};
use crate::presence::Presence;
use crate::publisher::Publisher;
use crate::receipts::ReceiptDesk;
use crate::retention::Sweeps;
use crate::roll::NodeRoll;
use crate::seats::Seats;
use crate::sign_on::SignOn;
use crate::status::Status;
use crate::store::{Engine, Store};
use crate::tls::Tls;
use crate::trust::NodeTrust;
use crate::web_push::WebPush;
use admission::Budget;
use campaign::bulletins::Bulletins;
use campaign::{Answers, Demand, Passkeys, People};
use evidence::incident::Name;
use hub::Hub;
use identity::access_token::CLOCK_LEEWAY;
use identity::trust::Digest;
use identity::{Hands, KeySet, OriginRule, ProofMemory, Pseudonyms, Secret};
use parking_lot::Mutex;
use protocol::ClientId;
use session::{Common, Timing};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use url::Url;

/// Longest part of a machine's name that is in the name of its node.
const NODE_MACHINE_MAX_BYTES: usize = 40;

/// What every request and socket of a node shares.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) store: Store,
    pub(crate) hub: Arc<Hub>,
    pub(crate) following: Arc<Following>,
    pub(crate) behind: Arc<Behind>,
    pub(crate) people: People,
    pub(crate) roll: NodeRoll,
    pub(crate) bulletins: Bulletins,
    /// The keys of those who sign.
    pub(crate) trust: NodeTrust,
    /// How long logs keep messages.
    pub(crate) messages_kept_for: Duration,
    /// Rung when something may be due.
    pub(crate) bulletins_due: Notify,
    pub(crate) receipts: ReceiptDesk,
    /// Answers to requests that may come again.
    pub(crate) answers: Answers,
    /// What accounts ask.
    pub(crate) account_limits: AccountLimits,
    pub(crate) transfer_tries: Tries,
    /// Lists of people that are being imported.
    pub(crate) imports: Budget,
    /// Files that are being looked at.
    pub(crate) attaching: Budget,
    pub(crate) pages: Pages,
    pub(crate) publisher: Arc<Publisher>,
    pub(crate) presence: Arc<Presence>,
    pub(crate) gate: Arc<Gate>,
    /// Looks into the store for devices.
    pub(crate) device_lookups: Budget,
    pub(crate) origins: OriginRule,
    pub(crate) timing: Timing,
    /// What conversations that begin now share; nothing before the first.
    common: Mutex<Option<Arc<Common>>>,
    /// How many people it takes to reach many.
    pub(crate) hands: Hands,
    /// Whether organisers show passkeys.
    pub(crate) demand: Demand,
    /// Nothing, where no passkey can belong to the address that people use.
    pub(crate) passkeys: Option<Passkeys>,
    /// Which proofs of devices' keys were shown lately.
    pub(crate) proofs: Mutex<ProofMemory>,
    pub(crate) access_ttl: Duration,
    pub(crate) load_consent: Option<String>,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) seats: Arc<Seats>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) tls: Option<Arc<Tls>>,
    pub(crate) transport: Transport,
    pub(crate) egress: Arc<Egress>,
    pub(crate) audit: Arc<Audit>,
    pub(crate) incidents: Incidents,
    pub(crate) sweeps: Sweeps,
    /// What organisers' screens are to be told.
    pub(crate) notices: Notices,
    pub(crate) web_push: WebPush,
    pub(crate) posture: ServicePosture,
    pub(crate) status: Status,
    pub(crate) feelings: Feelings,
    /// What organisers watch.
    pub(crate) lookout: Lookout,
    /// The campaign's own sign-on.
    pub(crate) sign_on: SignOn,
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
        let egress =
            Egress::open(&config.data, config.retention_egress.0, config.egress_budget(), clock::wall())?;
        let name = name(address)?;
        let audit = Audit::open(
            &config.data,
            name.as_str(),
            AuditKeys::new(keys)?,
            config.retention_audit.0,
            Arc::clone(&metrics),
        )?;
        let lookout = Lookout::new(name.clone());
        let incidents = Incidents::open(&config.data, name, config.retention_incidents.0)?;
        let public_url = public_url(config, address)?;
        let authorities = Authorities::read(config.outgoing_ca.as_deref())?;
        let sign_on = SignOn::new(&config.sign_on, keys, &public_url, &authorities)?;
        let gate = Gate::new(keys, Arc::clone(&metrics), clock::now())?.with_external(sign_on.tokens.clone());
        let posture = posture(config, &store)?;
        let hub = Arc::new(Hub::new(config.ring_bytes));
        let web_push = WebPush::new(config, keys, Arc::clone(&store.records), &authorities)?;
        let node = Self {
            following: Arc::new(Following::new(Arc::clone(&hub), Arc::clone(&store.history))),
            hub,
            behind: Arc::default(),
            imports: Budget::new(IMPORTS_MAX),
            attaching: Budget::new(ATTACHING_MAX),
            answers: Answers::new(Arc::clone(&store.records), keys),
            account_limits: AccountLimits::default(),
            transfer_tries: Tries::default(),
            people: People::new(Arc::clone(&store.records), keys, TICKET_TTL + CLOCK_LEEWAY),
            roll: NodeRoll::default(),
            bulletins: Bulletins::new(Arc::clone(&store.records), config.bulletin_rules()),
            trust: NodeTrust::new(Arc::clone(&store.records)),
            messages_kept_for: config.retention_messages.0,
            bulletins_due: Notify::new(),
            receipts: ReceiptDesk::default(),
            pages: Pages::new(Arc::clone(&store.history)),
            publisher: Arc::new(Publisher::new(Arc::clone(&store.history), Arc::clone(&metrics))),
            presence: Arc::new(Presence::new(Pseudonyms::new(keys, "presence"), Arc::clone(&store.peers))),
            store,
            device_lookups: Budget::new(DEVICE_LOOKUPS_MAX),
            gate: Arc::new(gate),
            origins: origins(config, address, &public_url),
            timing: config.timing(),
            common: Mutex::default(),
            hands: config.hands(),
            demand: config.demand(),
            passkeys: Passkeys::new(keys, &public_url, &pages(config, address)?).ok(),
            proofs: Mutex::default(),
            access_ttl: config.access_ttl.0,
            load_consent: config.load_consent.clone(),
            lifecycle,
            seats: Arc::default(),
            metrics,
            tls,
            transport: config.transport,
            egress: Arc::new(egress),
            audit: Arc::new(audit),
            incidents,
            sweeps: Sweeps::default(),
            notices: Notices::default(),
            web_push,
            posture,
            status: Status::new(config.status_file.clone(), clock::wall()),
            feelings: Feelings::new(clock::now().instant),
            lookout,
            sign_on,
            public_url,
        };
        Ok(node)
    }

    /// The link that carries an invite; its secret is in the fragment, which browsers do not send.
    /// With it goes by what the campaign's root key is known, if it has one, so that a server that lies later finds people who
    /// know better.
    pub(crate) fn join_link(&self, secret: &Secret, root: Option<&Digest>) -> String {
        let mut link = self.public_url.clone();
        link.set_path("/join");
        let fragment = match root {
            None => secret.reveal(),
            Some(root) => format!("{}~{}", secret.reveal(), root.text()),
        };
        link.set_fragment(Some(&fragment));
        link.into()
    }

    /// Where the app shows something, by what stands behind the `#` of its address.
    pub(crate) fn app_link(&self, fragment: &str) -> String {
        let mut link = self.public_url.clone();
        link.set_path("/");
        link.set_fragment(Some(fragment));
        link.into()
    }

    /// The link by which a member who lost their passkeys begins anew; the code is in the fragment.
    pub(crate) fn recovery_link(&self, code: &Secret) -> String {
        let mut link = self.public_url.clone();
        link.set_path("/console");
        link.set_fragment(Some(&format!("recover/{}", code.reveal())));
        link.into()
    }

    /// Whether people come by HTTPS, so that cookies may be marked for it.
    pub(crate) fn is_secure(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// Intervals and patience of a conversation that begins now.
    fn timing_now(&self) -> Timing {
        Timing { ping_interval: self.posture.now().ping_interval(self.timing.ping_interval), ..self.timing }
    }

    /// What conversations that begin now share: the same until their timing changes.
    pub(crate) fn common_now(&self) -> Arc<Common> {
        let timing = self.timing_now();
        let mut common = self.common.lock();
        if let Some(known) = common.as_ref().filter(|known| known.timing == timing) {
            return Arc::clone(known);
        }
        let fresh = Arc::new(Common {
            door: Arc::<Gate>::clone(&self.gate),
            hands: self.hands,
            timing,
            watch: Arc::<Metrics>::clone(&self.metrics),
            version: concat!("holdfast ", env!("CARGO_PKG_VERSION")),
        });
        *common = Some(Arc::clone(&fresh));
        fresh
    }

    /// When a connection gets its first ping: in the second half of the interval, where its id puts it.
    pub(crate) fn first_ping(client: &ClientId, timing: &Timing) -> Duration {
        let mut hasher = DefaultHasher::new();
        client.hash(&mut hasher);
        let half = timing.ping_interval / 2;
        let part = u32::try_from(hasher.finish() % 1_000).unwrap_or(0);
        half + half * part / 1_000
    }
}

/// The address that people use.
fn public_url(config: &Config, address: SocketAddr) -> anyhow::Result<Url> {
    match &config.public_url {
        Some(url) => Ok(url.clone()),
        None => Ok(Url::parse(&format!("{}://localhost:{}", config.scheme(), address.port()))?),
    }
}

/// The node's name in records: the machine's, and the port.
fn name(address: SocketAddr) -> anyhow::Result<Name> {
    let system = rustix::system::uname();
    let machine = system.nodename().to_string_lossy();
    let fits = machine.floor_char_boundary(NODE_MACHINE_MAX_BYTES);
    Ok(format!("{}:{}", machine.get(..fits).unwrap_or_default(), address.port()).parse()?)
}

/// How hard pressed the service is, as far as this node knows before it serves.
fn posture(config: &Config, store: &Store) -> anyhow::Result<ServicePosture> {
    let setup = posture::Setup {
        id: clock::fresh_client()?.as_str().to_owned(),
        ceilings: Ceilings {
            delay_target: config.delay_target.0,
            memory_max: config.memory_max.unwrap_or_else(posture::memory_max),
            descriptors_max: Descriptors::now().max(),
        },
        hold: config.posture_hold.0,
        has_peers: matches!(store.engine, Engine::Redis(_)),
        announce_again_after: config.retention_service.0 / 2,
    };
    let (records, history) = (Arc::clone(&store.records), Arc::clone(&store.history));
    Ok(ServicePosture::new(setup, records, history, clock::now()))
}

/// Whose pages may ask for passkeys besides the public URL's: what the configuration adds, and this machine's own name. Browsers
/// give a passkey only to pages of its domain.
fn pages(config: &Config, address: SocketAddr) -> anyhow::Result<Vec<Url>> {
    let own = Url::parse(&format!("{}://localhost:{}", config.scheme(), address.port()))?;
    Ok(config.allowed_origins.iter().cloned().chain([own]).collect())
}

/// The public URL, what the configuration adds, and this machine's own names for the port.
fn origins(config: &Config, address: SocketAddr, public_url: &Url) -> OriginRule {
    let (scheme, port) = (config.scheme(), address.port());
    let own = ["localhost", "127.0.0.1", "[::1]"].map(|host| format!("{scheme}://{host}:{port}"));
    let configured = std::iter::once(public_url).chain(&config.allowed_origins);
    OriginRule::new(own.into_iter().chain(configured.map(|url| url.origin().ascii_serialization())))
}
