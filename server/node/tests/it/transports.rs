//! Two drivers carry conversations: what a client is told does not show which. The same things are said, byte for byte, to
//! a node of either kind, and what comes back is compared, but for what is made up anew each time.

use crate::node::{Start, TestNode, token};
use serde_json::{Value, json};
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::time::Duration;

/// Longer than anything that is right takes.
const PATIENCE: Duration = Duration::from_secs(20);
const UPGRADE: &str = "GET /connection/websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
/// What differs from one run to the next, in replies.
const MADE_UP: [&str; 4] = ["client", "epoch", "time", "ttl"];

/// One thing that a client does.
enum Step {
    /// Sends a frame as it is.
    Frame(u8, Vec<u8>),
    /// Sends a text, and takes so many frames.
    Ask(Value, usize),
    /// Takes so many frames.
    Hear(usize),
    /// Closes its side.
    Finish,
    /// Takes what comes until the other side has closed.
    UntilEnd,
}

/// What came back: the head of the upgrade, and each frame.
type Told = Vec<String>;

struct Talker {
    socket: TcpStream,
    told: Told,
}

impl Talker {
    fn upgraded(node: &TestNode, headers: &str, early: &[u8]) -> Self {
        let mut socket = TcpStream::connect(node.address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.write_all(&[format!("{UPGRADE}{headers}\r\n").as_bytes(), early].concat()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            socket.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        let head = String::from_utf8(head).unwrap();
        // A head's fields stand in no order (RFC 9110 §5.3).
        let mut lines: Vec<&str> = head.lines().filter(|line| !line.starts_with("date: ")).collect();
        lines.sort_unstable();
        Self { socket, told: vec![lines.join("\n")] }
    }

    fn go(mut self, steps: Vec<Step>) -> Told {
        for step in steps {
            match step {
                Step::Frame(first, payload) => self.send(first, &payload),
                Step::Ask(message, frames) => {
                    self.send(0x81, message.to_string().as_bytes());
                    self.hear(frames);
                }
                Step::Hear(frames) => self.hear(frames),
                Step::Finish => self.socket.shutdown(Shutdown::Write).unwrap(),
                Step::UntilEnd => while self.frame() {},
            }
        }
        self.told
    }

    fn send(&mut self, first: u8, payload: &[u8]) {
        let mut frame = vec![first, 0x80 | 0x7e];
        frame.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
        frame.extend([0; 4]);
        frame.extend(payload);
        self.socket.write_all(&frame).unwrap();
    }

    fn hear(&mut self, frames: usize) {
        for _ in 0..frames {
            assert!(self.frame(), "nothing more came after {:?}", self.told);
        }
    }

    /// The next frame, noted as a person reads it; says whether there was one.
    fn frame(&mut self) -> bool {
        let mut header = [0; 2];
        match self.socket.read_exact(&mut header) {
            Ok(()) => {}
            Err(error) if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) => {
                self.told.push("the end".into());
                return false;
            }
            Err(error) => panic!("{error} after {:?}", self.told),
        }
        let length = match header[1] {
            126 => {
                let mut length = [0; 2];
                self.socket.read_exact(&mut length).unwrap();
                u16::from_be_bytes(length).into()
            }
            127 => {
                let mut length = [0; 8];
                self.socket.read_exact(&mut length).unwrap();
                u64::from_be_bytes(length)
            }
            short => u64::from(short),
        };
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        self.socket.read_exact(&mut payload).unwrap();
        let shown = if header[0] == 0x81 { readable(&payload) } else { format!("{payload:?}") };
        self.told.push(format!("{:#x} {shown}", header[0]));
        true
    }
}

/// Texts without what is made up.
fn readable(payload: &[u8]) -> String {
    let text = std::str::from_utf8(payload).unwrap();
    let lines = text.split('\n').map(|line| {
        let mut value: Value = serde_json::from_str(line).unwrap();
        forget(&mut value);
        value.to_string()
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn forget(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if MADE_UP.contains(&name.as_str()) {
                    *field = json!("made up");
                } else {
                    forget(field);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(forget),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn publish(n: u64) -> Step {
    let data = json!({"channel": "bulletins:all", "idempotency_key": format!("key-{n}"), "data": {"n": n}});
    Step::Ask(json!({"id": 10 + n, "rpc": {"method": "publish", "data": data}}), 1)
}

/// One conversation: a name, further headers of its upgrade, what is sent right behind it, and what follows.
type Script = (&'static str, &'static str, Vec<u8>, Vec<Step>);

fn connect(token: &str) -> Step {
    Step::Ask(json!({"id": 1, "connect": {"token": token}}), 1)
}

fn subscribe(id: u32, more: &Value) -> Step {
    let mut request = json!({"channel": "bulletins:all"});
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Step::Ask(json!({"id": id, "subscribe": request}), 1)
}

fn author(token: &str) -> Script {
    (
        "an author",
        "",
        Vec::new(),
        vec![
            connect(token),
            publish(1),
            publish(2),
            publish(2),
            subscribe(30, &json!({"recover": true})),
            Step::Ask(json!({"id": 31, "history": {"channel": "bulletins:all", "limit": 10}}), 1),
            Step::Ask(json!({"id": 32, "presence_stats": {"channel": "bulletins:all"}}), 1),
            Step::Ask(json!({"id": 33, "unsubscribe": {"channel": "bulletins:all"}}), 1),
            Step::Frame(0x88, vec![0x03, 0xe8]),
            Step::UntilEnd,
        ],
    )
}

fn reader_who_is_behind(token: &str) -> Script {
    (
        "a reader who is behind",
        "",
        Vec::new(),
        vec![
            connect(token),
            subscribe(2, &json!({"recover": true, "offset": 1})),
            subscribe(3, &json!({})),
            Step::Ask(json!({"id": 4, "subscribe": {"channel": "nowhere:at all"}}), 1),
            Step::Ask(json!({"id": 5, "publish": {"channel": "bulletins:all", "data": {}}}), 1),
            Step::Frame(0x88, vec![]),
            Step::UntilEnd,
        ],
    )
}

fn hasty(token: &str) -> Script {
    let text = json!({"id": 1, "connect": {"token": token}}).to_string();
    let length = u16::try_from(text.len()).unwrap().to_be_bytes();
    let early = [&[0x81, 0x80 | 0x7e][..], &length, &[0; 4], text.as_bytes()].concat();
    (
        "who does not wait for the upgrade",
        "",
        early,
        vec![Step::Hear(1), Step::Frame(0x89, b"ping".to_vec()), Step::Hear(1), Step::Finish, Step::UntilEnd],
    )
}

fn by_subprotocol(token: &str) -> Script {
    let headers = "Sec-WebSocket-Protocol: other, centrifuge-json\r\n";
    ("by subprotocol", headers, Vec::new(), vec![connect(token), Step::Finish, Step::UntilEnd])
}

fn in_fragments(token: &str) -> Script {
    (
        "fragments, a ping between them",
        "",
        Vec::new(),
        vec![
            Step::Frame(0x01, br#"{"id":1,"conn"#.to_vec()),
            Step::Frame(0x89, b"?".to_vec()),
            Step::Hear(1),
            Step::Frame(0x80, format!(r#"ect":{{"token":"{token}"}}}}"#).into_bytes()),
            Step::Hear(1),
            Step::Finish,
            Step::UntilEnd,
        ],
    )
}

/// Says something that is refused, and closes behind the close.
fn refused(name: &'static str, says: &Value) -> Script {
    (
        name,
        "",
        Vec::new(),
        vec![Step::Ask(says.clone(), 1), Step::Frame(0x88, vec![0x0d, 0xac]), Step::UntilEnd],
    )
}

/// Everything that is said to one node, and what it said.
fn conversations(data: &Path, transport: &str) -> Vec<(&'static str, Told)> {
    let mut start = Start::embedded(data);
    start.arguments = vec!["--transport".into(), transport.into()];
    let node = start.run();
    let organiser = token(data, &["--sub", "ann", "--role", "organiser"]);
    let activist = token(data, &["--sub", "bo"]);
    let no_mask = b"\x81\x02{}".to_vec();
    let scripts = vec![
        author(&organiser),
        reader_who_is_behind(&activist),
        hasty(&activist),
        by_subprotocol(&activist),
        in_fragments(&activist),
        refused("a token that is none", &json!({"id": 1, "connect": {"token": "none"}})),
        refused("something else first", &json!({"id": 1, "rpc": {"method": "publish"}})),
        ("no mask", "", no_mask, vec![Step::Hear(1), Step::Finish, Step::UntilEnd]),
    ];
    let said = scripts
        .into_iter()
        .map(|(name, headers, early, steps)| (name, Talker::upgraded(&node, headers, &early).go(steps)));
    said.collect()
}

#[test]
fn a_client_is_told_the_same_whichever_driver_carries_it() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let dense = conversations(one.path(), "dense");
    let actix = conversations(other.path(), "actix-ws");
    for ((name, dense), (_, actix)) in dense.iter().zip(&actix) {
        assert_eq!(dense, actix, "{name}");
        assert!(dense.len() > 2, "{name} says something: {dense:?}");
    }
}
