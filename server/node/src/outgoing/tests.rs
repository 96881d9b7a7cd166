use super::*;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use std::cell::Cell;
use std::collections::VecDeque;
use std::fs;
use std::net::Ipv4Addr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

const NAME: &str = "push.example";
const PUBLIC: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(9, 9, 9, 9)), 443);
const BOUNDS: Bounds = Bounds {
    look_up: Duration::from_secs(20),
    answer: Duration::from_secs(20),
    answer_max_bytes: 1_024,
    connections: 8,
};

/// Says where names lead, one answer after the other.
pub(super) struct Told {
    answers: RefCell<VecDeque<Vec<SocketAddr>>>,
}

impl Told {
    pub(super) fn look_up(&self, name: &str) -> io::Result<Vec<SocketAddr>> {
        assert_eq!(name, NAME);
        self.answers.borrow_mut().pop_front().ok_or_else(|| ErrorKind::NotFound.into())
    }
}

/// Whoever signs certificates for the tests.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: rcgen::Certificate,
}

impl Authority {
    fn new() -> Self {
        Self::named("Authority of the campaign")
    }

    fn named(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        Self { issuer: Issuer::new(params, key), certificate }
    }

    /// One who asks, and believes this authority alone.
    fn asker(&self, bounds: Bounds, answers: impl IntoIterator<Item = Vec<SocketAddr>>) -> Outgoing {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        fs::write(&file, self.certificate.pem()).unwrap();
        let trusted = Authorities::read(Some(&file)).unwrap().and(Roots::None).unwrap();
        let answers = RefCell::new(answers.into_iter().collect());
        Outgoing::with_names(&trusted, bounds, Names::Told(Told { answers }))
    }

    fn shows(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let config =
            ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(
                    vec![certificate.der().clone()],
                    PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
                );
        Arc::new(config.unwrap())
    }
}

/// Somebody on this machine who is asked over TLS, and what they heard.
struct Host {
    address: SocketAddr,
    connections: Rc<Cell<usize>>,
    heard: Rc<RefCell<Vec<String>>>,
}

impl Host {
    async fn start(config: Arc<ServerConfig>, answer: &'static str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let host = Self { address, connections: Rc::default(), heard: Rc::default() };
        let (connections, heard) = (Rc::clone(&host.connections), Rc::clone(&host.heard));
        actix_rt::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.set(connections.get() + 1);
                let (acceptor, heard) = (TlsAcceptor::from(Arc::clone(&config)), Rc::clone(&heard));
                actix_rt::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut bytes = Vec::new();
                    while let Ok(byte) = stream.read_u8().await {
                        bytes.push(byte);
                        // What is asked here has a body of two bytes.
                        if bytes.ends_with(b"\r\n\r\nhi") {
                            heard.borrow_mut().push(String::from_utf8(std::mem::take(&mut bytes)).unwrap());
                            stream.write_all(answer.as_bytes()).await.unwrap();
                        }
                    }
                });
            }
        });
        host
    }

    fn heard(&self) -> usize {
        self.heard.borrow().len()
    }
}

const TAKEN: &str = "HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok";
const TAKEN_ONCE: &str = "HTTP/1.1 201 Created\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

async fn asks(outgoing: &Outgoing, reach: Reach, now: Instant) -> Result<Answer, Unanswered> {
    let url = Url::parse(&format!("https://{NAME}/send")).unwrap();
    let (headers, body) = (HeaderMap::new(), Bytes::from_static(b"hi"));
    outgoing.ask(&Question { method: Method::POST, url: &url, reach, headers, body }, now).await
}

fn now() -> Instant {
    crate::clock::now().instant
}

#[actix_rt::test]
async fn whoever_shows_a_good_certificate_is_asked_again_over_the_same_connection() {
    let authority = Authority::new();
    let host = Host::start(authority.shows(NAME, |_| {}), TAKEN).await;
    let outgoing = authority.asker(BOUNDS, [vec![host.address]]);
    for _ in 0..2 {
        let answer = asks(&outgoing, Reach::Anywhere, now()).await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.body.as_deref()), (201, Some(&b"ok"[..])));
    }
    assert_eq!((host.connections.get(), host.heard()), (1, 2));
    let heard = host.heard.borrow()[0].to_ascii_lowercase();
    assert!(
        heard.starts_with("post /send http/1.1\r\n") && heard.contains("host: push.example\r\n"),
        "{heard}"
    );
}

#[actix_rt::test]
async fn nobody_whose_certificate_does_not_count_is_told_anything() {
    let (authority, another) = (Authority::new(), Authority::named("Another"));
    let expired = |params: &mut CertificateParams| {
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
    };
    let not_yet = |params: &mut CertificateParams| params.not_before = date_time_ymd(2999, 1, 1);
    for (config, why) in [
        (authority.shows("other.example", |_| {}), "not valid for name"),
        (authority.shows(NAME, expired), "expired"),
        (authority.shows(NAME, not_yet), "not valid yet"),
        (another.shows(NAME, |_| {}), "UnknownIssuer"),
    ] {
        let (host, good) =
            (Host::start(config, TAKEN).await, Host::start(authority.shows(NAME, |_| {}), TAKEN).await);
        let outgoing = authority.asker(BOUNDS, [vec![host.address, good.address]]);
        match asks(&outgoing, Reach::Anywhere, now()).await.err() {
            Some(Unanswered::Failed(said)) => assert!(said.contains(why), "{said}"),
            other => panic!("{why}: {other:?}"),
        }
        assert_eq!((host.connections.get(), host.heard()), (1, 0), "{why}");
        assert_eq!(good.connections.get(), 0, "who lies about one address is not asked at another");
    }
}

#[actix_rt::test]
async fn a_name_that_leads_into_somebodys_own_network_is_not_connected_to_at_any_of_its_addresses() {
    let authority = Authority::new();
    let host = Host::start(authority.shows(NAME, |_| {}), TAKEN).await;
    let private = SocketAddr::from((Ipv4Addr::new(10, 1, 2, 3), 443));
    let told =
        [vec![host.address], vec![PUBLIC, host.address], vec![host.address, PUBLIC], vec![PUBLIC, private]];
    for addresses in told {
        let outgoing = authority.asker(BOUNDS, [addresses]);
        assert_eq!(asks(&outgoing, Reach::Public, now()).await.err(), Some(Unanswered::Forbidden));
    }
    let outgoing = authority.asker(BOUNDS, [vec![host.address]]);
    assert_eq!(asks(&outgoing, Reach::Public, now()).await.err(), Some(Unanswered::Forbidden));
    assert_eq!(host.connections.get(), 0);
    asks(&outgoing, Reach::Anywhere, now()).await.unwrap();
    let again = asks(&outgoing, Reach::Public, now()).await.err();
    assert_eq!(again, Some(Unanswered::Forbidden), "whoever asked before, and over whatever connection");
    assert_eq!(host.heard(), 1);
}

#[actix_rt::test]
async fn just_what_was_judged_is_connected_to_until_it_is_judged_anew() {
    let authority = Authority::new();
    let one = Host::start(authority.shows(NAME, |_| {}), TAKEN_ONCE).await;
    let other = Host::start(authority.shows(NAME, |_| {}), TAKEN_ONCE).await;
    let outgoing = authority.asker(BOUNDS, [vec![one.address], vec![other.address]]);
    let begun = now();
    for _ in 0..3 {
        asks(&outgoing, Reach::Anywhere, begun).await.unwrap();
    }
    assert_eq!((one.heard(), other.connections.get()), (3, 0), "whatever its name leads to by now");
    asks(&outgoing, Reach::Anywhere, begun + RESOLVED_FOR).await.unwrap();
    assert_eq!((one.heard(), other.heard()), (3, 1));
    let gone = asks(&outgoing, Reach::Anywhere, begun + RESOLVED_FOR * 2).await.err();
    assert_eq!(gone, Some(Unanswered::Nowhere));
}

#[actix_rt::test]
async fn an_address_where_nobody_listens_is_passed_over() {
    let authority = Authority::new();
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap();
    let host = Host::start(authority.shows(NAME, |_| {}), TAKEN).await;
    let outgoing = authority.asker(BOUNDS, [vec![nobody, host.address]]);
    asks(&outgoing, Reach::Anywhere, now()).await.unwrap();
    assert_eq!(host.heard(), 1);
    let outgoing = authority.asker(BOUNDS, [vec![nobody]]);
    assert!(matches!(asks(&outgoing, Reach::Anywhere, now()).await.err(), Some(Unanswered::Failed(_))));
}

#[actix_rt::test]
async fn a_redirection_is_an_answer_and_leads_nowhere() {
    let authority = Authority::new();
    let away = "HTTP/1.1 307 Elsewhere\r\nlocation: https://other.example/\r\ncontent-length: 0\r\n\r\n";
    let host = Host::start(authority.shows(NAME, |_| {}), away).await;
    let outgoing = authority.asker(BOUNDS, [vec![host.address]]);
    assert_eq!(asks(&outgoing, Reach::Anywhere, now()).await.unwrap().status.as_u16(), 307);
    assert_eq!(host.heard(), 1);
}

#[actix_rt::test]
async fn an_answer_that_is_too_long_or_never_ends_keeps_nobody() {
    let authority = Authority::new();
    let bounds = Bounds { answer: Duration::from_millis(500), ..BOUNDS };
    let long = format!("HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n{}", "x".repeat(2_000));
    for answer in [&*long.leak(), "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"] {
        let host = Host::start(authority.shows(NAME, |_| {}), answer).await;
        let outgoing = authority.asker(bounds, [vec![host.address]]);
        let answer = asks(&outgoing, Reach::Anywhere, now()).await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.body), (200, None));
    }
    let host = Host::start(authority.shows(NAME, |_| {}), "HTTP/1.1 200").await;
    let outgoing = authority.asker(bounds, [vec![host.address]]);
    let late = asks(&outgoing, Reach::Anywhere, now()).await.err();
    assert_eq!(late, Some(Unanswered::TooLate));
}

#[test]
fn a_file_of_authorities_that_cannot_be_used_is_named_with_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    let refusal = || format!("{:#}", Authorities::read(Some(&file)).err().unwrap());
    assert!(refusal().contains("cannot be read"), "{}", refusal());
    let nonsense = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (text, why) in
        [("", "holds no certificate"), (&nonsense[..40], "is damaged"), (nonsense, "cannot be used")]
    {
        fs::write(&file, text).unwrap();
        let refusal = refusal();
        assert!(refusal.starts_with("outgoing_ca") && refusal.contains(why), "{refusal}");
    }
}
