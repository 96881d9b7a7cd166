//! Ports for servers that clients cannot take away.

use anyhow::{Context, bail};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

/// Where the kernel takes ports of clients from.
const CLIENT_PORTS: &str = "/proc/sys/net/ipv4/ip_local_port_range";
/// Tries until the machine is taken to have no free port.
const TRIES_MAX: u32 = 1_000;

/// A free port below those that the kernel gives to clients: a client that tries a dead server's port from that very
/// port would connect to itself, and the server could not have it back.
/// None of those is it that are taken by somebody who has not begun to listen.
pub(super) fn free(taken: &[SocketAddr]) -> anyhow::Result<SocketAddr> {
    let text = std::fs::read_to_string(CLIENT_PORTS).context(CLIENT_PORTS)?;
    let lowest: u16 = text.split_whitespace().next().context(CLIENT_PORTS)?.parse()?;
    let mut random = fastrand::Rng::new();
    for _ in 0..TRIES_MAX {
        // Where clients may have any port, there is no better one.
        let port = if lowest > 2_048 { random.u16(lowest / 2..lowest) } else { 0 };
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            let address = listener.local_addr()?;
            if !taken.contains(&address) {
                return Ok(address);
            }
        }
    }
    bail!("no port is free")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_gets_what_another_was_given() {
        let mut taken: Vec<SocketAddr> = Vec::new();
        for _ in 0..200 {
            let address = free(&taken).unwrap();
            assert!(!taken.contains(&address));
            taken.push(address);
        }
    }
}
