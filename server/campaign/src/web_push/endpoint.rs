//! Where a push service takes what is for a device: an address that a browser tells us, and that we then connect to.
//!
//! So it is read as strictly as anything that a stranger may have written (OWASP "Server-Side Request Forgery"): `https` on
//! its usual port, the name of a push service that we know, and nothing else in front of the path. What the name leads to
//! is looked up once, judged by [`is_public`], and just that address is connected to.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

protocol::limits! {
    /// Longest address of a device at a push service; a longer one is refused with 422.
    pub const ENDPOINT_MAX_BYTES: usize = 2_048 => unseen;
    /// Most hosts of push services that may be named; with more the node does not start.
    pub const PUSH_HOSTS_MAX: usize = 64 => unseen;
}

/// The push services of the browsers there are: of Chrome and its kin, Firefox, Safari and Edge.
pub const KNOWN_HOSTS: [&str; 4] =
    ["fcm.googleapis.com", "updates.push.services.mozilla.com", "*.push.apple.com", "*.notify.windows.com"];

/// A device's address at a push service. It works for whoever knows it, so it is never shown and never logged.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Endpoint(Url);

/// Why an address is not connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EndpointRefused {
    /// Too long, or not written as browsers write it.
    #[error("it is not an address as browsers write it")]
    Form,
    /// The name is not one of a push service that may be used.
    #[error("it is not at a push service that this node uses")]
    Host,
    /// Not `https` on port 443, or somebody is named in it.
    #[error("it is not https on its usual port")]
    Scheme,
}

/// Which hosts are push services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushHosts {
    names: Vec<String>,
    allows_local: bool,
}

/// What is no name of a host, or of all hosts under one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a push service is named as push.example.org, or *.example.org for all below it")]
pub struct InvalidHost;

impl PushHosts {
    /// These, each a name or `*.` and a name. With `allows_local` also `http` on this machine, which is for tests alone.
    pub fn new(names: Vec<String>, allows_local: bool) -> Result<Self, InvalidHost> {
        let is_name = |name: &String| {
            let name = name.strip_prefix("*.").unwrap_or(name);
            let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
            name.contains('.') && name.len() <= 253 && name.bytes().all(fits) && !has_empty_label(name)
        };
        if names.len() > PUSH_HOSTS_MAX || !names.iter().all(is_name) {
            return Err(InvalidHost);
        }
        Ok(Self { names, allows_local })
    }

    /// Those of the browsers there are.
    pub fn known() -> Self {
        Self { names: KNOWN_HOSTS.map(str::to_owned).to_vec(), allows_local: false }
    }

    fn have(&self, host: &str) -> bool {
        self.names.iter().any(|name| match name.strip_prefix('*') {
            Some(below) => host.strip_suffix(below).is_some_and(|first| !first.is_empty()),
            None => host == name,
        })
    }
}

fn has_empty_label(name: &str) -> bool {
    name.split('.').any(str::is_empty)
}

impl Endpoint {
    /// Reads an address as a browser says it. It has to be written just as browsers write it, so that no two readers of it
    /// see two hosts.
    pub fn parse(text: &str, hosts: &PushHosts) -> Result<Self, EndpointRefused> {
        if text.len() > ENDPOINT_MAX_BYTES {
            return Err(EndpointRefused::Form);
        }
        let url = Url::parse(text).map_err(|_| EndpointRefused::Form)?;
        if url.as_str() != text || url.fragment().is_some() {
            return Err(EndpointRefused::Form);
        }
        let names_somebody = !url.username().is_empty() || url.password().is_some();
        if hosts.allows_local && !names_somebody && is_local(&url) {
            return Ok(Self(url));
        }
        if url.scheme() != "https" || url.port().is_some() || names_somebody {
            return Err(EndpointRefused::Scheme);
        }
        match url.host() {
            Some(Host::Domain(name)) if !has_empty_label(name) && hosts.have(name) => Ok(Self(url)),
            Some(Host::Domain(_) | Host::Ipv4(_) | Host::Ipv6(_)) | None => Err(EndpointRefused::Host),
        }
    }

    /// Whether it may still be connected to: whoever runs the node may have named other services since.
    pub fn is_allowed(&self, hosts: &PushHosts) -> bool {
        Self::parse(self.0.as_str(), hosts).is_ok()
    }

    /// The address, for whoever connects to it.
    pub const fn reveal(&self) -> &Url {
        &self.0
    }

    /// The push service, as a signature names it (RFC 8292 §2): scheme, host, and port if it is not the usual one.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Where to look the host up: its name, and the port.
    pub fn host(&self) -> Option<(&str, u16)> {
        Some((self.0.host_str()?, self.0.port_or_known_default()?))
    }

    /// Whether it is on this machine, as tests have it.
    pub fn is_local(&self) -> bool {
        is_local(&self.0)
    }
}

fn is_local(url: &Url) -> bool {
    url.scheme() == "http" && url.host() == Some(Host::Ipv4(Ipv4Addr::LOCALHOST)) && url.port().is_some()
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Endpoint(…)")
    }
}

/// Whether an address is one of the public Internet: not of this machine, of a network of somebody's own, of a cloud's own
/// services, of a way around, or of nobody (the special-purpose registries of IANA, RFC 6890).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, d] = address.octets();
    // This network, loopback, multicast, reserved, broadcast.
    let is_of_nobody = matches!(a, 0 | 127 | 224..);
    let is_of_somebody = matches!((a, b), (10, _) | (172, 16..=31) | (192, 168) | (100, 64..=127));
    // Link-local with the clouds' metadata; one more cloud's own service, under a public address.
    let is_beside = (a, b) == (169, 254) || [a, b, c, d] == [168, 63, 129, 16];
    // Protocol assignments, documentation, the relays of 6to4, benchmarks.
    let is_special = matches!(
        (a, b, c),
        (192, 0, 0 | 2) | (192, 88, 99) | (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113)
    );
    !(is_of_nobody || is_of_somebody || is_beside || is_special)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    // All that is not global unicast: loopback, IPv4 in IPv6, unique local, link-local, multicast.
    let is_global = first & 0xe000 == 0x2000;
    // Protocol assignments with Teredo, documentation, 6to4.
    let is_special = (first == 0x2001 && (second < 0x0200 || second == 0x0db8))
        || first == 0x2002
        || (first == 0x3fff && second < 0x1000);
    is_global && !is_special
}

#[cfg(test)]
mod tests;
