//! Operators are answered while everything else has more to do than it can.

use crate::node::{Start, holdfast};
use crate::ops::metrics;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Longer than anything that is right takes.
const PATIENCE: Duration = Duration::from_secs(20);
/// Within what an operator is answered.
const GOAL: Duration = Duration::from_millis(100);
/// A worker whose timers are never less late than this has always something else to do.
const SATURATED_SECONDS: f64 = 0.01;
const REQUEST: &[u8] = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
const AT_ONCE: usize = 16;
const CONNECTIONS: usize = 64;

/// Asks more than a worker can answer, on some connections, until it is dropped.
struct Flood {
    stop: Arc<AtomicBool>,
    answers: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Flood {
    fn begin(address: SocketAddr) -> Self {
        let (stop, answers) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (is_over, counted) = (Arc::clone(&stop), Arc::clone(&answers));
        let thread = std::thread::spawn(move || {
            let connect = |_| {
                let stream = TcpStream::connect(address).unwrap();
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                stream
            };
            let mut streams: Vec<TcpStream> = (0..CONNECTIONS).map(connect).collect();
            let burst = REQUEST.repeat(AT_ONCE);
            let mut bytes = vec![0; 64 * 1024];
            while !is_over.load(Ordering::Relaxed) {
                for stream in &mut streams {
                    stream.write_all(&burst).unwrap();
                }
                for stream in &mut streams {
                    let mut answers = Vec::new();
                    while answers.windows(8).filter(|word| word == b"HTTP/1.1").count() < AT_ONCE {
                        let read = stream.read(&mut bytes).unwrap();
                        assert!(read > 0, "the flood was cut");
                        answers.extend_from_slice(&bytes[..read]);
                    }
                    counted.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        Self { stop, answers, thread: Some(thread) }
    }

    fn end(mut self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap();
        self.answers.load(Ordering::Relaxed)
    }
}

/// How long an answer over the socket takes, all of it.
fn ask(socket: &Path, path: &str) -> Duration {
    let began = Instant::now();
    let mut stream = UnixStream::connect(socket).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    began.elapsed()
}

#[actix_rt::test]
async fn operators_are_answered_over_the_socket_while_the_workers_are_saturated() {
    let data = tempfile::tempdir().unwrap();
    let mut start = Start::embedded(data.path()).with_ops();
    start.arguments = vec!["--workers".into(), "1".into()];
    let node = start.run();
    let flood = Flood::begin(node.address);
    let lag =
        async || metrics(start.ops.unwrap()).await.number("event_loop_standing_lag_seconds{worker=\"0\"}");
    let saturated = async { while lag().await < SATURATED_SECONDS {} };
    tokio::time::timeout(PATIENCE, saturated).await.expect("the flood saturates the worker");

    let socket = data.path().join("ops.sock");
    let mut times: Vec<Duration> = ["/status", "/posture", "/health", "/incidents", "/pressure?since=0"]
        .iter()
        .cycle()
        .take(100)
        .map(|path| ask(&socket, path))
        .collect();
    times.sort();
    let standing = lag().await;
    assert!(flood.end() > 0);
    eprintln!(
        "a worker with a standing lag of {standing:.3} s; operators over the socket: median {:?}, 95 of 100 within {:?}, worst {:?}",
        times[50], times[94], times[99]
    );
    assert!(times[94] <= GOAL, "95 of 100 within {:?}", times[94]);
    let ordered = holdfast()
        .args(["posture", "set", "under_attack", "--why", "a flood", "--data"])
        .arg(data.path())
        .status()
        .unwrap();
    assert!(ordered.success());
}
