//! A server that the tool did not start. One that is not on this machine must agree: it serves the word that the
//! operator typed in.

use crate::orders::{Access, Target, TlsTrust};
use anyhow::{Context, bail};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use url::Url;

/// Where a server says that it may be put under load.
pub(crate) const CONSENT_PATH: &str = "/.well-known/holdfast-load-consent";
/// Longest consent that is read.
const CONSENT_MAX_BYTES: u64 = 4 * 1_024;
/// How long a server may take to say it.
const CONSENT_PATIENCE: Duration = Duration::from_secs(10);

/// What the operator says of the server.
#[derive(Clone)]
pub(crate) struct Remote<'a> {
    pub(crate) url: &'a Url,
    /// The word that a server elsewhere must serve.
    pub(crate) consent: Option<&'a str>,
    /// Authorities of its certificate, in PEM.
    pub(crate) roots: Option<&'a Path>,
}

/// Finds out where it is, and whether it agrees.
pub(crate) fn agree(remote: &Remote<'_>) -> anyhow::Result<(Vec<Target>, Option<TlsTrust>)> {
    let url = remote.url;
    let secure = match url.scheme() {
        "http" | "ws" => false,
        "https" | "wss" => true,
        scheme => bail!("--target is http:// or https://, not {scheme}://"),
    };
    let name = url.host_str().context("--target has no host")?;
    let port = url.port().unwrap_or(if secure { 443 } else { 80 });
    let host = if url.port().is_some() { format!("{name}:{port}") } else { name.to_owned() };
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let addresses: Vec<SocketAddr> =
        (bare, port).to_socket_addrs().with_context(|| format!("{name} has no address"))?.collect();
    if addresses.is_empty() {
        bail!("{name} has no address");
    }
    let tls = if secure { Some(trust(remote.roots, bare)?) } else { None };
    // A name may stand for several machines: each is asked for itself.
    for address in addresses.iter().filter(|address| !address.ip().is_loopback()) {
        consents(remote, secure, &host, *address)?;
    }
    let targets = addresses.into_iter().map(|address| Target { address, host: host.clone() });
    Ok((targets.collect(), tls))
}

fn trust(roots: Option<&Path>, name: &str) -> anyhow::Result<TlsTrust> {
    let path = roots
        .context("--ca FILE is needed for https: the authorities that the certificate is from, in PEM")?;
    let roots = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    Ok(TlsTrust { roots, name: name.to_owned() })
}

/// Asks the server at this address, and nobody else: no other address of the name, no proxy, no redirection.
fn consents(remote: &Remote<'_>, secure: bool, host: &str, address: SocketAddr) -> anyhow::Result<()> {
    let scheme = if secure { "https" } else { "http" };
    let word = remote.consent.filter(|word| !word.trim().is_empty()).with_context(|| {
        format!(
            "{host} is not on this machine. Load may be put on servers that agree to it and on no others: have it serve \
             a word of your choice at {scheme}://{host}{CONSENT_PATH} (holdfast serve --load-consent WORD), and say the \
             word with --consent"
        )
    })?;
    let mut config =
        ureq::Agent::config_builder().timeout_global(Some(CONSENT_PATIENCE)).max_redirects(0).proxy(None);
    if secure {
        let path = remote.roots.context("--ca FILE is needed for https")?;
        let text = std::fs::read(path).with_context(|| path.display().to_string())?;
        let roots = ureq::tls::parse_pem(&text).filter_map(|item| match item {
            Ok(ureq::tls::PemItem::Certificate(certificate)) => Some(certificate),
            Ok(_) | Err(_) => None,
        });
        let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ureq::tls::TlsConfig::builder()
            .root_certs(ureq::tls::RootCerts::new_with_certs(&roots.collect::<Vec<_>>()))
            .unversioned_rustls_crypto_provider(provider);
        config = config.tls_config(tls.build());
    }
    let agent = ureq::Agent::with_parts(config.build(), DefaultConnector::default(), Pinned(address));
    let answer = agent.get(format!("{scheme}://{host}{CONSENT_PATH}")).call();
    let text = answer
        .map_err(anyhow::Error::from)
        .and_then(|mut answer| {
            if answer.status() != 200 {
                bail!("it answers with {}", answer.status());
            }
            Ok(answer.body_mut().with_config().limit(CONSENT_MAX_BYTES).read_to_string()?)
        })
        .with_context(|| format!("{host} does not say that it agrees to load, at {CONSENT_PATH}"))?;
    if text.trim() == word.trim() {
        return Ok(());
    }
    bail!("{host} does not agree to load: what it serves at {CONSENT_PATH} is not the word of --consent")
}

/// Knows one address for every name.
#[derive(Debug)]
struct Pinned(SocketAddr);

impl Resolver for Pinned {
    fn resolve(
        &self,
        _: &ureq::http::Uri,
        _: &ureq::config::Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut addresses = self.empty();
        addresses.push(self.0);
        Ok(addresses)
    }
}

/// Tokens from a file, one a line.
pub(crate) fn tokens(path: &Path) -> anyhow::Result<Access> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    Ok(Access::Tokens(
        text.lines().filter(|line| !line.trim().is_empty()).map(|line| line.trim().to_owned()).collect(),
    ))
}

/// The keys of a deployment, from their file.
pub(crate) fn keys(path: &Path) -> anyhow::Result<Access> {
    Ok(Access::Keys(std::fs::read_to_string(path).with_context(|| path.display().to_string())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(url: &str, consent: Option<&str>) -> String {
        let url: Url = url.parse().unwrap();
        format!("{:#}", agree(&Remote { url: &url, consent, roots: None }).unwrap_err())
    }

    #[test]
    fn another_machine_is_refused_before_a_byte_is_sent_to_it() {
        // An address for documents (RFC 5737): nothing is ever asked of it.
        let said = refusal("http://192.0.2.1:8000", None);
        assert!(said.contains("not on this machine") && said.contains("--load-consent"), "{said}");
        assert!(refusal("http://192.0.2.1:8000", Some("  ")).contains("not on this machine"));
    }

    #[test]
    fn this_machine_needs_no_consent() {
        let url: Url = "http://127.0.0.1:8000".parse().unwrap();
        let (targets, tls) = agree(&Remote { url: &url, consent: None, roots: None }).unwrap();
        assert_eq!(targets[0].address, "127.0.0.1:8000".parse().unwrap());
        assert_eq!((targets[0].host.as_str(), tls.is_none()), ("127.0.0.1:8000", true));
    }

    /// Serves one answer to whoever asks first.
    fn serve(answer: &'static str) -> SocketAddr {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            use std::io::{Read, Write};
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 1_024];
            let count = stream.read(&mut asked).unwrap();
            assert!(asked[..count].starts_with(b"GET /.well-known/holdfast-load-consent HTTP/1.1\r\n"));
            stream.write_all(answer.as_bytes()).unwrap();
        });
        address
    }

    #[test]
    fn another_machine_consents_with_the_word_that_the_operator_typed_in_and_with_nothing_else() {
        let url: Url = "http://192.0.2.1".parse().unwrap();
        let remote = Remote { url: &url, consent: Some("yes-since-tuesday"), roots: None };
        for (answer, agrees) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\nyes-since-tuesday\n", true),
            ("HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\nyes-since-monday!", false),
            ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false),
            ("HTTP/1.1 404 Not Found\r\nContent-Length: 17\r\n\r\nyes-since-tuesday", false),
            (
                "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 17\r\n\r\nyes-since-tuesday",
                false,
            ),
        ] {
            // By a name that stands for nothing: only the address counts.
            let agreed = consents(&remote, false, "holdfast.invalid", serve(answer));
            assert_eq!(agreed.is_ok(), agrees, "{answer}: {agreed:?}");
        }
    }

    #[test]
    fn a_target_that_makes_no_sense_is_told_so() {
        assert!(refusal("ftp://127.0.0.1", None).contains("not ftp"));
        assert!(refusal("https://127.0.0.1", None).contains("--ca"));
    }
}
