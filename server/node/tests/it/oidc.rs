//! A campaign's own sign-on, against an issuer on this machine that can be away and can lie.

mod issuer;
mod keys;
mod linking;
mod people;
mod tls;
mod tokens;

use awc::http::Method;
use awc::http::header::LOCATION;
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Longer than anything that is right takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// The time, as tokens say it.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// What a node says to whoever shows a token that counts: they have come in, and are no member.
const CAME_IN: u16 = 404;

/// What a node says to somebody who shows a token and asks who they are.
async fn shows(at: SocketAddr, token: &str) -> u16 {
    let request = awc::Client::new().get(format!("http://{at}/v1/me")).bearer_auth(token);
    request.send().await.unwrap().status().as_u16()
}

/// Waits until something is so.
async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("it comes about in time");
}

/// A browser on its way between sites: it follows no redirection by itself, and keeps its cookies.
#[derive(Default)]
struct Traveller {
    cookies: BTreeMap<String, String>,
    /// Whose certificates it believes.
    trusts: Option<Arc<rustls::ClientConfig>>,
}

impl Traveller {
    /// Where a page sends it.
    async fn sent(&mut self, url: &str) -> (u16, String) {
        let mut connector = awc::Connector::new();
        if let Some(config) = &self.trusts {
            connector = connector.rustls_0_23(Arc::clone(config));
        }
        let client = awc::Client::builder().connector(connector).disable_redirects().finish();
        let mut request = client.request(Method::GET, url);
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.insert_header(("Cookie", cookies.join("; ")));
        }
        let answer = request.send().await.unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
            if value.is_empty() {
                self.cookies.remove(name);
            }
        }
        let to = answer.headers().get(LOCATION).map(|to| to.to_str().unwrap().to_owned());
        (answer.status().as_u16(), to.unwrap_or_default())
    }

    /// The whole way: from a node to the issuer and back.
    async fn sign_on(&mut self, at: SocketAddr) -> (u16, String) {
        let (status, issuer) = self.sent(&format!("http://{at}/v1/oidc/start?return=/console")).await;
        assert_eq!(status, 303, "{issuer}");
        if issuer.starts_with('/') {
            return (status, issuer);
        }
        let (_, back) = self.sent(&issuer).await;
        self.sent(&back).await
    }

    /// Who is signed in.
    async fn session(&mut self, at: SocketAddr) -> Value {
        let mut visitor = crate::browser::Visitor::at(at);
        visitor.cookies.clone_from(&self.cookies);
        let answer = visitor.session().await;
        self.cookies = visitor.cookies;
        answer.body
    }
}
