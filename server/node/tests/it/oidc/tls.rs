//! A sign-on over https, with a certificate of an authority that nobody else knows.

use super::Traveller;
use super::issuer::{CLIENT, Issuer};
use super::people::secret;
use crate::service::Service;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

struct Authority {
    signer: rcgen::Issuer<'static, KeyPair>,
    certificate: rcgen::Certificate,
    folder: TempDir,
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
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ca.pem"), certificate.pem()).unwrap();
        Self { signer: rcgen::Issuer::new(params, key), certificate, folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    fn issuer(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Issuer {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        change(&mut params);
        let certificate = params.signed_by(&key, &self.signer).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            );
        Issuer::over_tls(Arc::new(config.unwrap()))
    }

    fn trust(&self) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.der().clone()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap();
        Arc::new(config.with_root_certificates(roots).with_no_client_auth())
    }
}

/// Where somebody ends who signs on at a node that asks this issuer.
async fn ends(issuer: &Issuer, authority: &Authority, further: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let (url, file) = (issuer.url(), secret(&folder, 0o600));
    let mut arguments = vec!["--oidc-issuer", &url, "--oidc-client-id", CLIENT, "--oidc-join"];
    arguments.extend(["--oidc-client-secret-file", file.to_str().unwrap()]);
    arguments.extend(further);
    let service = Service::embedded_with(&arguments).await;
    let mut traveller = Traveller { trusts: Some(authority.trust()), ..Traveller::default() };
    let (status, to) = traveller.sign_on(service.one()).await;
    assert_eq!(status, 303);
    to
}

#[actix_rt::test]
async fn an_issuer_with_a_certificate_of_the_operators_own_authority_signs_people_in() {
    let authority = Authority::new();
    let issuer = authority.issuer("localhost", |_| {});
    let file = authority.file();
    assert_eq!(ends(&issuer, &authority, &["--outgoing-ca", file.to_str().unwrap()]).await, "/console");
}

#[actix_rt::test]
async fn an_issuer_whose_certificate_does_not_count_is_away_and_is_told_nothing() {
    let (authority, another) = (Authority::new(), Authority::named("Another"));
    let file = authority.file();
    let believing = ["--outgoing-ca", file.to_str().unwrap()];
    let expired = |params: &mut CertificateParams| {
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
    };
    let (nobodys, elsewheres) = (authority.issuer("localhost", |_| {}), another.issuer("localhost", |_| {}));
    let (others, old) = (authority.issuer("sso.example", |_| {}), authority.issuer("localhost", expired));
    for (issuer, further) in
        [(nobodys, &[][..]), (elsewheres, &believing), (others, &believing), (old, &believing)]
    {
        assert_eq!(ends(&issuer, &authority, further).await, "/join?sign_on=away");
        assert_eq!(issuer.now().heard, 0);
    }
}

#[test]
fn a_file_without_authorities_is_named_and_nothing_starts() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = folder.path().join("empty.pem");
    fs::write(&file, "").unwrap();
    let mut start = crate::node::Start::embedded(data.path());
    start.arguments = vec!["--outgoing-ca".to_owned(), file.display().to_string()];
    let (code, said) = start.refusal();
    assert_eq!(code, Some(2));
    assert!(said.contains("outgoing_ca") && said.contains("holds no certificate"), "{said}");
}
