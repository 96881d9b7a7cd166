//! A push service on this machine. What becomes of a request is the first part of its path: `/take`, `/gone`, `/stall`,
//! `/fail`, or `/throttle`, which is taken the second time.

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a push service was sent.
#[derive(Debug, Clone)]
pub(super) struct Received {
    pub(super) path: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
    pub(super) at: Instant,
}

/// All that came, in its order, whatever it was answered.
#[derive(Debug, Default)]
struct Seen {
    all: Mutex<Vec<Received>>,
    tries: Mutex<HashMap<String, u32>>,
}

/// The service. It ends with the test.
pub(super) struct LocalPush {
    pub(super) origin: String,
    seen: Arc<Seen>,
}

impl LocalPush {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Seen::default());
        let data = Data::from(Arc::clone(&seen));
        let app = move || App::new().app_data(data.clone()).route("/{what}/{device}", web::post().to(take));
        let server = HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap().run();
        std::thread::spawn(move || actix_rt::System::new().block_on(server));
        Self { origin, seen }
    }

    pub(super) fn all(&self) -> Vec<Received> {
        self.seen.all.lock().clone()
    }

    pub(super) fn count(&self) -> usize {
        self.seen.all.lock().len()
    }

    /// What came for one device.
    pub(super) fn of(&self, path: &str) -> Vec<Received> {
        self.seen.all.lock().iter().filter(|received| received.path == path).cloned().collect()
    }

    /// Waits for so much for one device.
    pub(super) async fn until(&self, path: &str, count: usize, patience: Duration) -> Vec<Received> {
        let begun = Instant::now();
        loop {
            let found = self.of(path);
            if found.len() >= count {
                return found;
            }
            assert!(begun.elapsed() < patience, "{path}: {} of {count} came", found.len());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn take(
    request: HttpRequest,
    seen: Data<Seen>,
    path: Path<(String, String)>,
    body: Bytes,
) -> HttpResponse {
    let headers = request.headers().iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    let received =
        Received { path: request.path().to_owned(), headers, body: body.to_vec(), at: Instant::now() };
    seen.all.lock().push(received);
    match path.0.as_str() {
        "take" => HttpResponse::Created().finish(),
        "gone" => HttpResponse::Gone().finish(),
        "stall" => {
            tokio::time::sleep(Duration::from_mins(10)).await;
            HttpResponse::Created().finish()
        }
        "throttle" => {
            let mut tries = seen.tries.lock();
            let tries = tries.entry(path.1.clone()).or_default();
            *tries += 1;
            if *tries > 1 {
                HttpResponse::Created().finish()
            } else {
                HttpResponse::TooManyRequests().insert_header(("Retry-After", "1")).finish()
            }
        }
        "redirect" => {
            HttpResponse::TemporaryRedirect().insert_header(("Location", "/take/led-astray")).finish()
        }
        _ => HttpResponse::build(StatusCode::INTERNAL_SERVER_ERROR).body("x".repeat(100_000)),
    }
}
