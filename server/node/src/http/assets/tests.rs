//! The files over HTTP, from a folder that is like a build's.

use super::*;
use actix_web::http::StatusCode;
use actix_web::{App, HttpServer, web};
use std::iter::from_fn;
use std::task::Waker;

/// What a build leaves, in small.
#[derive(RustEmbed)]
#[folder = "src/http/assets/fixture"]
struct Fixture;

/// What is answered over HTTP: the status, a look-up of headers, and the body.
struct Answer {
    status: StatusCode,
    headers: awc::http::header::HeaderMap,
    body: Bytes,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// Asks a server that has nothing but the files.
async fn get(paths: &[&str]) -> Vec<Answer> {
    let app = || {
        let files = |request: HttpRequest| async move { answer::<Fixture>(&request) };
        App::new().default_service(web::to(files))
    };
    let server = HttpServer::new(app).workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    let mut answers = Vec::new();
    for path in paths {
        let mut response = awc::Client::new().get(format!("http://{address}{path}")).send().await.unwrap();
        let body = response.body().await.unwrap();
        answers.push(Answer { status: response.status(), headers: response.headers().clone(), body });
    }
    handle.stop(true).await;
    answers
}

#[actix_web::test]
async fn a_service_worker_is_asked_for_each_time_and_looks_after_every_page() {
    let [worker] = &get(&["/sw.js"]).await[..] else { panic!() };
    assert_eq!((worker.status, worker.header("cache-control")), (StatusCode::OK, "no-cache"));
    assert_eq!(worker.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(worker.header("service-worker-allowed"), "/");
    assert_eq!(worker.header("x-content-type-options"), "nosniff");
}

#[actix_web::test]
async fn a_manifest_says_what_it_is_and_is_asked_for_each_time() {
    let [manifest, page] = &get(&["/manifest.webmanifest", "/"]).await[..] else { panic!() };
    assert_eq!(manifest.header("content-type"), "application/manifest+json");
    assert_eq!(manifest.header("cache-control"), "no-cache");
    assert_eq!(page.header("service-worker-allowed"), "", "that is the worker's alone");
}

#[actix_web::test]
async fn icons_are_kept_for_a_day_and_only_what_has_its_hash_in_its_name_for_ever() {
    for (path, cache) in [
        ("/icons/icon-192.svg", "public, max-age=86400"),
        ("/assets/icon-maskable.svg", "public, max-age=86400"),
        ("/assets/index-Ab3dE9f_.js", "public, max-age=31536000, immutable"),
        ("/assets/words.json", "no-cache"),
        ("/robots.txt", "no-cache"),
        ("/index.html", "no-cache"),
        ("/console", "no-cache"),
    ] {
        let [answer] = &get(&[path]).await[..] else { panic!() };
        assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, cache), "{path}");
    }
}

#[actix_web::test]
async fn a_link_into_the_app_leads_to_the_app() {
    let pages = ["/join", "/bulletins", "/teams", "/inbox", "/me", "/install", "/bulletins/b01", "/inbox/"];
    for (path, answer) in pages.iter().zip(get(&pages).await) {
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.body, Fixture::get("index.html").unwrap().data.as_ref(), "{path}");
        assert_eq!(answer.header("cache-control"), "no-cache");
    }
    for (path, answer) in ["/bulletins/a/b", "/bulletins/app.js", "/nowhere", "/me2", "//bulletins"]
        .iter()
        .zip(get(&["/bulletins/a/b", "/bulletins/app.js", "/nowhere", "/me2", "//bulletins"]).await)
    {
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[actix_web::test]
async fn scripts_are_named_by_one_policy_and_no_other() {
    let [page] = &get(&["/"]).await[..] else { panic!() };
    let policy = page.header("content-security-policy");
    assert!(policy.ends_with("require-trusted-types-for 'script'; trusted-types holdfast"), "{policy}");
    assert!(policy.contains("worker-src 'self'; ") && policy.contains("manifest-src 'self'; "));
    assert!(!policy.contains("unsafe"));
}

#[test]
fn a_file_is_given_in_pieces_that_are_all_of_it() {
    let file: Vec<u8> = (0..=250).cycle().take(2 * PIECE_MAX_BYTES + 1).collect();
    let mut body = Pieces(Bytes::from(file.clone()));
    assert_eq!(body.size(), BodySize::Sized(32_769));
    let mut context = Context::from_waker(Waker::noop());
    let pieces: Vec<Bytes> = from_fn(|| match Pin::new(&mut body).poll_next(&mut context) {
        Poll::Ready(piece) => piece.map(Result::unwrap),
        Poll::Pending => panic!("it is all there"),
    })
    .collect();
    assert_eq!(pieces.iter().map(Bytes::len).collect::<Vec<_>>(), [PIECE_MAX_BYTES, PIECE_MAX_BYTES, 1]);
    assert_eq!(pieces.concat(), file);
}
