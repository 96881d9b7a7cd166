//! HTTP over the Unix socket of a node, with the client that its tests use over TCP.

use actix_service::fn_service;
use actix_tls::connect::{ConnectError, ConnectInfo, Connection};
use actix_web::rt::net::UnixStream;
use anyhow::{Context, anyhow, bail};
use awc::http::{Method, Uri};
use awc::{Client, Connector};
use serde::Serialize;
use serde_json::Value;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a node may take to answer: reports are made from large files.
const PATIENCE: Duration = Duration::from_mins(1);
/// Largest answer that is taken.
const ANSWER_MAX_BYTES: usize = 64 * 1024 * 1024;
/// What stands in `Host`: the socket is the address.
const HOST: &str = "http://localhost";

/// One node, over its socket.
pub(super) struct NodeClient {
    client: Client,
}

impl NodeClient {
    /// Tries the socket first, so that what is wrong with it is said in words.
    pub(super) async fn connect(socket: &Path) -> anyhow::Result<Self> {
        drop(UnixStream::connect(socket).await.map_err(|error| unreachable(socket, &error))?);
        let path: PathBuf = socket.to_owned();
        let connector =
            Connector::new().timeout(PATIENCE).connector(fn_service(move |info: ConnectInfo<Uri>| {
                let path = path.clone();
                async move {
                    let stream = UnixStream::connect(&path).await.map_err(ConnectError::Io)?;
                    Ok::<_, ConnectError>(Connection::new(info.request().clone(), stream))
                }
            }));
        Ok(Self { client: Client::builder().connector(connector).timeout(PATIENCE).finish() })
    }

    /// Asks, and answers the JSON that came; nothing for an answer without a body.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> anyhow::Result<Value> {
        let request = self.client.request(method, format!("{HOST}{path}"));
        let sent = match body {
            Some(body) => request.send_json(body),
            None => request.send(),
        };
        let mut response = sent.await.map_err(|error| anyhow!("the node did not answer: {error}"))?;
        let bytes = response.body().limit(ANSWER_MAX_BYTES).await.context("the node's answer broke off")?;
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        if !response.status().is_success() {
            let detail = answer.get("detail").and_then(Value::as_str).unwrap_or("it did not say why");
            bail!("the node refused ({}): {detail}", response.status().as_u16());
        }
        Ok(answer)
    }

    /// The live feed.
    pub(super) async fn watch(
        &self,
    ) -> anyhow::Result<actix_codec::Framed<awc::BoxedSocket, awc::ws::Codec>> {
        let connected = self.client.ws(format!("{HOST}/live")).connect().await;
        let (_, socket) = connected.map_err(|_| anyhow!("the node has no place for another viewer now"))?;
        Ok(socket)
    }
}

/// What is wrong, and what to do about it.
fn unreachable(socket: &Path, error: &std::io::Error) -> anyhow::Error {
    let path = socket.display();
    let kind = error.kind();
    if kind == ErrorKind::NotFound {
        anyhow!(
            "no node runs here: there is no {path} (--data or --ops-socket say which node; is it started?)"
        )
    } else if kind == ErrorKind::ConnectionRefused {
        anyhow!("no node answers at {path}: the one that made it is gone; start it again")
    } else if kind == ErrorKind::PermissionDenied {
        anyhow!(
            "you may not speak to the node at {path}: its socket belongs to the user who runs it (try: sudo -u THAT_USER)"
        )
    } else {
        anyhow!("the node at {path} cannot be reached: {error}")
    }
}
