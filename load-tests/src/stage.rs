//! What is under load: a server that the tool starts, or an address that it was given.

mod node;
mod ports;
mod pressure;
mod proxies;
mod quota;
mod redis;
pub(crate) mod remote;

use crate::launch::Cores;
use crate::orders::{Access, Target, TlsTrust};
use crate::scenario::{Act, Proxy, Scenario, Store, Victim};
use anyhow::{Context, bail};
use identity::KeySet;
use node::Node;
use proxies::Proxies;
use quota::Quota;
use redis::Redis;
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::time::Duration;
use tempfile::TempDir;

/// How long a process may take to come up, or to end in order.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Where a node answers operators, in its data folder.
const OPERATORS_SOCKET: &str = "ops.sock";

/// Between two looks whether a process has ended.
const END_POLL: Duration = Duration::from_millis(2);

/// Which server the tool starts.
#[derive(Debug, Clone)]
pub(crate) enum Program {
    /// The real one, at this path.
    Holdfast(PathBuf),
    /// The least that broadcasts: this program itself.
    Floor,
}

/// What is under load.
#[derive(Debug)]
pub(crate) struct Stage {
    /// What clients connect to instead of nodes; first, so that it ends before them.
    proxies: Proxies,
    nodes: Vec<Node>,
    redis: Option<Redis>,
    targets: Vec<Target>,
    tls: Option<TlsTrust>,
    access: Access,
    /// Its files; gone when it is dropped.
    _folder: Option<TempDir>,
    /// Below the processes in it: it can go when they have.
    quota: Option<Quota>,
}

impl Stage {
    /// Starts what the scenario asks for and waits until it serves.
    pub(crate) fn start(
        program: &Program,
        scenario: &Scenario,
        cores: &Cores,
        complaints: &File,
    ) -> anyhow::Result<Self> {
        let all = std::thread::available_parallelism().map_or(1, usize::from);
        let usable = if cores.0.is_empty() { all } else { cores.0.len() };
        let quota = scenario.server.cpu.map(|cpu| Quota::new(cpu, usable)).transpose()?;
        let folder = tempfile::Builder::new().prefix("holdfast-load-").tempdir()?;
        let keys = KeySet::generate().context("no keys could be made")?;
        let keys_path = folder.path().join("keys.json");
        write_secret(&keys_path, &keys.to_file_text())?;
        let redis = match (scenario.server.store, program) {
            (Store::Redis, Program::Holdfast(_)) => {
                Some(Redis::start(&folder.path().join("redis"), cores, complaints)?)
            }
            (Store::Redis | Store::Embedded, _) => None,
        };
        let certificate = if scenario.server.tls { Some(certificate(folder.path())?) } else { None };
        let pair = certificate.as_ref().map(|(_, certificate, key)| (certificate.as_path(), key.as_path()));
        let tls_at_nodes = scenario.server.proxy != Some(Proxy::HaproxyHttp);
        let setting = NodeSetting {
            keys: &keys_path,
            redis: redis.as_ref(),
            certificate: pair.filter(|_| tls_at_nodes),
            more: &scenario.server.arguments,
        };
        let mut nodes = Vec::new();
        for number in 0..scenario.server.nodes {
            let taken: Vec<SocketAddr> = nodes.iter().map(Node::address).collect();
            let address = ports::free(&taken)?;
            let (program, arguments, operators) = match program {
                Program::Floor => {
                    let arguments = ["floor", "--listen", &address.to_string()].map(Into::into);
                    (std::env::current_exe()?, arguments.to_vec(), None)
                }
                Program::Holdfast(path) => {
                    let data = folder.path().join(format!("node-{number}"));
                    (path.clone(), setting.arguments(address, &data), Some(data.join(OPERATORS_SOCKET)))
                }
            };
            let group = quota.as_ref().map(Quota::members);
            let complaints = complaints.try_clone()?;
            nodes.push(Node::new(program, arguments, address, operators, cores.clone(), group, complaints));
        }
        for (number, node) in nodes.iter_mut().enumerate() {
            node.start().with_context(|| format!("node {} did not start", number + 1))?;
        }
        let addresses: Vec<SocketAddr> = nodes.iter().map(Node::address).collect();
        let proxies = match scenario.server.proxy {
            None => Proxies::default(),
            Some(proxy) => {
                let setting = proxies::Setting { proxy, certificate: pair, nodes: &addresses };
                Proxies::start(&setting, scenario.clients(), folder.path(), cores, complaints)?
            }
        };
        let entrances = if scenario.server.proxy.is_some() { proxies.addresses() } else { addresses };
        let targets = entrances
            .into_iter()
            .map(|address| Target { address, host: format!("localhost:{}", address.port()) });
        Ok(Self {
            targets: targets.collect(),
            proxies,
            nodes,
            redis,
            tls: certificate.map(|(roots, _, _)| TlsTrust { roots, name: "localhost".to_owned() }),
            access: Access::Keys(keys.to_file_text()),
            _folder: Some(folder),
            quota,
        })
    }

    /// Uses a server that runs already.
    pub(crate) const fn given(targets: Vec<Target>, tls: Option<TlsTrust>, access: Access) -> Self {
        let proxies = Proxies(Vec::new());
        Self { proxies, nodes: Vec::new(), redis: None, targets, tls, access, _folder: None, quota: None }
    }

    /// Where clients go.
    pub(crate) fn targets(&self) -> &[Target] {
        &self.targets
    }

    pub(crate) const fn tls(&self) -> Option<&TlsTrust> {
        self.tls.as_ref()
    }

    pub(crate) const fn access(&self) -> &Access {
        &self.access
    }

    /// In how many periods the nodes had something to do, and in how many of them their share of CPU time was used up;
    /// nothing if they have no bound.
    pub(crate) fn throttled(&self) -> Option<(u64, u64)> {
        self.quota.as_ref()?.throttled()
    }

    /// How hard pressed each node was since a moment of its own, in milliseconds since 1970; nothing from one that does not
    /// say.
    pub(crate) fn pressures(&self, since: impl Fn(usize) -> u64) -> Vec<Vec<(u64, f64)>> {
        let told = |(number, node): (usize, &Node)| pressure::ask(node.operators()?, since(number)).ok();
        self.nodes.iter().enumerate().map(|node| told(node).unwrap_or_default()).collect()
    }

    /// The socket of the Redis that the tool started.
    pub(crate) fn redis_socket(&self) -> Option<PathBuf> {
        Some(self.redis.as_ref()?.socket())
    }

    /// The nodes, by name.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = (String, u32)> {
        let nodes = self.nodes.iter().enumerate();
        nodes.filter_map(|(number, node)| Some((format!("node {}", number + 1), node.id()?)))
    }

    /// The processes that serve, by name.
    pub(crate) fn processes(&self) -> Vec<(String, u32)> {
        let redis = self.redis.iter().filter_map(|redis| Some(("redis".to_owned(), redis.id()?)));
        self.nodes().chain(redis).chain(self.proxies.processes()).collect()
    }

    /// Does something to a process; answers how it ended, if it did.
    pub(crate) fn act(&mut self, act: Act, victim: Victim) -> anyhow::Result<Option<ExitStatus>> {
        let served = self.served(victim)?;
        match act {
            Act::Kill => Ok(Some(served.end(Signal::KILL)?)),
            Act::Stop => {
                served.signal(Signal::STOP)?;
                Ok(None)
            }
            Act::Terminate => Ok(Some(served.end(Signal::TERM)?)),
        }
    }

    /// Whether a process is stopped.
    pub(crate) fn is_stopped(&mut self, victim: Victim) -> bool {
        self.served(victim).is_ok_and(|served| served.id().is_some_and(crate::processes::is_stopped))
    }

    /// Undoes it.
    pub(crate) fn undo(&mut self, act: Act, victim: Victim) -> anyhow::Result<()> {
        match (act, victim) {
            (Act::Stop, _) => self.served(victim)?.signal(Signal::CONT),
            (Act::Kill | Act::Terminate, Victim::Node(number)) => {
                let node = usize::try_from(number).ok().and_then(|number| self.nodes.get_mut(number));
                node.context("there is no such node")?.start()
            }
            (Act::Kill | Act::Terminate, Victim::Redis) => {
                self.redis.as_mut().context("there is no Redis")?.restart()
            }
        }
    }

    fn served(&mut self, victim: Victim) -> anyhow::Result<&mut Served> {
        match victim {
            Victim::Node(number) => {
                let node = usize::try_from(number).ok().and_then(|number| self.nodes.get_mut(number));
                Ok(node.context("there is no such node")?.served())
            }
            Victim::Redis => Ok(self.redis.as_mut().context("there is no Redis")?.served()),
        }
    }
}

/// What the nodes of a stage have in common.
struct NodeSetting<'a> {
    keys: &'a Path,
    redis: Option<&'a Redis>,
    /// Certificate and key, if nodes speak TLS.
    certificate: Option<(&'a Path, &'a Path)>,
    /// What the scenario adds.
    more: &'a [String],
}

impl NodeSetting<'_> {
    /// What a node is called with that listens there and has its data there.
    fn arguments(&self, address: SocketAddr, data: &Path) -> Vec<OsString> {
        let mut arguments: Vec<OsString> =
            ["serve", "--ops-listen", "off", "--log", "warn"].map(Into::into).to_vec();
        arguments.extend(["--listen".into(), address.to_string().into()]);
        arguments.extend(["--data".into(), data.into(), "--keys".into(), self.keys.into()]);
        if let Some(redis) = self.redis {
            arguments.extend(["--redis".into(), redis.url().into()]);
        }
        if let Some((certificate, key)) = self.certificate {
            arguments.extend(["--tls-cert".into(), certificate.into()]);
            arguments.extend(["--tls-key".into(), key.into()]);
        }
        arguments.extend(self.more.iter().map(Into::into));
        arguments
    }
}

/// A process that the tool started, ended when it is dropped.
#[derive(Debug, Default)]
struct Served(Option<Child>);

impl Served {
    fn id(&self) -> Option<u32> {
        self.0.as_ref().map(Child::id)
    }

    fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        let Some(child) = &self.0 else { bail!("it does not run") };
        Ok(kill_process(Pid::from_child(child), signal)?)
    }

    fn end(&mut self, signal: Signal) -> anyhow::Result<ExitStatus> {
        self.signal(signal)?;
        let child = self.0.as_mut().context("it does not run")?;
        let mut waited = Duration::ZERO;
        loop {
            if let Some(status) = child.try_wait()? {
                self.0 = None;
                return Ok(status);
            }
            if waited > PATIENCE {
                bail!("it was told to end and did not");
            }
            std::thread::sleep(END_POLL);
            waited += END_POLL;
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            // Its files go with it, so there is nothing to end in order.
            let _killed = child.kill();
            let _reaped = child.wait();
        }
    }
}

/// How a process ended, in words.
pub(crate) fn ending(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!("ended by signal {signal}"),
        (None, Some(code)) => format!("ended with {code}"),
        (None, None) => "ended".to_owned(),
    }
}

fn write_secret(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    Ok(file.write_all(text.as_bytes())?)
}

/// A certificate that signs itself: its text, and where it and its key lie.
fn certificate(folder: &Path) -> anyhow::Result<(String, PathBuf, PathBuf)> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    std::fs::write(&certificate, made.cert.pem())?;
    write_secret(&key, &made.signing_key.serialize_pem())?;
    Ok((made.cert.pem(), certificate, key))
}
