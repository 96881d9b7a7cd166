//! What a node asks of other hosts over HTTP: of push services, and of a campaign's sign-on.
//!
//! A name is looked up once, what it leads to is judged, and just that is connected to. Nothing is sent where a redirection
//! leads, nor to anybody whose certificate does not count. Each question has an end, and an answer a size.

mod trusted;

pub(crate) use trusted::{Authorities, Roots, Trusted};

use awc::error::{ConnectError, SendRequestError};
use awc::http::header::HeaderMap;
use awc::http::{Method, StatusCode};
use awc::{Client, ClientResponse, Connector};
use bytes::Bytes;
use campaign::web_push::is_public;
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::time::{Duration, Instant};
use url::{Host, Url};

protocol::limits! {
    /// How long a name is taken to lead where it was found to lead; then it is looked up, and judged, anew.
    const RESOLVED_FOR: Duration = Duration::from_mins(1) => unseen;
    /// Names of which one thread knows where they lead; then it begins anew.
    const RESOLVED_MAX: usize = 256 => unseen;
    /// Addresses of one name that are tried, one after the other, until one takes a connection.
    const ADDRESSES_TRIED_MAX: usize = 4 => unseen;
}

/// How much may be asked, and for how long it is waited.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// To find out where a name leads.
    pub(crate) look_up: Duration,
    /// From the first try to connect to the last byte of the answer.
    pub(crate) answer: Duration,
    /// Of the answer's body; of a longer one the connection is closed.
    pub(crate) answer_max_bytes: usize,
    /// Connections at once; what is to be asked waits for one.
    pub(crate) connections: usize,
}

/// Where a question may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Wherever an operator said.
    Anywhere,
    /// To the public Internet: what a stranger may have written leads into nobody's own network.
    Public,
}

/// One question.
pub(crate) struct Question<'a> {
    pub(crate) method: Method,
    pub(crate) url: &'a Url,
    pub(crate) reach: Reach,
    /// All of them, but for those that say how long the body is and to which host it goes.
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Nothing, if it was longer than it may be, or not there in time.
    pub(crate) body: Option<Bytes>,
}

/// Why nothing came back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unanswered {
    /// It leads where nothing may be sent; nothing was.
    #[error("it leads where nothing may be sent")]
    Forbidden,
    /// Nobody knew the name in time.
    #[error("its name leads nowhere")]
    Nowhere,
    /// No connection, no TLS, or no HTTP.
    #[error("it does not answer: {0}")]
    Failed(String),
    /// It took too long.
    #[error("it does not answer in time")]
    TooLate,
}

/// Asks, from one thread, over connections that are kept.
pub(crate) struct Outgoing {
    client: Client,
    bounds: Bounds,
    names: Names,
    found: RefCell<HashMap<(String, u16), Found>>,
}

/// Where a name leads.
#[derive(Clone)]
struct Found {
    addresses: Rc<[SocketAddr]>,
    until: Instant,
}

/// Who knows where names lead.
enum Names {
    /// The resolver of this machine.
    Machine,
    #[cfg(test)]
    Told(tests::Told),
}

impl Outgoing {
    pub(crate) fn new(trusted: &Trusted, bounds: Bounds) -> Self {
        Self::with_names(trusted, bounds, Names::Machine)
    }

    fn with_names(trusted: &Trusted, bounds: Bounds, names: Names) -> Self {
        let connector = Connector::new()
            .rustls_0_23(trusted.config())
            .timeout(bounds.answer)
            .handshake_timeout(bounds.answer)
            .limit(bounds.connections);
        // A redirect would lead where nobody looked.
        let client = Client::builder()
            .connector(connector)
            .disable_timeout()
            .disable_redirects()
            .no_default_headers()
            .finish();
        Self { client, bounds, names, found: RefCell::default() }
    }

    /// Asks once.
    pub(crate) async fn ask(&self, question: &Question<'_>, now: Instant) -> Result<Answer, Unanswered> {
        let addresses = self.addresses(question.url, question.reach, now).await?;
        let mut over = pin!(tokio::time::sleep(self.bounds.answer));
        let mut response = tokio::select! {
            response = self.first_response(question, &addresses) => response?,
            () = &mut over => return Err(Unanswered::TooLate),
        };
        let (status, headers) = (response.status(), response.headers().clone());
        // Read even where nobody wants it, so that the connection can be used again.
        let body = tokio::select! {
            body = response.body().limit(self.bounds.answer_max_bytes) => body.ok(),
            () = &mut over => None,
        };
        Ok(Answer { status, headers, body })
    }

    /// The response of the first address that takes a connection.
    async fn first_response(
        &self,
        question: &Question<'_>,
        addresses: &[SocketAddr],
    ) -> Result<ClientResponse, Unanswered> {
        let mut failed = Unanswered::Nowhere;
        for address in addresses.iter().take(ADDRESSES_TRIED_MAX) {
            let url = question.url.as_str();
            let mut request = self.client.request(question.method.clone(), url).address(*address);
            *request.headers_mut() = question.headers.clone();
            match request.send_body(question.body.clone()).await {
                Ok(response) => return Ok(response),
                Err(error) => {
                    let is_elsewhere = is_unreachable(&error);
                    failed = Unanswered::Failed(error.to_string());
                    if !is_elsewhere {
                        break;
                    }
                }
            }
        }
        Err(failed)
    }

    /// What may be connected to. If any address that a name has is not public, and it has to be, none is.
    async fn addresses(&self, url: &Url, reach: Reach, now: Instant) -> Result<Rc<[SocketAddr]>, Unanswered> {
        let port = url.port_or_known_default().ok_or(Unanswered::Forbidden)?;
        let addresses: Rc<[SocketAddr]> = match url.host().ok_or(Unanswered::Forbidden)? {
            Host::Ipv4(address) => Rc::from([SocketAddr::from((address, port))]),
            Host::Ipv6(address) => Rc::from([SocketAddr::from((address, port))]),
            Host::Domain(name) => self.found(name, port, now).await?,
        };
        match reach {
            Reach::Public if !addresses.iter().all(|address| is_public(address.ip())) => {
                Err(Unanswered::Forbidden)
            }
            Reach::Public | Reach::Anywhere => Ok(addresses),
        }
    }

    async fn found(&self, name: &str, port: u16, now: Instant) -> Result<Rc<[SocketAddr]>, Unanswered> {
        let key = (name.to_owned(), port);
        let known = self.found.borrow().get(&key).cloned();
        if let Some(found) = known.filter(|found| found.until > now) {
            return Ok(found.addresses);
        }
        let looked_up = tokio::time::timeout(self.bounds.look_up, self.names.look_up(name, port)).await;
        let addresses: Rc<[SocketAddr]> = match looked_up {
            Ok(Ok(addresses)) if !addresses.is_empty() => addresses.into(),
            Ok(_) | Err(_) => return Err(Unanswered::Nowhere),
        };
        let mut found = self.found.borrow_mut();
        if found.len() >= RESOLVED_MAX {
            found.clear();
        }
        found.insert(key, Found { addresses: Rc::clone(&addresses), until: now + RESOLVED_FOR });
        Ok(addresses)
    }
}

impl Names {
    async fn look_up(&self, name: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        match self {
            Self::Machine => Ok(tokio::net::lookup_host((name, port)).await?.collect()),
            #[cfg(test)]
            Self::Told(told) => told.look_up(name),
        }
    }
}

/// Whether nobody was there to talk to, so that another address of the same name may have somebody.
fn is_unreachable(error: &SendRequestError) -> bool {
    let SendRequestError::Connect(ConnectError::Io(error)) = error else { return false };
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused
            | ErrorKind::NetworkUnreachable
            | ErrorKind::HostUnreachable
            | ErrorKind::AddrNotAvailable
    )
}

#[cfg(test)]
mod tests;
