use super::*;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use std::fs;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio_rustls::{TlsConnector, client};

/// Both files in a folder that goes away.
struct Folder {
    folder: TempDir,
}

/// A certificate for `localhost` that signs itself, and its key.
struct Pair {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

fn pair() -> Pair {
    let key = KeyPair::generate().unwrap();
    let certificate = params().self_signed(&key).unwrap();
    Pair { certificate, key }
}

fn params() -> CertificateParams {
    CertificateParams::new(vec!["localhost".to_owned()]).unwrap()
}

impl Folder {
    fn with(pair: &Pair) -> Self {
        let folder = Self { folder: tempfile::tempdir().unwrap() };
        folder.write(pair);
        folder
    }

    fn holding(certificate: &str, key: &str) -> Self {
        let folder = Self { folder: tempfile::tempdir().unwrap() };
        fs::write(folder.certificate(), certificate).unwrap();
        fs::write(folder.key(), key).unwrap();
        folder
    }

    fn write(&self, pair: &Pair) {
        fs::write(self.certificate(), pair.certificate.pem()).unwrap();
        fs::write(self.key(), pair.key.serialize_pem()).unwrap();
    }

    fn certificate(&self) -> std::path::PathBuf {
        self.folder.path().join("tls.crt")
    }

    fn key(&self) -> std::path::PathBuf {
        self.folder.path().join("tls.key")
    }

    fn load(&self) -> anyhow::Result<Tls> {
        Tls::load(&self.certificate(), &self.key())
    }

    fn refusal(&self) -> String {
        format!("{:#}", self.load().unwrap_err())
    }
}

fn connector(trusted: &Pair, versions: &[&'static SupportedProtocolVersion], alpn: &[&str]) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.certificate.der().clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    Arc::new(config).into()
}

type Both = (Result<TlsStream<DuplexStream>, HandshakeFailed>, io::Result<client::TlsStream<DuplexStream>>);

async fn meet(tls: &Tls, connector: &TlsConnector) -> Both {
    let (here, there) = duplex(64 * 1024);
    tokio::join!(tls.accept(here), connector.connect(ServerName::try_from("localhost").unwrap(), there))
}

fn modern(trusted: &Pair) -> TlsConnector {
    connector(trusted, &[&version::TLS13], &["http/1.1"])
}

fn shown(stream: &client::TlsStream<DuplexStream>) -> CertificateDer<'static> {
    stream.get_ref().1.peer_certificates().unwrap()[0].clone()
}

#[test]
fn each_mistake_of_an_operator_has_its_sentence() {
    let good = pair();
    let (certificate, key) = (good.certificate.pem(), good.key.serialize_pem());
    let cut = |text: &str| text[..text.len() / 2].to_owned();
    let nonsense = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let no_key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let older = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    let large = "x".repeat(usize::try_from(files::TLS_FILE_MAX_BYTES).unwrap() + 1);
    for (certificate, key, sentence) in [
        ("", key.as_str(), "tls.crt holds no certificate"),
        ("garbage", &key, "tls.crt holds no certificate"),
        (&key, &key, "tls.crt holds no certificate"),
        (&cut(&certificate), &key, "tls.crt is damaged"),
        (nonsense, &key, "the first certificate in"),
        (&large, &key, "tls.crt is larger than"),
        (&certificate, "", "tls.key holds no private key"),
        (&certificate, &certificate, "tls.key holds no private key"),
        (&certificate, &cut(&key), "tls.key is damaged"),
        (&certificate, no_key, "tls.key is damaged or of an unknown kind"),
        (&certificate, &encrypted, "tls.key is encrypted"),
        (&certificate, older, "tls.key is encrypted"),
        (&certificate, &pair().key.serialize_pem(), "tls.key is not the key of the first certificate"),
        (&certificate, &large, "tls.key is larger than"),
    ] {
        let refusal = Folder::holding(certificate, key).refusal();
        assert!(refusal.contains(sentence), "{refusal:?} does not say {sentence:?}");
        assert!(!refusal.contains('\n'), "{refusal:?}");
    }
}

#[test]
fn a_refusal_never_quotes_the_key() {
    let good = pair();
    let key = good.key.serialize_pem().replace("-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY---");
    let secret = key.lines().nth(1).unwrap().to_owned();
    let refusal = Folder::holding(&good.certificate.pem(), &key).refusal();
    assert!(!refusal.contains(&secret) && !refusal.contains("BEGIN PRIVATE KEY---"), "{refusal}");
}

#[test]
fn what_is_no_file_is_named() {
    let folder = Folder::with(&pair());
    fs::remove_file(folder.key()).unwrap();
    assert!(folder.refusal().contains("tls.key cannot be read"), "{}", folder.refusal());
    fs::create_dir(folder.key()).unwrap();
    assert!(folder.refusal().contains("tls.key is not a file"), "{}", folder.refusal());
}

#[tokio::test]
async fn both_versions_of_tls_carry_bytes_both_ways() {
    let pair = pair();
    let tls = Folder::with(&pair).load().unwrap();
    for version in [&version::TLS13, &version::TLS12] {
        let (here, there) = meet(&tls, &connector(&pair, &[version], &["h2", "http/1.1"])).await;
        let (mut here, mut there) = (here.unwrap(), there.unwrap());
        assert_eq!(there.get_ref().1.protocol_version(), Some(version.version));
        assert_eq!(there.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
        there.write_all(b"ask").await.unwrap();
        there.flush().await.unwrap();
        let mut heard = [0; 3];
        here.read_exact(&mut heard).await.unwrap();
        here.write_all(&heard).await.unwrap();
        here.flush().await.unwrap();
        there.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"ask");
    }
}

#[tokio::test]
async fn an_rsa_key_of_the_older_kind_serves_too() {
    let key = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let pair = Pair { certificate: params().self_signed(&key).unwrap(), key };
    let tls = Folder::with(&pair).load().unwrap();
    assert!(meet(&tls, &modern(&pair)).await.0.is_ok());
}

#[tokio::test]
async fn a_client_that_only_speaks_http2_has_nothing_in_common() {
    let pair = pair();
    let tls = Folder::with(&pair).load().unwrap();
    let (here, there) = meet(&tls, &connector(&pair, &[&version::TLS13], &["h2"])).await;
    assert_eq!(here.unwrap_err(), HandshakeFailed::Incompatible);
    assert!(there.is_err());
}

#[tokio::test]
async fn a_client_that_does_not_trust_the_certificate_refuses_it() {
    let tls = Folder::with(&pair()).load().unwrap();
    let (here, there) = meet(&tls, &modern(&pair())).await;
    assert_eq!(here.unwrap_err(), HandshakeFailed::Refused);
    assert!(there.is_err());
}

/// What a client says first, and why that is the end.
async fn says(first: &[u8]) -> HandshakeFailed {
    let tls = Folder::with(&pair()).load().unwrap();
    let (here, mut there) = duplex(64 * 1024);
    there.write_all(first).await.unwrap();
    tls.accept(here).await.unwrap_err()
}

/// A hello of TLS 1.1: version 3.2, no random of worth, one suite, no extensions.
fn hello_of_tls_1_1() -> Vec<u8> {
    let mut body = vec![3, 2];
    body.extend([7; 32]);
    body.extend([0, 0, 2, 0xc0, 0x13, 1, 0]);
    let length = u8::try_from(body.len()).unwrap();
    let mut handshake = vec![1, 0, 0, length];
    handshake.extend(body);
    let mut record = vec![22, 3, 1, 0, length + 4];
    record.extend(handshake);
    record
}

#[tokio::test]
async fn what_is_no_tls_and_what_is_too_old_is_refused() {
    assert_eq!(says(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await, HandshakeFailed::NotTls);
    assert_eq!(says(&[0xff; 64]).await, HandshakeFailed::NotTls);
    assert_eq!(says(&hello_of_tls_1_1()).await, HandshakeFailed::Incompatible);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_says_nothing_is_dropped_at_the_deadline() {
    let tls = Folder::with(&pair()).load().unwrap();
    let (here, there) = duplex(1_024);
    let began = tokio::time::Instant::now();
    assert_eq!(tls.accept(here).await.unwrap_err(), HandshakeFailed::TooSlow);
    assert_eq!(began.elapsed(), HANDSHAKE_PATIENCE);
    drop(there);
}

#[tokio::test]
async fn a_client_that_leaves_is_gone() {
    let tls = Folder::with(&pair()).load().unwrap();
    let (here, there) = duplex(1_024);
    drop(there);
    assert_eq!(tls.accept(here).await.unwrap_err(), HandshakeFailed::Gone);
}

#[tokio::test]
async fn new_files_are_shown_to_new_connections_and_old_ones_go_on() {
    let [first, second] = [pair(), pair()];
    let folder = Folder::with(&first);
    let tls = folder.load().unwrap();
    let (here, there) = meet(&tls, &modern(&first)).await;
    let (mut here, mut old) = (here.unwrap(), there.unwrap());

    folder.write(&second);
    tls.look(false);
    assert!(meet(&tls, &modern(&first)).await.1.is_ok(), "one look is not enough");
    tls.look(false);
    let (_here, there) = meet(&tls, &modern(&second)).await;
    assert_eq!(shown(&there.unwrap()), *second.certificate.der());
    assert_eq!(tls.figures(clock::wall()).reloads, 1);

    old.write_all(b"still here").await.unwrap();
    old.flush().await.unwrap();
    let mut heard = [0; 10];
    here.read_exact(&mut heard).await.unwrap();
    assert_eq!(shown(&old), *first.certificate.der());
}

#[tokio::test]
async fn bad_new_files_keep_the_certificate_until_good_ones_come() {
    let [first, second] = [pair(), pair()];
    let folder = Folder::with(&first);
    let tls = folder.load().unwrap();
    fs::write(folder.certificate(), second.certificate.pem()).unwrap();
    for _ in 0..3 {
        tls.look(false);
    }
    assert!(tls.figures(clock::wall()).is_refusing_files);
    assert!(meet(&tls, &modern(&first)).await.0.is_ok());

    fs::remove_file(folder.key()).unwrap();
    tls.look(true);
    assert!(meet(&tls, &modern(&first)).await.0.is_ok());

    folder.write(&second);
    tls.look(true);
    assert_eq!(tls.figures(clock::wall()).reloads, 1);
    assert!(!tls.figures(clock::wall()).is_refusing_files);
    assert!(meet(&tls, &modern(&second)).await.0.is_ok());
}

#[test]
fn days_until_expiry_are_counted_from_the_certificate() {
    let key = KeyPair::generate().unwrap();
    let mut params = params();
    params.not_after = rcgen::date_time_ymd(2030, 1, 11);
    let pair = Pair { certificate: params.self_signed(&key).unwrap(), key };
    let tls = Folder::with(&pair).load().unwrap();
    let first_of_january_2030 = Timestamp::from_millis(1_893_456_000_000);
    let days_at = |now| tls.figures(now).days_until_expiry;
    assert_eq!(days_at(first_of_january_2030), Some(10));
    assert_eq!(days_at(first_of_january_2030.after(Duration::from_millis(1))), Some(9));
    assert_eq!(days_at(first_of_january_2030.after(Duration::from_hours(11 * 24))), Some(-1));
}

#[tokio::test]
async fn an_expired_certificate_is_served() {
    let key = KeyPair::generate().unwrap();
    let mut params = params();
    params.not_before = rcgen::date_time_ymd(2001, 1, 1);
    params.not_after = rcgen::date_time_ymd(2002, 1, 1);
    let pair = Pair { certificate: params.self_signed(&key).unwrap(), key };
    let tls = Folder::with(&pair).load().unwrap();
    assert!(tls.figures(clock::wall()).days_until_expiry.unwrap() < 0);
    let (here, _there) = meet(&tls, &modern(&pair)).await;
    assert_eq!(here.unwrap_err(), HandshakeFailed::Refused, "the client judges");
}
