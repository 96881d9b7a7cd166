//! Ways to reach a Redis: a [`Link`] that mends itself, and pools of short-lived turns.
//!
//! A connection is driven by a task of the runtime that opened it, and dies with that runtime. Links open their
//! connections on the runtime on which the store was made, whoever asks. Pooled connections belong to whoever first
//! needed them; the pool tries each before giving it out again and drops the dead.

use crate::fitness::Fitness;
use crate::keys::Keys;
use crate::options::Options;
use crate::startup::{ConnectError, Findings};
use crate::statistics::PoolStatistics;
use deadpool_redis::{Connection, Manager, Pool, Runtime};
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ConnectionInfo, ErrorKind, FromRedisValue, IntoConnectionInfo,
    ProtocolVersion, PushInfo, PushKind, RedisError, RedisResult, ScriptInvocation, io::tcp::TcpSettings,
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};
use storage::Unavailable;
use tokio::{runtime::Handle, sync::Mutex};

/// Whether Redis itself answered with an error, which it only does when it has done nothing (the scripts see to
/// that for theirs). Any other error leaves open what happened.
pub(crate) fn is_refusal(error: &RedisError) -> bool {
    matches!(error.kind(), ErrorKind::Server(_) | ErrorKind::Extension)
}

/// Whether Redis refused because it has reached its `maxmemory`. It says so by a code, which versions before 7 put inside
/// the text when a script is refused.
pub(crate) fn is_for_want_of_memory(error: &RedisError) -> bool {
    is_refusal(error)
        && (error.code() == Some("OOM")
            || error.detail().is_some_and(|detail| detail.contains("OOM command not allowed")))
}

/// Where a Redis is and how patiently to talk to it.
#[derive(Clone)]
pub(crate) struct Address {
    info: ConnectionInfo,
    client: Client,
    config: AsyncConnectionConfig,
    timeouts: deadpool_redis::Timeouts,
}

impl Address {
    pub(crate) fn parse(url: &str, options: &Options) -> RedisResult<Self> {
        let info = url.into_connection_info()?;
        // RESP3 announces the end of a connection and carries pub/sub beside commands.
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        let info =
            info.set_redis_settings(settings).set_tcp_settings(TcpSettings::default().set_nodelay(true));
        Ok(Self {
            client: Client::open(info.clone())?,
            info,
            config: AsyncConnectionConfig::new()
                .set_connection_timeout(Some(options.connect_timeout))
                .set_response_timeout(Some(options.response_timeout)),
            timeouts: deadpool_redis::Timeouts {
                wait: Some(options.response_timeout),
                create: Some(options.connect_timeout),
                recycle: Some(options.response_timeout),
            },
        })
    }

    pub(crate) fn database(&self) -> i64 {
        self.info.redis_settings().db()
    }

    /// Opens a connection whose pushes, and at last its end, go to `on_push`, which must not wait.
    pub(crate) async fn open(
        &self,
        on_push: impl Fn(PushInfo) + Send + Sync + 'static,
    ) -> RedisResult<MultiplexedConnection> {
        let hand_on = move |push| {
            on_push(push);
            Ok::<(), redis::aio::SendError>(())
        };
        let config = self.config.clone().set_push_sender(hand_on);
        self.client.get_multiplexed_async_connection_with_config(&config).await
    }

    pub(crate) fn pool(&self, size: usize) -> RedisResult<Connections> {
        let manager = Manager::new_with_config(self.info.clone(), self.config.clone())?;
        Pool::builder(manager)
            .max_size(size.max(1))
            .timeouts(self.timeouts)
            .runtime(Runtime::Tokio1)
            .build()
            .map(Connections)
            .map_err(|_| RedisError::from((ErrorKind::InvalidClientConfig, "no pool")))
    }
}

/// A pool of connections.
pub(crate) struct Connections(Pool);

impl Connections {
    pub(crate) fn statistics(&self) -> PoolStatistics {
        let status = self.0.status();
        PoolStatistics {
            max: status.max_size,
            open: status.size,
            available: status.available,
            waiting: status.waiting,
        }
    }

    pub(crate) async fn take(&self) -> Result<Connection, Unavailable> {
        self.0.get().await.map_err(|_| Unavailable)
    }

    /// Runs a script for whose caller every failure is the same.
    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, Unavailable> {
        script.invoke_async(&mut self.take().await?).await.map_err(|_| Unavailable)
    }

    /// Whether Redis answers.
    pub(crate) async fn ping(&self) -> Result<(), Unavailable> {
        redis::cmd("PING").query_async(&mut self.take().await?).await.map_err(|_| Unavailable)
    }

    pub(crate) fn close(&self) {
        self.0.close();
    }
}

/// One connection that everybody shares, opened anew when it is lost. Nobody gets it before its Redis has said what
/// it is.
pub(crate) struct Link {
    address: Address,
    keys: Keys,
    fitness: Fitness,
    home: Handle,
    current: Mutex<Option<Shared>>,
    failures: AtomicU64,
    opened: AtomicU64,
    /// So that all who doubt the Redis at once ask it once.
    asking: Mutex<()>,
}

#[derive(Clone)]
struct Shared {
    connection: MultiplexedConnection,
    lost: Arc<AtomicBool>,
}

/// A turn on a link.
pub(crate) struct Turn(Shared);

impl Turn {
    pub(crate) const fn connection(&mut self) -> &mut MultiplexedConnection {
        &mut self.0.connection
    }

    fn is_lost(&self) -> bool {
        self.0.lost.load(Ordering::Acquire)
    }

    /// Says that the connection cannot be trusted any more; whoever waits on it goes on waiting.
    pub(crate) fn give_up(&self) {
        self.0.lost.store(true, Ordering::Release);
    }
}

impl Link {
    /// A link whose connections live on the current runtime.
    pub(crate) fn new(address: Address, keys: Keys, accept_volatile: bool) -> Self {
        Self {
            address,
            keys,
            fitness: Fitness::new(accept_volatile),
            home: Handle::current(),
            current: Mutex::new(None),
            failures: AtomicU64::new(0),
            opened: AtomicU64::new(0),
            asking: Mutex::new(()),
        }
    }

    /// How often its connection was opened anew after a loss.
    pub(crate) fn reconnects(&self) -> u64 {
        self.opened.load(Ordering::Relaxed).saturating_sub(1)
    }

    /// What is known of its Redis.
    pub(crate) const fn fitness(&self) -> &Fitness {
        &self.fitness
    }

    /// The connection, opened if need be. Callers that come while it is being opened share the outcome, so a dead
    /// network costs each of them one timeout and not one after another.
    pub(crate) async fn turn(&self) -> Result<Turn, ConnectError> {
        let failures = self.failures.load(Ordering::Acquire);
        let mut current = self.current.lock().await;
        if let Some(shared) = &*current
            && !shared.lost.load(Ordering::Acquire)
        {
            return Ok(Turn(shared.clone()));
        }
        if self.failures.load(Ordering::Acquire) != failures {
            return Err(not_open());
        }
        match self.open().await {
            Ok((shared, said)) => {
                self.fitness.learn(said);
                self.opened.fetch_add(1, Ordering::Relaxed);
                *current = Some(shared.clone());
                Ok(Turn(shared))
            }
            Err(error) => {
                *current = None;
                self.failures.fetch_add(1, Ordering::AcqRel);
                Err(error)
            }
        }
    }

    async fn open(&self) -> Result<(Shared, Result<Findings, ConnectError>), ConnectError> {
        let lost = Arc::new(AtomicBool::new(false));
        let (address, keys, ended) = (self.address.clone(), self.keys.clone(), Arc::clone(&lost));
        let opening = self.home.spawn(async move {
            let on_push = move |push: PushInfo| {
                if push.kind == PushKind::Disconnection {
                    ended.store(true, Ordering::Release);
                }
            };
            let opened = address.open(on_push).await;
            let mut connection = opened.map_err(|error| ConnectError::of(&error))?;
            match Findings::gather(&mut connection, &keys).await {
                Err(error) if error.is_silence() => Err(error),
                said => Ok((connection, said)),
            }
        });
        let (connection, said) = opening.await.map_err(|_| not_open())??;
        Ok((Shared { connection, lost }, said))
    }

    /// Asks the Redis again what it is.
    pub(crate) async fn ask_again(&self) {
        if let Ok(mut turn) = self.turn().await {
            let _alone = self.asking.lock().await;
            self.ask(&mut turn).await;
        }
    }

    /// Whether its Redis is fit and is the one that answered over this turn; asked again if there is doubt.
    pub(crate) async fn vouches_for(&self, server: &str, turn: &mut Turn) -> bool {
        if self.fitness.vouches_for(server) {
            return true;
        }
        let _alone = self.asking.lock().await;
        if !self.fitness.vouches_for(server) {
            self.ask(turn).await;
        }
        self.fitness.vouches_for(server)
    }

    async fn ask(&self, turn: &mut Turn) {
        match Findings::gather(turn.connection(), &self.keys).await {
            Err(error) if error.is_silence() => turn.give_up(),
            // A connection that was replaced says nothing about the one that replaced it.
            said if !turn.is_lost() => self.fitness.learn(said),
            _ => {}
        }
    }

    pub(crate) async fn close(&self) {
        *self.current.lock().await = None;
    }
}

fn not_open() -> ConnectError {
    ConnectError::Unreachable("no connection".to_owned())
}
