//! Configuration: the command line, then `HOLDFAST_…`, then the file, then defaults; the first that speaks counts.

mod defaults;
mod duration;
mod push;
mod sign_on;

use crate::ops::{self, OpsListen, OpsSocket};
use admission::ATTACK_HOLD;
use anyhow::{Context, bail};
use campaign::Demand;
use campaign::bulletin::Language;
use campaign::bulletins::Rules;
use clap::{Args, CommandFactory, ValueEnum};
pub(crate) use defaults::LIMITS;
use defaults::{
    ACCEPT_RATE_PER_SECOND, ACCESS_TTL, ACCESS_TTL_MIN, CONFIG_FILE_MAX_BYTES, DELAY_TARGET,
    DELAY_TARGET_MAX, DELAY_TARGET_MIN, DRAIN_SPREAD_MAX, EGRESS_BUDGET_BYTES, EGRESS_BUDGET_MIN_BYTES,
    HELLO_TIMEOUT, LOAD_CONSENT_MAX_BYTES, MEMORY_MAX_MIN_BYTES, PONG_TIMEOUT, POSTURE_HOLD_MAX,
    RETENTION_AUDIT, RETENTION_AUDIT_MIN, RETENTION_EGRESS, RETENTION_EGRESS_MIN, RETENTION_INCIDENTS,
    RETENTION_INCIDENTS_MIN, RETENTION_MESSAGES, RETENTION_MIN, RETENTION_SERVICE, RING_BYTES_MIN,
    RINGS_MAX_BYTES, STALL_TIMEOUT, STORAGE_BYTES_MIN, STORAGE_MAX_BYTES, TIMING_MAX, TIMING_MIN,
    WORKERS_MAX,
};
use duration::HumanDuration;
use identity::Hands;
use push::PushConfig;
use serde::{Deserialize, Serialize};
use session::Timing;
pub(crate) use sign_on::{LIMITS as SIGN_ON, SignOnConfig, is_safe_address};
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tracing_subscriber::EnvFilter;
use url::Url;

/// The data folder, unless told otherwise.
pub(crate) const DEFAULT_DATA: &str = "data";
/// Every option, as one source gives it. The help texts are the reference.
#[expect(clippy::doc_markdown, reason = "these texts are shown on a terminal, not as Markdown")]
#[derive(Debug, Default, Args, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Options {
    /// A TOML file with any of these options, by their long names with _ for -
    #[arg(long, env = "HOLDFAST_CONFIG")]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// Where to listen [default: 127.0.0.1:8000]
    #[arg(long, env = "HOLDFAST_LISTEN")]
    listen: Option<SocketAddr>,
    /// Where to answer operators (/metrics, /health, /ready), or off; it has no password [default: 127.0.0.1:8001]
    #[arg(long, env = "HOLDFAST_OPS_LISTEN")]
    ops_listen: Option<OpsListen>,
    /// The Unix socket on which operators are answered and may order (holdfast posture, status, incident), or off [default: ops.sock in the data folder]
    #[arg(long, env = "HOLDFAST_OPS_SOCKET")]
    ops_socket: Option<OpsSocket>,
    /// The data folder: the embedded store, and the keys unless --keys names another place [default: data]
    #[arg(long, env = "HOLDFAST_DATA")]
    data: Option<PathBuf>,
    /// The file of keys that all nodes of a deployment share; made if it is not there [default: keys.json in the data folder]
    #[arg(long, env = "HOLDFAST_KEYS")]
    keys: Option<PathBuf>,
    /// Use this Redis instead of the embedded store: redis://HOST:PORT or unix:///PATH
    #[arg(long, env = "HOLDFAST_REDIS")]
    redis: Option<String>,
    /// Take a Redis that may forget accepted messages [default: false]
    #[arg(long, env = "HOLDFAST_ACCEPT_VOLATILE", num_args = 0..=1, default_missing_value = "true")]
    accept_volatile: Option<bool>,
    /// Refuse bulletins and urgent messages that one person publishes by themselves: they go where another approves them [default: false]
    #[arg(long, env = "HOLDFAST_TWO_PEOPLE", num_args = 0..=1, default_missing_value = "true")]
    two_people: Option<bool>,
    /// Whether organisers show a passkey before they may what their roles say: required or optional, for campaigns whose own sign-on asks for a second factor [default: required]
    #[arg(long, env = "HOLDFAST_ORGANISER_PASSKEYS")]
    organiser_passkeys: Option<OrganiserPasskeys>,
    /// Languages without which no bulletin goes, such as en,cy [default: none]
    #[arg(long, env = "HOLDFAST_BULLETIN_LANGUAGES", value_delimiter = ',')]
    bulletin_languages: Option<Vec<String>>,
    /// The certificate chain, in PEM, that makes this node speak TLS alone; the files are followed when they change
    #[arg(long, env = "HOLDFAST_TLS_CERT")]
    tls_cert: Option<PathBuf>,
    /// The private key of that certificate, in PEM and without a pass phrase
    #[arg(long, env = "HOLDFAST_TLS_KEY")]
    tls_key: Option<PathBuf>,
    /// The address that people use, for links [default: http://localhost:PORT, https with TLS]
    #[arg(long, env = "HOLDFAST_PUBLIC_URL")]
    public_url: Option<Url>,
    /// Further origins from which browsers may come, besides the public URL and this machine's own names
    #[arg(long, env = "HOLDFAST_ALLOWED_ORIGINS", value_delimiter = ',')]
    allowed_origins: Option<Vec<Url>>,
    /// A word, served at /.well-known/holdfast-load-consent, by which this node agrees to be put under load by whoever
    /// knows it; 8 to 128 visible ASCII characters
    #[arg(long, env = "HOLDFAST_LOAD_CONSENT")]
    load_consent: Option<String>,
    /// What carries conversations on connections without TLS: dense, or actix-ws, which is slower and takes more memory [default: dense]
    #[arg(long, env = "HOLDFAST_TRANSPORT")]
    transport: Option<Transport>,
    /// Worker threads [default: one a core]
    #[arg(long, env = "HOLDFAST_WORKERS")]
    workers: Option<usize>,
    /// How long bulletins, teams and inboxes are kept [default: 90days]
    #[arg(long, env = "HOLDFAST_RETENTION_MESSAGES")]
    retention_messages: Option<HumanDuration>,
    /// How long service:status and service:organisers are kept [default: 1day]
    #[arg(long, env = "HOLDFAST_RETENTION_SERVICE")]
    retention_service: Option<HumanDuration>,
    /// How long the account of what left, and to whom, is kept [default: 180days]
    #[arg(long, env = "HOLDFAST_RETENTION_EGRESS")]
    retention_egress: Option<HumanDuration>,
    /// How long the records of incidents are kept [default: 400days]
    #[arg(long, env = "HOLDFAST_RETENTION_INCIDENTS")]
    retention_incidents: Option<HumanDuration>,
    /// How long the audit of who did what is kept [default: 365days]
    #[arg(long, env = "HOLDFAST_RETENTION_AUDIT")]
    retention_audit: Option<HumanDuration>,
    /// How long an access token lives [default: 10m]
    #[arg(long, env = "HOLDFAST_ACCESS_TTL")]
    access_ttl: Option<HumanDuration>,
    /// Time between pings of a connection [default: 25s]
    #[arg(long, env = "HOLDFAST_PING_INTERVAL")]
    ping_interval: Option<HumanDuration>,
    /// How long a client that took all it was given may take to answer a ping [default: 8s]
    #[arg(long, env = "HOLDFAST_PONG_TIMEOUT")]
    pong_timeout: Option<HumanDuration>,
    /// How long a client may take nothing of what waits for it [default: 1m]
    #[arg(long, env = "HOLDFAST_STALL_TIMEOUT")]
    stall_timeout: Option<HumanDuration>,
    /// How long a client may take to say who it is [default: 10s]
    #[arg(long, env = "HOLDFAST_HELLO_TIMEOUT")]
    hello_timeout: Option<HumanDuration>,
    /// Time over which a node that stops closes its connections, if there are more than a thousand a second of them [default: 10s]
    #[arg(long, env = "HOLDFAST_DRAIN_SPREAD")]
    drain_spread: Option<HumanDuration>,
    /// Connections that are let in a second during the first minute after a start [default: 4000]
    #[arg(long, env = "HOLDFAST_ACCEPT_RATE")]
    accept_rate: Option<u32>,
    /// Memory for the latest messages of all channels, in bytes [default: 67108864]
    #[arg(long, env = "HOLDFAST_RING_BYTES")]
    ring_bytes: Option<usize>,
    /// Memory that this node may use, in bytes; near it the posture rises [default: 75 % of what the machine or the control group has]
    #[arg(long, env = "HOLDFAST_MEMORY_MAX")]
    memory_max: Option<u64>,
    /// How long what is ready may wait for its turn on a worker; above it the posture rises [default: 10ms]
    #[arg(long, env = "HOLDFAST_DELAY_TARGET")]
    delay_target: Option<HumanDuration>,
    /// How long the posture stays elevated after an attack, beyond 25 s of quiet [default: 1m]
    #[arg(long, env = "HOLDFAST_POSTURE_HOLD")]
    posture_hold: Option<HumanDuration>,
    /// A file that always has the status page, to be served by another host as well
    #[arg(long, env = "HOLDFAST_STATUS_FILE")]
    status_file: Option<PathBuf>,
    /// Most bytes of messages that the embedded store keeps, of which its file takes up to twice as many; at the ceiling
    /// nothing is evicted and messages wait until retention makes room; 0 is as much as the disk has [default: 0]
    #[arg(long, env = "HOLDFAST_STORAGE_MAX", value_name = "BYTES")]
    storage_max: Option<u64>,
    /// Bytes that an account may get from this node within an hour; over it, it reads no history until the hour is over, and
    /// the audit says whose it is; 0 is as much as there is [default: 209715200]
    #[arg(long, env = "HOLDFAST_EGRESS_BUDGET", value_name = "BYTES")]
    egress_budget: Option<u64>,
    /// Certificate authorities, in PEM, that are believed besides those that everybody knows when this node asks others: its sign-on, push services
    #[arg(long, env = "HOLDFAST_OUTGOING_CA", value_name = "FILE")]
    outgoing_ca: Option<PathBuf>,
    /// Whom push services write to about this node, mailto:ADDRESS or https://…; without it nobody is sent notifications
    #[arg(long, env = "HOLDFAST_PUSH_CONTACT", value_name = "URL")]
    push_contact: Option<Url>,
    /// Hosts of push services that devices may be reached by, HOST or *.HOST [default: those of Chrome, Firefox, Safari and Edge]
    #[arg(long, env = "HOLDFAST_PUSH_HOSTS", value_delimiter = ',', value_name = "HOSTS")]
    push_hosts: Option<Vec<String>>,
    /// Take push services on this machine, by http://127.0.0.1:PORT; for tests, and only while nobody else can reach this node [default: false]
    #[arg(long, env = "HOLDFAST_PUSH_ALLOW_LOCAL", num_args = 0..=1, default_missing_value = "true")]
    push_allow_local: Option<bool>,
    /// The campaign's own issuer, whose tokens programs show instead of ours: https://HOST[/PATH], as its tokens say it
    #[arg(long, env = "HOLDFAST_EXTERNAL_ISSUER", value_name = "URL")]
    external_issuer: Option<String>,
    /// The audience that its tokens are for, when they are for this service
    #[arg(long, env = "HOLDFAST_EXTERNAL_AUDIENCE")]
    external_audience: Option<String>,
    /// The campaign's own sign-on for people (OpenID Connect) [default: the external issuer]
    #[arg(long, env = "HOLDFAST_OIDC_ISSUER", value_name = "URL")]
    oidc_issuer: Option<String>,
    /// Under which name this service is registered there; without it there is no sign-on for people
    #[arg(long, env = "HOLDFAST_OIDC_CLIENT_ID")]
    oidc_client_id: Option<String>,
    /// A file with the secret of that registration, that only this service may read; none for a public client
    #[arg(long, env = "HOLDFAST_OIDC_CLIENT_SECRET_FILE")]
    oidc_client_secret_file: Option<PathBuf>,
    /// What people call the sign-on, for its button [default: its host]
    #[arg(long, env = "HOLDFAST_OIDC_NAME")]
    oidc_name: Option<String>,
    /// Scopes to ask for besides openid [default: none]
    #[arg(long, env = "HOLDFAST_OIDC_SCOPES", value_delimiter = ',')]
    oidc_scopes: Option<Vec<String>>,
    /// Make a member of whoever signs on for the first time, without an invite [default: false]
    #[arg(long, env = "HOLDFAST_OIDC_JOIN", num_args = 0..=1, default_missing_value = "true")]
    oidc_join: Option<bool>,
    /// The claim that has roles, or the way to it, such as realm_access.roles [default: holdfast_roles]
    #[arg(long, env = "HOLDFAST_CLAIM_ROLES")]
    claim_roles: Option<String>,
    /// The claim that has regions [default: holdfast_regions]
    #[arg(long, env = "HOLDFAST_CLAIM_REGIONS")]
    claim_regions: Option<String>,
    /// The claim that has teams [default: holdfast_teams]
    #[arg(long, env = "HOLDFAST_CLAIM_TEAMS")]
    claim_teams: Option<String>,
    /// The roles that the sign-on may give; others are left out [default: activist,observer]
    #[arg(long, env = "HOLDFAST_SIGN_ON_ROLES", value_delimiter = ',')]
    sign_on_roles: Option<Vec<String>>,
    /// What to log, as tracing's env-filter: info, debug, holdfast=debug [default: info,actix_server=warn,actix_http=off]
    #[arg(long, env = "HOLDFAST_LOG")]
    log: Option<String>,
    /// Print the one-time link that makes its first user the admin, with a QR code, on standard error even if that is no terminal [default: false]
    #[arg(long, env = "HOLDFAST_SHOW_FIRST_ADMIN", num_args = 0..=1, default_missing_value = "true")]
    show_first_admin: Option<bool>,
}

/// The configuration in effect.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Config {
    pub(crate) listen: SocketAddr,
    pub(crate) ops_listen: OpsListen,
    pub(crate) ops_socket: OpsSocket,
    pub(crate) data: PathBuf,
    pub(crate) keys: PathBuf,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) redis: Option<RedisUrl>,
    pub(crate) accept_volatile: bool,
    pub(crate) two_people: bool,
    organiser_passkeys: OrganiserPasskeys,
    pub(crate) transport: Transport,
    bulletin_languages: Vec<Language>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_cert: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_key: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) public_url: Option<Url>,
    pub(crate) allowed_origins: Vec<Url>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) load_consent: Option<String>,
    pub(crate) workers: usize,
    pub(crate) retention_messages: HumanDuration,
    pub(crate) retention_service: HumanDuration,
    pub(crate) retention_egress: HumanDuration,
    pub(crate) retention_incidents: HumanDuration,
    pub(crate) retention_audit: HumanDuration,
    pub(crate) access_ttl: HumanDuration,
    pub(crate) ping_interval: HumanDuration,
    pub(crate) pong_timeout: HumanDuration,
    pub(crate) stall_timeout: HumanDuration,
    pub(crate) hello_timeout: HumanDuration,
    pub(crate) drain_spread: HumanDuration,
    pub(crate) accept_rate: u32,
    pub(crate) ring_bytes: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) memory_max: Option<u64>,
    pub(crate) delay_target: HumanDuration,
    pub(crate) posture_hold: HumanDuration,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status_file: Option<PathBuf>,
    storage_max: u64,
    egress_budget: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) outgoing_ca: Option<PathBuf>,
    #[serde(flatten)]
    pub(crate) push: PushConfig,
    #[serde(flatten)]
    pub(crate) sign_on: SignOnConfig,
    pub(crate) log: String,
    pub(crate) show_first_admin: bool,
}

/// Whether organisers show passkeys, as the configuration says it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OrganiserPasskeys {
    #[default]
    Required,
    Optional,
}

/// What is given, else what the file says, else what is usual.
fn time(given: Option<HumanDuration>, file: Option<HumanDuration>, usual: Duration) -> HumanDuration {
    given.or(file).unwrap_or(HumanDuration(usual))
}

/// What carries conversations on connections without TLS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Transport {
    ActixWs,
    #[default]
    Dense,
}

/// A Redis URL; whatever prints it leaves the password out.
#[derive(Clone)]
pub(crate) struct RedisUrl(String);

impl RedisUrl {
    /// The whole URL.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    fn without_password(&self) -> String {
        match Url::parse(&self.0) {
            Ok(mut url) if url.password().is_some() => match url.set_password(Some("***")) {
                Ok(()) => url.into(),
                Err(()) => "***".to_owned(),
            },
            Ok(_) => self.0.clone(),
            Err(_) => "***".to_owned(),
        }
    }
}

impl std::fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.without_password())
    }
}

impl Serialize for RedisUrl {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.without_password())
    }
}

/// Whether a text can be the word of [`Config::load_consent`]: long enough to be nobody's by chance.
fn consents(word: &str) -> bool {
    (8..=LOAD_CONSENT_MAX_BYTES).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_graphic())
}

impl Config {
    /// Joins all sources: what the command line and the environment gave, and the file that they name.
    pub(crate) fn from_sources(given: Options) -> anyhow::Result<Self> {
        refuse_unknown_variables(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()))?;
        let file = match &given.config {
            Some(path) => {
                let about = || format!("the configuration file {}", path.display());
                if std::fs::metadata(path).with_context(about)?.len() > CONFIG_FILE_MAX_BYTES {
                    bail!("{}: larger than {CONFIG_FILE_MAX_BYTES} bytes", about());
                }
                let text = std::fs::read_to_string(path).with_context(about)?;
                Options::from_toml(&text).with_context(about)?
            }
            None => Options::default(),
        };
        Self::resolve(given, file)
    }

    /// Fills in defaults and refuses what makes no sense.
    fn resolve(given: Options, file: Options) -> anyhow::Result<Self> {
        let sign_on = SignOnConfig::resolve(&given, &file)?;
        let listen = given.listen.or(file.listen).unwrap_or((Ipv4Addr::LOCALHOST, 8000).into());
        let ops_listen = given.ops_listen.or(file.ops_listen).unwrap_or_default();
        let push = PushConfig::resolve(&given, &file, Self::is_closed(listen, &ops_listen))?;
        let data = given.data.or(file.data).unwrap_or_else(|| DEFAULT_DATA.into());
        let config = Self {
            listen,
            ops_listen,
            ops_socket: given
                .ops_socket
                .or(file.ops_socket)
                .unwrap_or_else(|| OpsSocket::Usual(ops::usual_path(&data))),
            keys: given.keys.or(file.keys).unwrap_or_else(|| crate::keys_file::default_path(&data)),
            data,
            redis: given.redis.or(file.redis).map(RedisUrl),
            two_people: given.two_people.or(file.two_people).unwrap_or(false),
            organiser_passkeys: given.organiser_passkeys.or(file.organiser_passkeys).unwrap_or_default(),
            transport: given.transport.or(file.transport).unwrap_or_default(),
            bulletin_languages: languages(given.bulletin_languages.or(file.bulletin_languages))?,
            accept_volatile: given.accept_volatile.or(file.accept_volatile).unwrap_or(false),
            tls_cert: given.tls_cert.or(file.tls_cert),
            tls_key: given.tls_key.or(file.tls_key),
            public_url: given.public_url.or(file.public_url),
            allowed_origins: given.allowed_origins.or(file.allowed_origins).unwrap_or_default(),
            load_consent: given.load_consent.or(file.load_consent),
            workers: given.workers.or(file.workers).unwrap_or_else(cores),
            retention_messages: time(given.retention_messages, file.retention_messages, RETENTION_MESSAGES),
            retention_service: time(given.retention_service, file.retention_service, RETENTION_SERVICE),
            retention_egress: time(given.retention_egress, file.retention_egress, RETENTION_EGRESS),
            retention_incidents: time(
                given.retention_incidents,
                file.retention_incidents,
                RETENTION_INCIDENTS,
            ),
            retention_audit: time(given.retention_audit, file.retention_audit, RETENTION_AUDIT),
            access_ttl: time(given.access_ttl, file.access_ttl, ACCESS_TTL),
            ping_interval: time(given.ping_interval, file.ping_interval, Timing::default().ping_interval),
            pong_timeout: time(given.pong_timeout, file.pong_timeout, PONG_TIMEOUT),
            stall_timeout: time(given.stall_timeout, file.stall_timeout, STALL_TIMEOUT),
            hello_timeout: time(given.hello_timeout, file.hello_timeout, HELLO_TIMEOUT),
            drain_spread: time(given.drain_spread, file.drain_spread, DRAIN_SPREAD_MAX),
            accept_rate: given.accept_rate.or(file.accept_rate).unwrap_or(ACCEPT_RATE_PER_SECOND),
            ring_bytes: given.ring_bytes.or(file.ring_bytes).unwrap_or(RINGS_MAX_BYTES),
            memory_max: given.memory_max.or(file.memory_max),
            delay_target: time(given.delay_target, file.delay_target, DELAY_TARGET),
            posture_hold: time(given.posture_hold, file.posture_hold, ATTACK_HOLD),
            status_file: given.status_file.or(file.status_file),
            storage_max: given.storage_max.or(file.storage_max).unwrap_or(STORAGE_MAX_BYTES),
            egress_budget: given.egress_budget.or(file.egress_budget).unwrap_or(EGRESS_BUDGET_BYTES),
            outgoing_ca: given.outgoing_ca.or(file.outgoing_ca),
            push,
            sign_on,
            log: given.log.or(file.log).unwrap_or_else(|| "info,actix_server=warn,actix_http=off".to_owned()),
            show_first_admin: given.show_first_admin.or(file.show_first_admin).unwrap_or(false),
        };
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> anyhow::Result<()> {
        if self.ops_listen == OpsListen::At(self.listen) && self.listen.port() != 0 {
            bail!("listen and ops_listen are both {}: operators need an address of their own", self.listen);
        }
        if self.organiser_passkeys == OrganiserPasskeys::Required
            && self.public_url.as_ref().is_some_and(|url| url.domain().is_none())
        {
            bail!(
                "organisers' passkeys need a domain (or localhost) in public_url; or say organiser_passkeys = \"optional\""
            );
        }
        if self.workers == 0 || self.workers > WORKERS_MAX {
            bail!("workers must be between 1 and {WORKERS_MAX}, not {}", self.workers);
        }
        if self.access_ttl.0 < ACCESS_TTL_MIN || self.access_ttl.0 > identity::access_token::TTL_MAX {
            bail!("access_ttl must be between 30s and 365days, not {}", self.access_ttl);
        }
        for (name, retention) in
            [("retention_messages", self.retention_messages), ("retention_service", self.retention_service)]
        {
            if retention.0 < RETENTION_MIN {
                bail!("{name} must be at least 1m, not {retention}");
            }
        }
        for (name, time) in [
            ("ping_interval", self.ping_interval),
            ("pong_timeout", self.pong_timeout),
            ("stall_timeout", self.stall_timeout),
            ("hello_timeout", self.hello_timeout),
        ] {
            if time.0 < TIMING_MIN || time.0 > TIMING_MAX {
                bail!("{name} must be between 1s and 1h, not {time}");
            }
        }
        if self.pong_timeout.0 >= self.ping_interval.0 {
            bail!("pong_timeout must be less than ping_interval ({})", self.ping_interval);
        }
        if self.drain_spread.0 > TIMING_MAX {
            bail!("drain_spread must be at most 1h, not {}", self.drain_spread);
        }
        if self.load_consent.as_deref().is_some_and(|word| !consents(word)) {
            bail!("load_consent must be 8 to {LOAD_CONSENT_MAX_BYTES} visible ASCII characters");
        }
        if self.accept_rate == 0 {
            bail!("accept_rate must be at least 1, or nobody is let in");
        }
        if self.retention_egress.0 < RETENTION_EGRESS_MIN {
            bail!("retention_egress must be at least 1day, not {}", self.retention_egress);
        }
        if self.retention_incidents.0 < RETENTION_INCIDENTS_MIN {
            bail!("retention_incidents must be at least 30days, not {}", self.retention_incidents);
        }
        if self.retention_audit.0 < RETENTION_AUDIT_MIN {
            bail!("retention_audit must be at least 30days, not {}", self.retention_audit);
        }
        if self.tls_cert.is_some() != self.tls_key.is_some() {
            bail!("tls_cert and tls_key belong together: give both, or neither");
        }
        if let (Some(url), Some(_)) = (&self.public_url, self.tls())
            && url.scheme() == "http"
        {
            bail!("public_url is {url}, but with tls_cert this node speaks https alone");
        }
        self.check_ceilings()?;
        for url in self.public_url.iter().chain(&self.allowed_origins) {
            if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
                bail!("{url} is not an address of the form https://HOST[:PORT]");
            }
        }
        self.log_filter().map(drop)
    }

    /// Whether nobody but this machine reaches the node.
    fn is_closed(listen: SocketAddr, ops: &OpsListen) -> bool {
        let reaches = match ops {
            OpsListen::At(address) => address.ip().is_loopback(),
            OpsListen::Off => true,
        };
        reaches && listen.ip().is_loopback()
    }

    /// What a node may use, and when it is hard pressed.
    fn check_ceilings(&self) -> anyhow::Result<()> {
        if self.delay_target.0 < DELAY_TARGET_MIN || self.delay_target.0 > DELAY_TARGET_MAX {
            bail!("delay_target must be between 1ms and 1m, not {}", self.delay_target);
        }
        if self.posture_hold.0 > POSTURE_HOLD_MAX {
            bail!("posture_hold must be at most 1day, not {}", self.posture_hold);
        }
        if self.memory_max.is_some_and(|max| max < MEMORY_MAX_MIN_BYTES) {
            bail!("memory_max must be at least {MEMORY_MAX_MIN_BYTES} bytes");
        }
        if self.storage_max().is_some_and(|most| most < STORAGE_BYTES_MIN) {
            bail!("storage_max must be 0, or at least {STORAGE_BYTES_MIN}, not {}", self.storage_max);
        }
        if self.egress_budget().is_some_and(|budget| budget < EGRESS_BUDGET_MIN_BYTES) {
            bail!(
                "egress_budget must be 0, or at least {EGRESS_BUDGET_MIN_BYTES}, not {}",
                self.egress_budget
            );
        }
        if self.storage_max > 0 && self.redis.is_some() {
            bail!("storage_max is for the embedded store: on Redis, set its maxmemory, with noeviction");
        }
        if self.ring_bytes < RING_BYTES_MIN {
            bail!("ring_bytes must be at least {RING_BYTES_MIN}, not {}", self.ring_bytes);
        }
        Ok(())
    }

    /// Most bytes of messages that the embedded store keeps, if there is a ceiling.
    pub(crate) fn storage_max(&self) -> Option<u64> {
        Some(self.storage_max).filter(|most| *most > 0)
    }

    /// How many bytes an account may get within an hour, if there is a budget.
    pub(crate) fn egress_budget(&self) -> Option<u64> {
        Some(self.egress_budget).filter(|budget| *budget > 0)
    }

    /// How this node's own listener is spoken to.
    pub(crate) const fn scheme(&self) -> &'static str {
        if self.tls_cert.is_some() { "https" } else { "http" }
    }

    /// How many people it takes to reach many.
    pub(crate) const fn demand(&self) -> Demand {
        match self.organiser_passkeys {
            OrganiserPasskeys::Required => Demand::Required,
            OrganiserPasskeys::Optional => Demand::Optional,
        }
    }

    pub(crate) const fn hands(&self) -> Hands {
        if self.two_people { Hands::Two } else { Hands::One }
    }

    /// What is asked of every bulletin.
    pub(crate) fn bulletin_rules(&self) -> Rules {
        Rules { languages: self.bulletin_languages.clone(), manifest: None }
    }

    /// Intervals and patience of conversations.
    pub(crate) fn timing(&self) -> Timing {
        Timing {
            hello_timeout: self.hello_timeout.0,
            ping_interval: self.ping_interval.0,
            pong_timeout: self.pong_timeout.0,
            stall_timeout: self.stall_timeout.0,
            ..Timing::default()
        }
    }

    /// The certificate and the key, if the node speaks TLS.
    pub(crate) fn tls(&self) -> Option<(&Path, &Path)> {
        self.tls_cert.as_deref().zip(self.tls_key.as_deref())
    }

    /// What to log.
    pub(crate) fn log_filter(&self) -> anyhow::Result<EnvFilter> {
        EnvFilter::try_new(&self.log).with_context(|| format!("log = {:?}", self.log))
    }

    /// A file with the same effect (but for a password in the Redis URL, which is not shown).
    pub(crate) fn to_toml(&self) -> anyhow::Result<String> {
        Ok(toml::to_string(self)?)
    }
}

impl Options {
    fn from_toml(text: &str) -> anyhow::Result<Self> {
        Ok(toml::from_str(text)?)
    }
}

/// Languages by their tags.
fn languages(tags: Option<Vec<String>>) -> anyhow::Result<Vec<Language>> {
    let tags = tags.unwrap_or_default();
    let read = |tag: &String| Language::parse(tag).with_context(|| format!("bulletin_languages: {tag:?}"));
    tags.iter().map(read).collect()
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// A misspelt variable would otherwise be passed over in silence.
fn refuse_unknown_variables(names: impl Iterator<Item = String>) -> anyhow::Result<()> {
    #[derive(clap::Parser)]
    struct OnlyOptions {
        #[command(flatten)]
        _options: Options,
    }
    let command = OnlyOptions::command();
    let known: BTreeSet<&str> =
        command.get_arguments().filter_map(|argument| argument.get_env()?.to_str()).collect();
    match names.into_iter().find(|name| name.starts_with("HOLDFAST_") && !known.contains(name.as_str())) {
        None => Ok(()),
        Some(unknown) => {
            let known: Vec<&str> = known.into_iter().collect();
            bail!("the environment variable {unknown} is unknown; known are {}", known.join(", "))
        }
    }
}

#[cfg(test)]
mod tests;
