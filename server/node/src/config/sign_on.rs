//! The campaign's own sign-on: its options, and what makes no sense of them.

use super::Options;
use anyhow::{Context, bail};
use identity::ClaimMapping;
use protocol::Role;
use serde::Serialize;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use url::{Host, Url};

protocol::limits! {
    /// Largest file with the secret of the sign-on's client; with a larger one the node does not start.
    const CLIENT_SECRET_MAX_BYTES: u64 = 4 * 1024 => unseen;
    /// Longest name of a sign-on on its button; with a longer one the node does not start.
    const SIGN_ON_NAME_MAX_CHARS: usize = 40 => unseen;
}

/// The sign-on, as it is configured.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SignOnConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) external_issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) external_audience: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oidc_issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) oidc_client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oidc_client_secret_file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oidc_name: Option<String>,
    pub(crate) oidc_scopes: Vec<String>,
    pub(crate) oidc_join: bool,
    claim_roles: String,
    claim_regions: String,
    claim_teams: String,
    sign_on_roles: Vec<Role>,
}

impl SignOnConfig {
    pub(super) fn resolve(given: &Options, file: &Options) -> anyhow::Result<Self> {
        let text = |of: fn(&Options) -> &Option<String>| of(given).clone().or_else(|| of(file).clone());
        let claim =
            |of: fn(&Options) -> &Option<String>, usual: &str| text(of).unwrap_or_else(|| usual.to_owned());
        let list = |of: fn(&Options) -> &Option<Vec<String>>| of(given).clone().or_else(|| of(file).clone());
        let roles = list(|options| &options.sign_on_roles);
        let roles = roles.unwrap_or_else(|| vec!["activist".to_owned(), "observer".to_owned()]);
        let role = |word: &String| word.parse::<Role>().with_context(|| format!("sign_on_roles: {word:?}"));
        let config = Self {
            external_issuer: text(|options| &options.external_issuer),
            external_audience: text(|options| &options.external_audience),
            oidc_issuer: text(|options| &options.oidc_issuer),
            oidc_client_id: text(|options| &options.oidc_client_id),
            oidc_client_secret_file: given
                .oidc_client_secret_file
                .clone()
                .or_else(|| file.oidc_client_secret_file.clone()),
            oidc_name: text(|options| &options.oidc_name),
            oidc_scopes: list(|options| &options.oidc_scopes).unwrap_or_default(),
            oidc_join: given.oidc_join.or(file.oidc_join).unwrap_or(false),
            claim_roles: claim(|options| &options.claim_roles, "holdfast_roles"),
            claim_regions: claim(|options| &options.claim_regions, "holdfast_regions"),
            claim_teams: claim(|options| &options.claim_teams, "holdfast_teams"),
            sign_on_roles: roles.iter().map(role).collect::<anyhow::Result<_>>()?,
        };
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> anyhow::Result<()> {
        for (name, issuer) in [("external_issuer", &self.external_issuer), ("oidc_issuer", &self.oidc_issuer)]
        {
            if let Some(issuer) = issuer
                && !Url::parse(issuer).is_ok_and(|url| is_safe_address(&url) && url.query().is_none())
            {
                bail!(
                    "{name} is {issuer:?}: an issuer is https://HOST[/PATH], and http only on this machine"
                );
            }
        }
        if self.external_issuer.is_none() && self.external_audience.is_some() {
            bail!("external_audience belongs to external_issuer");
        }
        // An issuer that only signs people in needs no audience; one that signs tokens needs it.
        if self.external_issuer.is_some() && self.external_audience.as_deref().unwrap_or_default().is_empty()
        {
            bail!("external_issuer needs external_audience, or its tokens for anybody else would count here");
        }
        if self.external_audience.is_some() && self.external_audience == self.oidc_client_id {
            bail!(
                "external_audience and oidc_client_id are the same: a person's ID token would count as a program's token"
            );
        }
        if self.oidc_client_id.is_some() && self.oidc_issuer().is_none() {
            bail!("oidc_client_id needs oidc_issuer");
        }
        let needs_client =
            self.oidc_issuer.is_some() || self.oidc_client_secret_file.is_some() || self.oidc_join;
        if needs_client && self.oidc_client_id.is_none() {
            bail!("oidc_issuer, oidc_client_secret_file and oidc_join need oidc_client_id");
        }
        if self.is_on() && self.sign_on_roles.is_empty() {
            bail!("sign_on_roles has no role: nobody could sign on");
        }
        self.oidc_name().map(drop)
    }

    /// Whether there is a sign-on.
    pub(crate) const fn is_on(&self) -> bool {
        self.external_issuer.is_some() || self.oidc_client_id.is_some()
    }

    /// Who signs people in.
    pub(crate) fn oidc_issuer(&self) -> Option<&str> {
        self.oidc_issuer.as_deref().or(self.external_issuer.as_deref())
    }

    /// What people call it: the name that was given, or its host.
    pub(crate) fn oidc_name(&self) -> anyhow::Result<String> {
        let host = || Some(Url::parse(self.oidc_issuer()?).ok()?.host()?.to_string());
        let name = self.oidc_name.clone().or_else(host).unwrap_or_default();
        let name = name.trim();
        if name.chars().count() > SIGN_ON_NAME_MAX_CHARS && self.oidc_name.is_some() {
            bail!("oidc_name has at most {SIGN_ON_NAME_MAX_CHARS} characters");
        }
        if name.chars().any(char::is_control) {
            bail!("oidc_name has no control characters");
        }
        Ok(name.chars().take(SIGN_ON_NAME_MAX_CHARS).collect())
    }

    /// Which claims are read, and how much they may give.
    pub(crate) fn mapping(&self) -> ClaimMapping {
        ClaimMapping {
            roles: self.claim_roles.clone(),
            regions: self.claim_regions.clone(),
            teams: self.claim_teams.clone(),
            roles_max: self.sign_on_roles.clone(),
        }
    }

    /// The client's secret, of a file that nobody else reads.
    pub(crate) fn client_secret(&self) -> anyhow::Result<Option<String>> {
        let Some(path) = &self.oidc_client_secret_file else { return Ok(None) };
        let about = || format!("oidc_client_secret_file {}", path.display());
        let metadata = fs::metadata(path).with_context(about)?;
        if metadata.permissions().mode() & 0o077 != 0 {
            bail!("{}: others may read the file; run: chmod 600 {}", about(), path.display());
        }
        if metadata.len() > CLIENT_SECRET_MAX_BYTES {
            bail!("{}: larger than {CLIENT_SECRET_MAX_BYTES} bytes", about());
        }
        let secret = fs::read_to_string(path).with_context(about)?.trim().to_owned();
        if secret.is_empty() {
            bail!("{}: it is empty", about());
        }
        Ok(Some(secret))
    }
}

/// Whether what is said to an address stays between the two: it is https, or on this machine.
pub(crate) fn is_safe_address(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return false,
    };
    let has_user = !url.username().is_empty() || url.password().is_some();
    !has_user && (url.scheme() == "https" || (url.scheme() == "http" && is_here))
}
