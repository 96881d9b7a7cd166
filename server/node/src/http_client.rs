//! What a node asks of services that its operator named, over HTTPS: on threads of its own, so that no worker waits; for so
//! long and so much at most; never where a redirection sends it.
//!
//! No address is refused: an operator's sign-on may be within their own network.

use admission::Budget;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use ureq::Agent;
use ureq::http::StatusCode;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use url::Url;

protocol::limits! {
    /// Longest that a node waits for an answer of a sign-on, from the look-up of its name to the last byte; then it is away.
    const ASKED_PATIENCE: Duration = Duration::from_secs(5) => unseen;
    /// Most bytes of an answer; a longer one is none.
    const ASKED_ANSWER_MAX_BYTES: u64 = 256 * 1024 => unseen;
    /// Most bytes of an answer's head.
    const ASKED_HEAD_MAX_BYTES: usize = 16 * 1024 => unseen;
    /// Questions that may be under way at once; a further one fails.
    const ASKED_AT_ONCE_MAX: usize = 16 => unseen;
}

/// Asks elsewhere.
#[derive(Clone)]
pub(crate) struct HttpClient {
    agent: Agent,
    under_way: Arc<Budget>,
}

/// Why there is no answer. It names nobody.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    #[error("too many questions are under way")]
    Busy,
    #[error("it does not answer in time and in {ASKED_ANSWER_MAX_BYTES} bytes: {0}")]
    Failed(#[from] Box<ureq::Error>),
    #[error("it answers with {0}")]
    Status(StatusCode),
    #[error("the node stops")]
    Stopped,
}

impl HttpClient {
    /// One that trusts whom this machine trusts; `SSL_CERT_FILE` names others.
    pub(crate) fn new() -> Self {
        let found = rustls_native_certs::load_native_certs();
        let roots: Vec<_> =
            found.certs.iter().map(|root| Certificate::from_der(root.as_ref()).to_owned()).collect();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::new_with_certs(&roots))
            .unversioned_rustls_crypto_provider(provider);
        let config = Agent::config_builder()
            .tls_config(tls.build())
            .timeout_global(Some(ASKED_PATIENCE))
            .max_redirects(0)
            .max_response_header_size(ASKED_HEAD_MAX_BYTES)
            .http_status_as_error(false)
            .user_agent("holdfast")
            .proxy(None);
        let agent = Agent::new_with_config(config.build());
        let under_way = Arc::new(Budget::new(ASKED_AT_ONCE_MAX));
        Self { agent, under_way }
    }

    /// What is at an address, if the answer is 200.
    pub(crate) async fn get(&self, url: &Url) -> Result<Vec<u8>, HttpError> {
        let request = ureq::http::Request::get(url.as_str()).header("accept", "application/json");
        let request = request.body(Vec::new()).map_err(|error| Box::new(ureq::Error::from(error)))?;
        let answer = self.ask(request).await?;
        if answer.status() == StatusCode::OK {
            Ok(answer.into_body())
        } else {
            Err(HttpError::Status(answer.status()))
        }
    }

    /// Asks, and waits for the whole answer.
    pub(crate) async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let permit = self.under_way.take().ok_or(HttpError::Busy)?;
        let agent = self.agent.clone();
        let asking = tokio::task::spawn_blocking(move || {
            let answer = answered(&agent, request);
            drop(permit);
            answer
        });
        asking.await.map_err(|_| HttpError::Stopped)?.map_err(|error| Box::new(error).into())
    }
}

fn answered(agent: &Agent, request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
    let (head, body) = request.into_parts();
    let answer = if body.is_empty() {
        agent.run(ureq::http::Request::from_parts(head, ()))?
    } else {
        agent.run(ureq::http::Request::from_parts(head, body))?
    };
    let (head, mut body) = answer.into_parts();
    let body = body.with_config().limit(ASKED_ANSWER_MAX_BYTES).read_to_vec()?;
    Ok(HttpResponse::from_parts(head, body))
}

impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpClient(…)")
    }
}
