//! A small client of the protocol, so that tests see every frame.

use actix_codec::Framed;
use awc::BoxedSocket;
use awc::ws::{Codec, Frame, Message};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

/// Longer than anything that is right takes.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Client {
    socket: Framed<BoxedSocket, Codec>,
    waiting: VecDeque<Value>,
    next_id: u64,
}

/// The connection is over: the close code, if there was one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Closed(pub(crate) Option<u16>);

impl Client {
    /// Opens a socket; says nothing.
    pub(crate) async fn open(address: SocketAddr) -> Result<Self, Closed> {
        Self::open_with(address, &[]).await
    }

    /// Opens a socket, with these headers at the handshake.
    pub(crate) async fn open_with(address: SocketAddr, headers: &[(&str, String)]) -> Result<Self, Closed> {
        let url = format!("http://{address}/connection/websocket");
        let mut request = awc::Client::new().ws(url);
        for (name, value) in headers {
            request = request.set_header(*name, value.as_str());
        }
        let connecting = request.connect();
        let (_, socket) = within(connecting).await.map_err(|_| Closed(None))?;
        Ok(Self { socket, waiting: VecDeque::new(), next_id: 1 })
    }

    /// Opens a socket and connects.
    pub(crate) async fn connect(address: SocketAddr, token: &str) -> Result<Self, Closed> {
        let mut client = Self::open(address).await?;
        let reply = client.request(json!({"connect": {"token": token}})).await?;
        if reply.get("connect").is_some() { Ok(client) } else { Err(Closed(None)) }
    }

    /// Sends a request and answers its reply; pushes that come before it are kept.
    pub(crate) async fn request(&mut self, mut body: Value) -> Result<Value, Closed> {
        let id = self.next_id;
        self.next_id += 1;
        body["id"] = json!(id);
        self.send(body.to_string()).await?;
        let mut kept = VecDeque::new();
        loop {
            let message = self.next().await?;
            if message["id"] == json!(id) {
                kept.append(&mut self.waiting);
                self.waiting = kept;
                return Ok(message);
            }
            kept.push_back(message);
        }
    }

    /// Publishes by rpc: the position, or the code of the error.
    pub(crate) async fn publish(&mut self, channel: &str, key: &str) -> Result<Result<u64, u64>, Closed> {
        let argument = json!({"channel": channel, "idempotency_key": key, "data": {"id": key}});
        let reply = self.request(json!({"rpc": {"method": "publish", "data": argument}})).await?;
        Ok(match reply["rpc"]["data"]["offset"].as_u64() {
            Some(offset) => Ok(offset),
            // Another word for it.
            None if reply["rpc"]["data"]["status"] == "later" => Err(111),
            None => Err(reply["error"]["code"].as_u64().unwrap_or(0)),
        })
    }

    pub(crate) async fn send(&mut self, text: String) -> Result<(), Closed> {
        within(self.socket.send(Message::Text(text.into()))).await.map_err(|_| Closed(None))
    }

    /// The next message, pings aside.
    pub(crate) async fn next(&mut self) -> Result<Value, Closed> {
        loop {
            if let Some(message) = self.waiting.pop_front() {
                if message != json!({}) {
                    return Ok(message);
                }
                self.send("{}".to_owned()).await?;
                continue;
            }
            match within(self.socket.next()).await {
                Some(Ok(Frame::Text(bytes))) => {
                    let text = std::str::from_utf8(&bytes).unwrap();
                    self.waiting.extend(text.split('\n').map(|line| serde_json::from_str(line).unwrap()));
                }
                Some(Ok(Frame::Close(reason))) => {
                    return Err(Closed(reason.map(|reason| reason.code.into())));
                }
                Some(Ok(Frame::Ping(_) | Frame::Pong(_))) => {}
                Some(Ok(frame)) => panic!("an unexpected frame {frame:?}"),
                Some(Err(_)) | None => return Err(Closed(None)),
            }
        }
    }
}

async fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.expect("an answer in time")
}
