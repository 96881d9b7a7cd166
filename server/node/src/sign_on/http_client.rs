//! What a node asks of a sign-on that its operator named: so many questions at once, each for so long at most.
//!
//! No address is refused: an operator's sign-on may be within their own network.

use crate::clock;
use crate::outgoing::{Bounds, Outgoing, Question, Reach, Trusted, Unanswered};
use admission::Budget;
use awc::http::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use awc::http::{Method, StatusCode};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, http};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

protocol::limits! {
    /// How long a node looks for where a sign-on is; then it is away.
    const ASKED_LOOK_UP: Duration = Duration::from_secs(2) => unseen;
    /// Longest that a node waits for the whole answer of a sign-on; then it is away.
    const ASKED_PATIENCE: Duration = Duration::from_secs(3) => unseen;
    /// Most bytes of an answer; a longer one is none.
    const ASKED_ANSWER_MAX_BYTES: usize = 256 * 1024 => unseen;
    /// Questions that may be under way at once; a further one fails.
    const ASKED_AT_ONCE_MAX: usize = 16 => unseen;
}

/// Asks a sign-on.
#[derive(Clone)]
pub(crate) struct HttpClient {
    trusted: Trusted,
    under_way: Arc<Budget>,
}

/// Why there is no answer. It names nobody.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    #[error("too many questions are under way")]
    Busy,
    #[error("the question cannot be asked")]
    Form,
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    #[error("its answer is not there in time and in {ASKED_ANSWER_MAX_BYTES} bytes")]
    Unfinished,
    #[error("it answers with {0}")]
    Status(StatusCode),
}

impl HttpClient {
    pub(super) fn new(trusted: Trusted) -> Self {
        Self { trusted, under_way: Arc::new(Budget::new(ASKED_AT_ONCE_MAX)) }
    }

    /// What is at an address, if the answer is 200.
    pub(super) async fn get(&self, url: &Url) -> Result<Vec<u8>, HttpError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let (status, _, body) = self.ask(Method::GET, url, headers, Vec::new()).await?;
        if status == StatusCode::OK { Ok(body) } else { Err(HttpError::Status(status)) }
    }

    /// Asks, and waits for the whole answer. Its connection is of this question alone: there are few, and from all threads.
    async fn ask(
        &self,
        method: Method,
        url: &Url,
        mut headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<(StatusCode, HeaderMap, Vec<u8>), HttpError> {
        let _permit = self.under_way.take().ok_or(HttpError::Busy)?;
        headers.insert(USER_AGENT, HeaderValue::from_static("holdfast"));
        let bounds = Bounds {
            look_up: ASKED_LOOK_UP,
            answer: ASKED_PATIENCE,
            answer_max_bytes: ASKED_ANSWER_MAX_BYTES,
            connections: 1,
        };
        let question = Question { method, url, reach: Reach::Anywhere, headers, body: body.into() };
        let answer = Outgoing::new(&self.trusted, bounds).ask(&question, clock::now().instant).await?;
        let body = answer.body.ok_or(HttpError::Unfinished)?;
        Ok((answer.status, answer.headers, body.into()))
    }

    /// The same in the words of the library that signs people in, which has another version of them.
    async fn translated(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (head, body) = request.into_parts();
        let method = Method::from_bytes(head.method.as_str().as_bytes()).map_err(|_| HttpError::Form)?;
        let url = Url::parse(&head.uri.to_string()).map_err(|_| HttpError::Form)?;
        let mut headers = HeaderMap::new();
        for (name, value) in &head.headers {
            let name = HeaderName::from_bytes(name.as_str().as_bytes()).map_err(|_| HttpError::Form)?;
            let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| HttpError::Form)?;
            headers.append(name, value);
        }
        let (status, headers, body) = self.ask(method, &url, headers, body).await?;
        let mut response = http::Response::builder().status(status.as_u16());
        for (name, value) in &headers {
            response = response.header(name.as_str(), value.as_bytes());
        }
        response.body(body).map_err(|_| HttpError::Form)
    }
}

impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.translated(request))
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpClient(…)")
    }
}
