//! The binary with TLS: what an operator sees when the files are wrong, and sockets that outlive their certificate.

use crate::node::{Start, TestNode, token};
use actix_codec::Framed;
use awc::ws::{Codec, Frame, Message};
use futures_util::{SinkExt, StreamExt};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Longer than anything that is right takes.
const PATIENCE: Duration = Duration::from_secs(20);
/// Longest head of an answer that is read.
const HEAD_MAX_BYTES: usize = 4 * 1024;

/// A certificate for `localhost`, and its key.
struct Pair {
    certificate: rcgen::Certificate,
    key: rcgen::KeyPair,
}

impl Pair {
    fn make() -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        Self { certificate: params.self_signed(&key).unwrap(), key }
    }

    fn write(&self, folder: &Path) -> [PathBuf; 2] {
        let paths = ["tls.crt", "tls.key"].map(|name| folder.join(name));
        fs::write(&paths[0], self.certificate.pem()).unwrap();
        fs::write(&paths[1], self.key.serialize_pem()).unwrap();
        paths
    }
}

fn start(data: &Path, paths: &[PathBuf; 2]) -> Start {
    let mut start = Start::embedded(data);
    for (option, path) in ["--tls-cert", "--tls-key"].into_iter().zip(paths) {
        start.arguments.extend([option.to_owned(), path.display().to_string()]);
    }
    start
}

/// A WebSocket over TLS that knows which certificate it was shown.
struct Socket {
    socket: Framed<TlsStream<TcpStream>, Codec>,
    certificate: CertificateDer<'static>,
}

impl Socket {
    async fn open(node: &TestNode, trusted: &[&Pair]) -> Self {
        let mut stream = secure(node, trusted).await.unwrap();
        let certificate = stream.get_ref().1.peer_certificates().unwrap()[0].clone();
        let head = "GET /connection/websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
                    Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        let head = within(read_head(&mut stream)).await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        Self { socket: Framed::new(stream, Codec::new().client_mode()), certificate }
    }

    /// Sends a command and answers its reply; pushes that come before it are passed over.
    async fn request(&mut self, command: &Value) -> Value {
        self.socket.send(Message::Text(command.to_string().into())).await.unwrap();
        loop {
            let Some(Ok(Frame::Text(text))) = within(self.socket.next()).await else { panic!("no reply") };
            let text = std::str::from_utf8(&text).unwrap();
            let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            if let Some(reply) = lines.find(|line| line["id"] == command["id"]) {
                return reply;
            }
        }
    }
}

async fn secure(node: &TestNode, trusted: &[&Pair]) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    for pair in trusted {
        roots.add(pair.certificate.der().clone()).unwrap();
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(node.address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    within(TlsConnector::from(Arc::new(config)).connect(name, stream)).await
}

/// Byte by byte, so that no frame that follows is taken with it.
async fn read_head(stream: &mut TlsStream<TcpStream>) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < HEAD_MAX_BYTES {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

async fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.expect("an answer in time")
}

#[test]
fn files_that_cannot_be_used_are_named_and_nothing_starts() {
    let data = tempfile::tempdir().unwrap();
    let paths = Pair::make().write(data.path());
    let refusal = |start: &Start| {
        let (code, said) = start.refusal();
        assert_eq!(code, Some(2), "{said}");
        assert_eq!(said.lines().filter(|line| line.starts_with("holdfast: ")).count(), 1, "{said}");
        said
    };
    let mut alone = start(data.path(), &paths);
    alone.arguments.truncate(2);
    assert!(refusal(&alone).contains("tls_cert and tls_key belong together"));
    fs::write(&paths[1], Pair::make().key.serialize_pem()).unwrap();
    assert!(refusal(&start(data.path(), &paths)).contains("tls.key is not the key of"));
    fs::write(&paths[0], "").unwrap();
    assert!(refusal(&start(data.path(), &paths)).contains("tls.crt holds no certificate"));
}

#[actix_rt::test]
async fn a_socket_outlives_its_certificate_and_the_next_one_sees_the_new() {
    let data = tempfile::tempdir().unwrap();
    let [first, second] = [Pair::make(), Pair::make()];
    let node = start(data.path(), &first.write(data.path())).run();
    let token = token(data.path(), &["--sub", "m_1"]);
    let connect = json!({"id": 1, "connect": {"token": token}});
    let both = [&first, &second];

    let mut old = Socket::open(&node, &both).await;
    assert_eq!(old.certificate, *first.certificate.der());
    let connected = old.request(&connect).await;
    assert!(connected.get("connect").is_some(), "{connected}");

    second.write(data.path());
    node.hang_up();
    // A signal has no answer: whoever comes until it was heard still sees the old one.
    let mut new = within(async {
        loop {
            let socket = Socket::open(&node, &both).await;
            if socket.certificate == *second.certificate.der() {
                return socket;
            }
        }
    })
    .await;
    let connected = new.request(&connect).await;
    assert!(connected.get("connect").is_some(), "{connected}");
    let subscribed = old.request(&json!({"id": 2, "subscribe": {"channel": "bulletins:all"}})).await;
    assert!(subscribed.get("subscribe").is_some(), "{subscribed}");
}

#[actix_rt::test]
async fn plain_http_and_silence_harm_nobody() {
    let data = tempfile::tempdir().unwrap();
    let pair = Pair::make();
    let node = start(data.path(), &pair.write(data.path())).run();
    let silent = TcpStream::connect(node.address).await.unwrap();
    let mut plain = TcpStream::connect(node.address).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    // At most an alert of TLS, never an answer of HTTP.
    drop(within(plain.read_to_end(&mut answer)).await);
    assert!(!answer.starts_with(b"HTTP/"), "{answer:?}");
    Socket::open(&node, &[&pair]).await;
    drop(silent);
}
