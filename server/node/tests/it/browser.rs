//! A browser without a page: requests with an origin and the cookies that the server set.

use crate::node::Start;
use awc::http::header::{COOKIE, ORIGIN, SET_COOKIE};
use awc::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

pub(crate) const ATTEMPT: &str = "attempt-0123456789abcdef";

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) cookies: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Answer {
    /// The status, and the stable word of a problem.
    pub(crate) fn outcome(&self) -> (u16, &str) {
        (self.status.as_u16(), self.body["code"].as_str().unwrap_or_default())
    }
}

/// Somebody at a node.
pub(crate) struct Visitor {
    pub(crate) at: SocketAddr,
    pub(crate) cookies: BTreeMap<String, String>,
    /// The access token of the last session.
    pub(crate) token: String,
    /// The page's origin, if it is not the node's address.
    pub(crate) page: Option<String>,
    /// The proof that the next request shows.
    pub(crate) proof: Option<String>,
}

impl Visitor {
    pub(crate) fn at(at: SocketAddr) -> Self {
        Self { at, cookies: BTreeMap::new(), token: String::new(), page: None, proof: None }
    }

    /// Comes in by an invite's token, or panics.
    pub(crate) async fn joined(at: SocketAddr, invite: &str) -> Self {
        let mut visitor = Self::at(at);
        let answer = visitor.redeem(invite, ATTEMPT).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        visitor
    }

    pub(crate) async fn redeem(&mut self, invite: &str, attempt: &str) -> Answer {
        let answer =
            self.say(Method::POST, "/v1/invites/redeem", &json!({"token": invite, "attempt": attempt})).await;
        self.keep(&answer);
        answer
    }

    /// Asks for a session, and keeps its token.
    pub(crate) async fn session(&mut self) -> Answer {
        let answer = self.say(Method::POST, "/v1/session", &json!({})).await;
        self.keep(&answer);
        answer
    }

    pub(crate) fn keep(&mut self, answer: &Answer) {
        if let Some(token) = answer.body["access_token"].as_str() {
            token.clone_into(&mut self.token);
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.say(Method::GET, path, &Value::Null).await
    }

    pub(crate) async fn say(&mut self, method: Method, path: &str, body: &Value) -> Answer {
        self.say_if(method, path, body, None).await
    }

    /// A request with the cookies and the token that there are, for a revision.
    pub(crate) async fn say_if(
        &mut self,
        method: Method,
        path: &str,
        body: &Value,
        revision: Option<&str>,
    ) -> Answer {
        let origin = format!("http://{}", self.at);
        let mut request = awc::Client::new().request(method, format!("{origin}{path}"));
        request = request.insert_header((ORIGIN, self.page.clone().unwrap_or(origin)));
        if let Some(proof) = self.proof.take() {
            request = request.insert_header(("Holdfast-Proof", proof));
        }
        // The device speaks for itself where it asks for a ticket.
        if !self.token.is_empty() && path != "/v1/admit" {
            request = request.bearer_auth(&self.token);
        }
        if let Some(revision) = revision {
            request = request.insert_header(("If-Match", revision));
        }
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.insert_header((COOKIE, cookies.join("; ")));
        }
        let sent = if body.is_null() { request.send() } else { request.send_json(body) };
        let mut response = sent.await.unwrap();
        let headers = response
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
            .collect();
        let cookies = set_cookies(response.headers());
        let bytes = response.body().await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        self.cookies.extend(cookies.iter().cloned());
        Answer { status: response.status(), headers, cookies, body }
    }
}

impl Visitor {
    /// Sends a list, and answers the status and the rows that came of it: outcome, link, reason.
    pub(crate) async fn import(&self, query: &str, list: String) -> (u16, Vec<[String; 3]>) {
        let url = format!("http://{}/v1/imports{query}", self.at);
        let client = awc::Client::builder().timeout(Duration::from_mins(5)).finish();
        let request = client.post(url).bearer_auth(&self.token).insert_header(("Content-Type", "text/csv"));
        let mut response = request.send_body(list).await.unwrap();
        let body = response.body().limit(64 * 1024 * 1024).await.unwrap();
        let text = std::str::from_utf8(&body).unwrap();
        let rows = text.lines().skip(1).map(|line| {
            let mut cells = line.splitn(5, ',').skip(2).map(str::to_owned);
            std::array::from_fn(|_| cells.next().unwrap_or_default())
        });
        (response.status().as_u16(), rows.collect())
    }
}

fn set_cookies(headers: &awc::http::header::HeaderMap) -> Vec<(String, String)> {
    headers
        .get_all(SET_COOKIE)
        .map(|value| value.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The link that a fresh node shows its operator.
pub(crate) fn first_admin_token(data: &Path) -> String {
    first_admin_token_of(&Start::embedded(data))
}

/// The same, of a node that is started like this.
pub(crate) fn first_admin_token_of(start: &Start) -> String {
    let mut child = start
        .command()
        .arg("--show-first-admin")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let token = lines
        .map_while(Result::ok)
        .find_map(|line| Some(line.strip_prefix("first admin ")?.split_once('#')?.1.to_owned()))
        .unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    token
}
