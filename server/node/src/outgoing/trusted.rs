//! Whose certificates count for what a node asks of others.

use crate::tls::files;
use anyhow::Context;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Authorities of an operator's own, besides those that everybody knows.
#[derive(Default)]
pub(crate) struct Authorities(Vec<CertificateDer<'static>>);

/// The authorities that everybody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Roots {
    /// As browsers have them: the same on every machine.
    Browsers,
    /// As this machine has them, or `SSL_CERT_FILE` says.
    Machine,
    /// None: an operator's own alone.
    #[cfg(test)]
    None,
}

/// Who is believed to be who they say. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Trusted(Arc<ClientConfig>);

impl Authorities {
    /// Those of a file in PEM; none without a file.
    pub(crate) fn read(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self::default()) };
        let certificates = files::certificates(path).context("outgoing_ca")?;
        let mut roots = RootCertStore::empty();
        for certificate in &certificates {
            let about = || format!("outgoing_ca: a certificate in {} cannot be used", path.display());
            roots.add(certificate.clone()).with_context(about)?;
        }
        Ok(Self(certificates))
    }

    /// These, and those that everybody knows.
    pub(crate) fn and(&self, known: Roots) -> anyhow::Result<Trusted> {
        let mut roots = RootCertStore::empty();
        match known {
            Roots::Browsers => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            // What is there and cannot be read is one authority less, and no reason to know none.
            Roots::Machine => {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
            #[cfg(test)]
            Roots::None => {}
        }
        roots.add_parsable_certificates(self.0.iter().cloned());
        if roots.is_empty() {
            tracing::warn!(
                "this machine knows no certificate authority: nobody can be asked over https (install ca-certificates, or name a file by outgoing_ca)"
            );
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Trusted(Arc::new(config)))
    }
}

impl Trusted {
    pub(super) fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.0)
    }
}

impl fmt::Debug for Trusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trusted(…)")
    }
}
