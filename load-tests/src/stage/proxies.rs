//! Proxies between clients and nodes: `HAProxy`, as a campaign would put it there.

use super::{PATIENCE, Served, ports};
use crate::launch::{self, Cores};
use crate::scenario::Proxy;
use anyhow::{Context, bail};
use std::fmt::Write;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

/// What it is told, with places for what differs.
const CONFIGURATION: &str = include_str!("../../assets/haproxy.cfg");
/// Most connections of a process: each takes two descriptors, of which it may have 20,000 on the reference machine.
const CONNECTIONS_MAX: u32 = 9_800;
/// The first proxy's address towards the nodes; the others follow it.
const SOURCES: Ipv4Addr = Ipv4Addr::new(127, 1, 0, 1);
/// Between two looks whether it listens.
const POLL: Duration = Duration::from_millis(10);

/// All proxies of a run; ended when it is dropped.
#[derive(Debug, Default)]
pub(super) struct Proxies(pub(super) Vec<(Served, SocketAddr)>);

/// What they do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting<'a> {
    pub(super) proxy: Proxy,
    /// Certificate and key, if TLS is spoken.
    pub(super) certificate: Option<(&'a Path, &'a Path)>,
    pub(super) nodes: &'a [SocketAddr],
}

impl Proxies {
    /// Starts as many as so many clients need, and waits until they listen.
    pub(super) fn start(
        setting: &Setting<'_>,
        clients: u32,
        folder: &Path,
        cores: &Cores,
        complaints: &File,
    ) -> anyhow::Result<Self> {
        let mut proxies = Self::default();
        for number in 0..clients.div_ceil(CONNECTIONS_MAX).max(1) {
            let address = ports::free(setting.nodes)?;
            let bundle = folder.join("haproxy.pem");
            if let Some((certificate, key)) = setting.certificate {
                let read =
                    |path: &Path| std::fs::read_to_string(path).with_context(|| path.display().to_string());
                // The folder is ours alone, as the key in it is.
                std::fs::write(&bundle, read(certificate)? + &read(key)?)?;
            }
            let path = folder.join(format!("haproxy-{number}.cfg"));
            std::fs::write(&path, configuration(setting, (number, address), &bundle)?)?;
            let mut command = launch::command(Path::new("haproxy"), cores)?;
            command.arg("-db").arg("-f").arg(&path);
            command.stdout(Stdio::null()).stderr(complaints.try_clone()?);
            let mut served = Served(Some(command.spawn().context("haproxy could not be started")?));
            wait_for(&mut served, address)?;
            proxies.0.push((served, address));
        }
        Ok(proxies)
    }

    /// Where clients go.
    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        self.0.iter().map(|(_, address)| *address).collect()
    }

    /// The processes, by name.
    pub(super) fn processes(&self) -> impl Iterator<Item = (String, u32)> {
        let proxies = self.0.iter().enumerate();
        proxies.filter_map(|(number, (served, _))| Some((format!("haproxy {}", number + 1), served.id()?)))
    }
}

/// Of the proxy with this number, which listens there.
fn configuration(
    setting: &Setting<'_>,
    (number, address): (u32, SocketAddr),
    bundle: &Path,
) -> anyhow::Result<String> {
    let source = Ipv4Addr::from_bits(SOURCES.to_bits().saturating_add(number));
    let (mode, tls) = match (setting.proxy, setting.certificate) {
        (Proxy::HaproxyHttp, Some(_)) => ("http", format!(" ssl crt {}", bundle.display())),
        (Proxy::HaproxyHttp, None) => ("http", String::new()),
        (Proxy::HaproxyTcp, _) => ("tcp", String::new()),
    };
    let mut nodes = String::new();
    for (number, node) in setting.nodes.iter().enumerate() {
        writeln!(nodes, "    server node{number} {node}")?;
    }
    Ok(CONFIGURATION
        .replace("MAXCONN", &CONNECTIONS_MAX.to_string())
        .replace("MODE", mode)
        .replace("SOURCE", &source.to_string())
        .replace("LISTEN", &format!("{address}{tls}"))
        .replace("    NODES\n", &nodes))
}

fn wait_for(served: &mut Served, address: SocketAddr) -> anyhow::Result<()> {
    let mut waited = Duration::ZERO;
    while TcpStream::connect(address).is_err() {
        let ended = served.0.as_mut().is_some_and(|child| !matches!(child.try_wait(), Ok(None)));
        if ended || waited > PATIENCE {
            bail!("haproxy does not listen: is it installed? (apt-get install haproxy)");
        }
        std::thread::sleep(POLL);
        waited += POLL;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_ends_at_a_proxy_that_reads_requests_and_at_the_nodes_behind_one_that_does_not() {
        let nodes = ["127.0.0.1:7001".parse().unwrap(), "127.0.0.1:7002".parse().unwrap()];
        let pair = Some((Path::new("/c.pem"), Path::new("/k.pem")));
        let of = |proxy, certificate| {
            let setting = Setting { proxy, certificate, nodes: &nodes };
            configuration(&setting, (1, "127.0.0.1:7000".parse().unwrap()), Path::new("/b.pem")).unwrap()
        };
        let http = of(Proxy::HaproxyHttp, pair);
        assert!(
            http.contains("mode http\n") && http.contains("bind 127.0.0.1:7000 ssl crt /b.pem\n"),
            "{http}"
        );
        let tcp = of(Proxy::HaproxyTcp, pair);
        assert!(tcp.contains("mode tcp\n") && tcp.contains("bind 127.0.0.1:7000\n"), "{tcp}");
        for text in [http, tcp, of(Proxy::HaproxyHttp, None)] {
            assert_eq!(text.matches("    server node").count(), 2, "{text}");
            assert!(text.contains("    source 127.1.0.2\n"), "{text}");
            assert!(!text.contains("NODES") && !text.contains("MODE") && !text.contains("LISTEN"), "{text}");
        }
    }
}
