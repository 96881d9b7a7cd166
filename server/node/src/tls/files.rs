//! The certificate and the key as files: read within bounds, and refused in one sentence that says what to do.

use protocol::Timestamp;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use x509_cert::Certificate;
use x509_cert::der::Decode;

protocol::limits! {
    /// Largest certificate or key file that is read; a longer one is refused, as a chain has some kilobytes.
    pub(crate) const TLS_FILE_MAX_BYTES: u64 = 256 * 1024 => shown "holdfast_tls_certificate_refused";
}

/// Where the certificate and its key are.
#[derive(Debug, Clone)]
pub(super) struct Files {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

/// What both files held at one moment.
pub(super) struct Contents {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// A certificate that can be shown, with its key.
pub(super) struct Usable {
    pub(super) certified: Arc<CertifiedKey>,
    /// When it ends, if that can be read.
    pub(super) expires_at: Option<Timestamp>,
}

/// Why the files cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unusable {
    /// PEM without END, or what is inside is no base64.
    #[error("{} is damaged: it begins like a PEM file and does not end like one", .0.display())]
    Damaged(PathBuf),
    /// There is a pass phrase, and nobody to type it.
    #[error("the key in {} is encrypted; give one without a pass phrase: openssl pkey -in OLD -out NEW", .0.display())]
    Encrypted(PathBuf),
    /// The operating system says no.
    #[error("{} cannot be read: {}", .0.display(), .1)]
    File(PathBuf, io::Error),
    /// A folder, a device, a pipe.
    #[error("{} is not a file", .0.display())]
    NotAFile(PathBuf),
    /// No PEM section of the kind.
    #[error("{} holds no certificate; it must be a PEM file with -----BEGIN CERTIFICATE-----", .0.display())]
    NoCertificate(PathBuf),
    /// No PEM section of the kind.
    #[error("{} holds no private key; it must be a PEM file with -----BEGIN PRIVATE KEY-----", .0.display())]
    NoKey(PathBuf),
    /// Both are well, but not of each other.
    #[error("the key in {} is not the key of the first certificate in {}", key.display(), certificate.display())]
    OtherKey {
        /// The file with the certificate.
        certificate: PathBuf,
        /// The file with the key.
        key: PathBuf,
    },
    /// Longer than [`TLS_FILE_MAX_BYTES`].
    #[error("{} is larger than {TLS_FILE_MAX_BYTES} bytes; a certificate or key is far smaller", .0.display())]
    TooLarge(PathBuf),
    /// What the PEM section holds is no X.509.
    #[error("the first certificate in {} cannot be read", .0.display())]
    UnreadableCertificate(PathBuf),
    /// A kind of key that nobody could sign with.
    #[error("the key in {} is damaged or of an unknown kind; RSA, ECDSA (P-256, P-384, P-521) and Ed25519 are known", .0.display())]
    UnknownKey(PathBuf),
}

impl Files {
    /// Reads both, without a judgement.
    pub(super) fn read(&self) -> Result<Contents, Unusable> {
        Ok(Contents { certificate: read(&self.certificate)?, key: read(&self.key)? })
    }

    /// Makes of them what a client is shown.
    pub(super) fn judge(&self, contents: &Contents) -> Result<Usable, Unusable> {
        let chain = chain(&self.certificate, &contents.certificate)?;
        let key = self.key(&contents.key)?;
        let signing = any_supported_type(&key).map_err(|_| Unusable::UnknownKey(self.key.clone()))?;
        let expires_at = chain.first().and_then(|first| expiry(first));
        let certified = CertifiedKey::new(chain, signing);
        match certified.keys_match() {
            Ok(()) => Ok(Usable { certified: Arc::new(certified), expires_at }),
            Err(rustls::Error::InconsistentKeys(_)) => {
                Err(Unusable::OtherKey { certificate: self.certificate.clone(), key: self.key.clone() })
            }
            Err(_) => Err(Unusable::UnreadableCertificate(self.certificate.clone())),
        }
    }

    fn key(&self, text: &[u8]) -> Result<PrivateKeyDer<'static>, Unusable> {
        // Both forms say it in plain text: the label of PKCS #8, and the header of the older kinds.
        let is_encrypted = text.windows(9).any(|word| word == b"ENCRYPTED");
        match PrivateKeyDer::from_pem_slice(text) {
            Ok(key) => Ok(key),
            Err(_) if is_encrypted => Err(Unusable::Encrypted(self.key.clone())),
            Err(pem::Error::NoItemsFound) => Err(Unusable::NoKey(self.key.clone())),
            // What the library says may quote the file, and this is the file that nobody may see.
            Err(_) => Err(Unusable::Damaged(self.key.clone())),
        }
    }
}

impl Contents {
    /// The same for the same contents; says nothing about them.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.certificate, &self.key).hash(&mut hasher);
        hasher.finish()
    }
}

impl Unusable {
    /// The same for the same refusal.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.to_string().hash(&mut hasher);
        hasher.finish()
    }
}

/// All certificates of a PEM file, without a judgement.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Unusable> {
    chain(path, &read(path)?)
}

fn chain(path: &Path, text: &[u8]) -> Result<Vec<CertificateDer<'static>>, Unusable> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    match chain {
        Ok(chain) if chain.is_empty() => Err(Unusable::NoCertificate(path.to_owned())),
        Ok(chain) => Ok(chain),
        Err(_) => Err(Unusable::Damaged(path.to_owned())),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Unusable> {
    let failed = |error| Unusable::File(path.to_owned(), error);
    // Before it is opened: a pipe would keep whoever opens it waiting.
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(Unusable::NotAFile(path.to_owned()));
    }
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(TLS_FILE_MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    let fits = u64::try_from(bytes.len()).is_ok_and(|length| length <= TLS_FILE_MAX_BYTES);
    if fits { Ok(bytes) } else { Err(Unusable::TooLarge(path.to_owned())) }
}

/// Nothing is refused for it: this reader is stricter than the clients, who judge for themselves.
fn expiry(certificate: &CertificateDer<'_>) -> Option<Timestamp> {
    let certificate = Certificate::from_der(certificate).ok()?;
    let ends = certificate.tbs_certificate().validity().not_after.to_unix_duration();
    Some(Timestamp::default().after(ends))
}
