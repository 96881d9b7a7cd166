//! What a Redis must be like, asked at the start and again whenever it may be another; see `fitness`.

use crate::connection::is_refusal;
use crate::keys::Keys;
use redis::{ErrorKind, RedisError, RedisResult, Script, aio::MultiplexedConnection, cmd};
use std::collections::HashMap;
use storage::Durability;

/// `XTRIM MINID` and ranges that leave out their bound begin here.
const VERSION_MIN: (u32, u32) = (6, 2);

/// Why a Redis is not used. Each is a sentence for the operator; none repeats the URL, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The URL says nothing that we understand.
    #[error(
        "the Redis URL is not of the form redis://HOST:PORT, redis://USER:PASSWORD@HOST:PORT/DATABASE or unix:///PATH (rediss:// is not built in)"
    )]
    Url,
    /// The prefix would break key names.
    #[error("the key prefix may have only letters, digits and : . _ -")]
    Prefix,
    /// No connection, or no answer.
    #[error("Redis cannot be reached at the given URL: {0}")]
    Unreachable(String),
    /// It asks for a password.
    #[error("Redis needs a password: give it in the URL, as in redis://:PASSWORD@HOST:PORT")]
    NeedsPassword,
    /// It does not accept ours.
    #[error("Redis does not accept the user and password of the URL")]
    WrongPassword,
    /// It has not read its data yet.
    #[error("Redis is still loading its data: try again when it is done")]
    Loading,
    /// Its access rules forbid something that we need.
    #[error(
        "Redis forbids this user a command that is needed ({0}): allow INFO, EVALSHA, SCRIPT LOAD, SUBSCRIBE, PUBLISH and the commands on keys with the prefix"
    )]
    Forbidden(String),
    /// It lacks commands that we need.
    #[error("Redis {0} is too old: 6.2 or later is needed")]
    TooOld(String),
    /// It does not say who it is.
    #[error(
        "this Redis does not tell its run_id and master_replid in INFO, without which a lost history cannot be noticed"
    )]
    Anonymous,
    /// It is a cluster.
    #[error(
        "this Redis is a cluster, which is not supported: use a single primary, with replicas if you like"
    )]
    Cluster,
    /// It takes no writes.
    #[error("this Redis is a read-only replica: use its primary")]
    Replica,
    /// It keeps memory only.
    #[error(
        "this Redis has no append-only file and would forget accepted messages when it stops: set `appendonly yes` and `appendfsync always`, or accept a volatile store"
    )]
    NoAppendOnlyFile,
    /// It may drop keys when memory runs out.
    #[error(
        "this Redis may evict accepted messages when memory runs out (maxmemory-policy {0}): set `maxmemory-policy noeviction`, or accept a volatile store"
    )]
    MayEvict(String),
}

impl ConnectError {
    pub(crate) fn of(error: &RedisError) -> Self {
        match (error.kind(), error.code()) {
            (_, Some("NOAUTH")) => Self::NeedsPassword,
            (ErrorKind::AuthenticationFailed, _) | (_, Some("WRONGPASS")) => Self::WrongPassword,
            (_, Some("LOADING")) => Self::Loading,
            (_, Some("NOPERM")) => Self::Forbidden(error.detail().unwrap_or("NOPERM").to_owned()),
            (ErrorKind::InvalidClientConfig, _) => Self::Url,
            _ => Self::Unreachable(error.to_string()),
        }
    }

    /// Whether nothing was found out, so that asking again over another connection is all there is to do.
    pub(crate) const fn is_silence(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Loading)
    }
}

/// When Redis syncs its append-only file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sync {
    Always,
    /// Once a second, or when the system likes.
    Later,
    /// It would not say, which counts as later.
    Unknown,
    /// There is no such file.
    Never,
}

/// What a Redis said of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Findings {
    /// As `server_identity` in epoch.lua.
    identity: String,
    version: String,
    sync: Sync,
    evicts: Option<String>,
}

impl Findings {
    pub(crate) async fn gather(
        connection: &mut MultiplexedConnection,
        keys: &Keys,
    ) -> Result<Self, ConnectError> {
        let info: String =
            cmd("INFO").query_async(connection).await.map_err(|error| ConnectError::of(&error))?;
        let info = Info::parse(&info);
        info.check()?;
        probe(connection, keys).await?;
        // Managed services forbid CONFIG.
        let settings: HashMap<String, String> =
            cmd("CONFIG").arg("GET").arg("*append*fsync*").query_async(connection).await.unwrap_or_default();
        Ok(info.findings(&settings))
    }

    /// Whose findings these are: `run_id` and `master_replid`.
    pub(crate) fn identity(&self) -> &str {
        &self.identity
    }

    /// Refuses a Redis that may forget what it answered.
    pub(crate) fn insist_on_keeping(&self) -> Result<(), ConnectError> {
        if self.sync == Sync::Never {
            return Err(ConnectError::NoAppendOnlyFile);
        }
        match &self.evicts {
            Some(policy) => Err(ConnectError::MayEvict(policy.clone())),
            None => Ok(()),
        }
    }

    pub(crate) const fn durability(&self) -> Durability {
        if self.evicts.is_some() {
            return Durability::Volatile;
        }
        match self.sync {
            Sync::Always => Durability::Synced,
            Sync::Later | Sync::Unknown => Durability::Relaxed,
            Sync::Never => Durability::Volatile,
        }
    }

    /// One sentence for the log.
    pub(crate) fn summary(&self) -> String {
        let version = &self.version;
        if let Some(policy) = &self.evicts {
            return format!("Redis {version} may evict accepted messages (maxmemory-policy {policy}).");
        }
        match self.sync {
            Sync::Always => {
                format!("Redis {version} with appendfsync always: an answered message survives a power cut.")
            }
            Sync::Later => format!(
                "Redis {version} syncs after it answers: an answered message survives a crash of Redis, but a \
                 power cut may take about the last second."
            ),
            Sync::Unknown => format!(
                "Redis {version} does not tell when it syncs: an answered message survives a crash of Redis, but \
                 perhaps not a power cut."
            ),
            Sync::Never => {
                format!("Redis {version} keeps memory only: accepted messages are gone when it stops.")
            }
        }
    }
}

async fn probe(connection: &mut MultiplexedConnection, keys: &Keys) -> Result<(), ConnectError> {
    let script = Script::new(include_str!("lua/probe.lua"));
    let probed: RedisResult<u64> = script.arg(keys.probe()).invoke_async(connection).await;
    match probed {
        Ok(_) => Ok(()),
        Err(error) if is_refusal(&error) => {
            Err(ConnectError::Forbidden(error.detail().unwrap_or("no detail").to_owned()))
        }
        Err(error) => Err(ConnectError::of(&error)),
    }
}

/// The lines of `INFO`.
struct Info<'a>(HashMap<&'a str, &'a str>);

impl<'a> Info<'a> {
    fn parse(text: &'a str) -> Self {
        Self(text.lines().filter_map(|line| line.trim().split_once(':')).collect())
    }

    fn is(&self, field: &str, value: &str) -> bool {
        self.0.get(field).is_some_and(|found| *found == value)
    }

    fn check(&self) -> Result<(), ConnectError> {
        let version = self.0.get("redis_version").copied().unwrap_or("(unknown)");
        let mut numbers = version.split('.').map(str::parse::<u32>);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(major)), Some(Ok(minor))) if (major, minor) >= VERSION_MIN => {}
            _ => return Err(ConnectError::TooOld(version.to_owned())),
        }
        if !(self.0.contains_key("run_id") && self.0.contains_key("master_replid")) {
            return Err(ConnectError::Anonymous);
        }
        if self.is("redis_mode", "cluster") {
            return Err(ConnectError::Cluster);
        }
        if self.is("role", "slave") {
            return Err(ConnectError::Replica);
        }
        if self.is("loading", "1") {
            return Err(ConnectError::Loading);
        }
        Ok(())
    }

    fn findings(&self, settings: &HashMap<String, String>) -> Findings {
        let setting = |name: &str| settings.get(name).map(String::as_str);
        let sync = match (setting("appendfsync"), setting("no-appendfsync-on-rewrite")) {
            _ if !self.is("aof_enabled", "1") => Sync::Never,
            (Some("always"), None | Some("no")) => Sync::Always,
            (Some(_), _) => Sync::Later,
            (None, _) => Sync::Unknown,
        };
        let bounded = self.0.get("maxmemory").is_some_and(|bytes| *bytes != "0");
        let policy = self.0.get("maxmemory_policy").copied().unwrap_or("noeviction");
        let id = |field: &str| {
            let text = self.0.get(field).copied().unwrap_or_default();
            text.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default()
        };
        Findings {
            identity: format!("{}/{}", id("run_id"), id("master_replid")),
            version: self.0.get("redis_version").copied().unwrap_or_default().to_owned(),
            sync,
            evicts: (bounded && policy != "noeviction").then(|| policy.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nrun_id:abc\r\n\
                        role:master\r\nmaster_replid:def\r\nloading:0\r\naof_enabled:1\r\n\
                        maxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n";

    impl Findings {
        /// Of a Redis that says this of itself.
        pub(crate) fn of(info: &str, settings: &[(&str, &str)]) -> Result<Self, ConnectError> {
            let info = Info::parse(info);
            info.check()?;
            let settings =
                settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            Ok(info.findings(&settings))
        }
    }

    fn durability(info: &str, settings: &[(&str, &str)]) -> Durability {
        Findings::of(info, settings).unwrap().durability()
    }

    #[test]
    fn what_can_be_promised_follows_from_when_redis_syncs() {
        let always = ("appendfsync", "always");
        assert_eq!(durability(GOOD, &[always]), Durability::Synced);
        assert_eq!(durability(GOOD, &[("appendfsync", "everysec")]), Durability::Relaxed);
        assert_eq!(durability(GOOD, &[]), Durability::Relaxed);
        let lazy_rewrite = ("no-appendfsync-on-rewrite", "yes");
        assert_eq!(durability(GOOD, &[always, lazy_rewrite]), Durability::Relaxed);
        let memory_only = GOOD.replace("aof_enabled:1", "aof_enabled:0");
        assert_eq!(durability(&memory_only, &[always]), Durability::Volatile);
    }

    #[test]
    fn eviction_matters_only_where_memory_is_bounded() {
        let unbounded = Findings::of(GOOD, &[]).unwrap();
        assert_eq!(unbounded.insist_on_keeping(), Ok(()));
        let bounded = Findings::of(&GOOD.replace("maxmemory:0", "maxmemory:1000"), &[]).unwrap();
        assert_eq!(bounded.insist_on_keeping(), Err(ConnectError::MayEvict("allkeys-lru".to_owned())));
        assert_eq!(bounded.durability(), Durability::Volatile);
    }

    #[test]
    fn a_redis_that_cannot_serve_is_refused_with_its_reason() {
        for (good, bad, expected) in [
            ("7.0.15", "6.0.16", ConnectError::TooOld("6.0.16".to_owned())),
            ("role:master", "role:slave", ConnectError::Replica),
            ("standalone", "cluster", ConnectError::Cluster),
            ("loading:0", "loading:1", ConnectError::Loading),
            ("run_id:abc\r\n", "", ConnectError::Anonymous),
        ] {
            assert_eq!(Findings::of(&GOOD.replace(good, bad), &[]), Err(expected));
        }
    }
}
