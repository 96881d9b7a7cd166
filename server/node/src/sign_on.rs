//! A campaign's own sign-on: tokens of its issuer for programs, and sign-in for people (`OpenID` Connect). Off unless the
//! configuration names one.

mod flow;
mod http_client;
mod issuer;
mod oidc;
mod tokens;

pub(crate) use flow::{Destination, Flow, LIMITS as FLOW, Purpose};
pub(crate) use http_client::LIMITS as HTTP_CLIENT;
pub(crate) use issuer::LIMITS as ISSUER;
pub(crate) use oidc::{Holder, LIMITS, Oidc, OidcRefusal};
pub(crate) use tokens::ExternalTokens;

use crate::config::SignOnConfig;
use crate::outgoing::{Authorities, Roots};
use http_client::HttpClient;
use identity::KeySet;
use issuer::Issuer;
use std::sync::Arc;
use url::Url;

/// What is configured of it.
#[derive(Debug, Default)]
pub(crate) struct SignOn {
    /// For programs.
    pub(crate) tokens: Option<Arc<ExternalTokens>>,
    /// For people.
    pub(crate) oidc: Option<Oidc>,
}

impl SignOn {
    /// As the configuration says. `public_url` is where people's browsers are sent back to.
    pub(crate) fn new(
        config: &SignOnConfig,
        keys: &KeySet,
        public_url: &Url,
        authorities: &Authorities,
    ) -> anyhow::Result<Self> {
        if !config.is_on() {
            return Ok(Self::default());
        }
        let client = HttpClient::new(authorities.and(Roots::Machine)?);
        let issuer = |name: &str| Issuer::new(name, client.clone()).map(Arc::new);
        let external = config.external_issuer.as_deref().map(issuer).transpose()?;
        let tokens = match (&external, &config.external_audience) {
            (Some(issuer), Some(audience)) => {
                let tokens = ExternalTokens::new(Arc::clone(issuer), audience, config.mapping(), keys);
                Some(Arc::new(tokens))
            }
            (Some(_) | None, _) => None,
        };
        let oidc = match (config.oidc_issuer(), &config.oidc_client_id) {
            (Some(name), Some(client_id)) => {
                let issuer = match external {
                    Some(known) if known.name() == name => known,
                    Some(_) | None => issuer(name)?,
                };
                Some(Oidc::new(config, client_id, issuer, client, keys, public_url)?)
            }
            _ => None,
        };
        Ok(Self { tokens, oidc })
    }
}
