//! Sign-in for people: the authorization code flow of `OpenID` Connect with PKCE, as a confidential or a public client.

use super::flow::{Destination, Flow, Flows, Purpose, SIGN_ON_TTL};
use super::http_client::HttpClient;
use super::issuer::{Issuer, Known};
use crate::clock;
use crate::config::SignOnConfig;
use admission::Allowance;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use identity::{ClaimMapping, KeySet, MappedRights, Secret};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreJwsSigningAlgorithm, CoreTokenResponse,
};
use openidconnect::{
    AuthType, AuthUrl, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    EndpointNotSet, EndpointSet, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, Scope, SignatureVerificationError, TokenResponse, TokenUrl,
};
use parking_lot::Mutex;
use protocol::Timestamp;
use serde_json::{Map, Value};
use std::fmt;
use std::sync::Arc;
use url::Url;

protocol::limits! {
    /// Answers of the sign-on that a node takes in a second, each of which is a question to it; one more is asked to begin
    /// again.
    const SIGN_ONS_PER_SECOND: u32 = 20 => unseen;
    /// Longest code of a sign-on; a longer one is none.
    const SIGN_ON_CODE_MAX_BYTES: usize = 4 * 1024 => unseen;
}

/// A client with the two addresses that it needs.
type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet, EndpointNotSet>;

/// Signs people in.
pub(crate) struct Oidc {
    issuer: Arc<Issuer>,
    http: HttpClient,
    name: String,
    client_id: ClientId,
    client_secret: Option<ClientSecret>,
    scopes: Vec<String>,
    redirect: RedirectUrl,
    may_join: bool,
    mapping: ClaimMapping,
    flows: Flows,
    tries: Mutex<Allowance>,
}

/// Who came back, as the sign-on says.
pub(crate) struct Holder {
    pub(crate) subject: String,
    /// None, if no claim gives a role.
    pub(crate) rights: MappedRights,
}

/// Why nobody came back. Each has a word, for the page that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OidcRefusal {
    /// The sign-on, or the store, does not answer.
    Away,
    /// Too many come at once.
    Busy,
    /// They did not want to, or the sign-on did not let them.
    Cancelled,
    /// It took too long, or began in another browser.
    Expired,
    /// What the sign-on answered does not count.
    Refused,
    /// Another account signs the member in already.
    HasOne,
    /// The account is no member's, and lets nobody in by itself.
    NoInvite,
    /// The account gives nothing to do here.
    NoRole,
    /// The account signs another member in.
    Taken,
    /// An admin has not agreed yet.
    Waiting,
}

impl OidcRefusal {
    /// The word in the address of the page that says it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::Busy => "busy",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Refused => "refused",
            Self::HasOne => "has_one",
            Self::NoInvite => "no_invite",
            Self::NoRole => "no_role",
            Self::Taken => "taken",
            Self::Waiting => "waiting",
        }
    }
}

impl Oidc {
    pub(super) fn new(
        config: &SignOnConfig,
        client_id: &str,
        issuer: Arc<Issuer>,
        http: HttpClient,
        keys: &KeySet,
        public_url: &Url,
    ) -> anyhow::Result<Self> {
        let mut redirect = public_url.clone();
        redirect.set_path(crate::http::sign_on::CALLBACK);
        Ok(Self {
            name: config.oidc_name()?,
            http,
            client_id: ClientId::new(client_id.to_owned()),
            client_secret: config.client_secret()?.map(ClientSecret::new),
            scopes: config.oidc_scopes.clone(),
            redirect: RedirectUrl::from_url(redirect),
            may_join: config.oidc_join,
            mapping: config.mapping(),
            flows: Flows::new(keys),
            tries: Mutex::new(Allowance::new(SIGN_ONS_PER_SECOND, SIGN_ONS_PER_SECOND)),
            issuer,
        })
    }

    /// What people call it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The issuer's name.
    pub(crate) fn issuer(&self) -> &str {
        self.issuer.name()
    }

    /// Whether an account that is nobody's makes a member.
    pub(crate) const fn may_join(&self) -> bool {
        self.may_join
    }

    /// Begins a sign-in: where the browser goes, and what it keeps meanwhile.
    pub(crate) async fn begin(
        &self,
        to: Destination,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<(Url, String), OidcRefusal> {
        let known = self.issuer.current().await.ok_or(OidcRefusal::Away)?;
        let client = self.client(&known)?;
        let fresh = || Secret::random().map(|secret| secret.reveal()).map_err(|_| OidcRefusal::Away);
        let flow = Flow {
            state: fresh()?,
            nonce: fresh()?,
            verifier: fresh()?,
            to,
            purpose,
            ends_at: now.after(SIGN_ON_TTL),
        };
        let (state, nonce) = (CsrfToken::new(flow.state.clone()), Nonce::new(flow.nonce.clone()));
        let verifier = PkceCodeVerifier::new(flow.verifier.clone());
        let (url, _, _) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, move || nonce)
            .add_scopes(self.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        let kept = self.flows.seal(&flow).ok_or(OidcRefusal::Away)?;
        Ok((url, kept))
    }

    /// The sign-in that a browser began, if what the sign-on shows is an answer to it.
    pub(crate) fn begun(&self, kept: Option<&str>, state: &str, now: Timestamp) -> Option<Flow> {
        self.flows.open(kept?, now).filter(|flow| !state.is_empty() && flow.state == state)
    }

    /// Who came back with this code.
    pub(crate) async fn complete(&self, code: &str, flow: &Flow) -> Result<Holder, OidcRefusal> {
        if !self.tries.lock().take(0, clock::now().instant) {
            return Err(OidcRefusal::Busy);
        }
        if code.is_empty() || code.len() > SIGN_ON_CODE_MAX_BYTES {
            return Err(OidcRefusal::Refused);
        }
        let known = self.issuer.current().await.ok_or(OidcRefusal::Away)?;
        let answer = self
            .client(&known)?
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(flow.verifier.clone()))
            .request_async(&self.http)
            .await
            .map_err(|error| {
                let is_away = matches!(error, RequestTokenError::Request(_));
                if is_away { OidcRefusal::Away } else { OidcRefusal::Refused }
            })?;
        match self.holder(&known, &answer, &flow.nonce) {
            Err(None) => {
                // The issuer may have a new key.
                let known = self.issuer.refreshed().await.ok_or(OidcRefusal::Away)?;
                self.holder(&known, &answer, &flow.nonce)
                    .map_err(|known| known.unwrap_or(OidcRefusal::Refused))
            }
            Err(Some(refusal)) => Err(refusal),
            Ok(holder) => Ok(holder),
        }
    }

    /// Whom an answer speaks of; no refusal is named if its key is not known.
    fn holder(
        &self,
        known: &Known,
        answer: &CoreTokenResponse,
        nonce: &str,
    ) -> Result<Holder, Option<OidcRefusal>> {
        let token = answer.id_token().ok_or(Some(OidcRefusal::Refused))?;
        let client = self.client(known)?;
        let verifier = client.id_token_verifier().set_allowed_algs([
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            CoreJwsSigningAlgorithm::EdDsa,
        ]);
        let said = token.claims(&verifier, &Nonce::new(nonce.to_owned())).map_err(|error| {
            let unknown = SignatureVerificationError::NoMatchingKey;
            let is_unknown = error == ClaimsVerificationError::SignatureVerification(unknown);
            (!is_unknown).then_some(OidcRefusal::Refused)
        })?;
        let claims = claims_of(token).ok_or(Some(OidcRefusal::Refused))?;
        Ok(Holder { subject: said.subject().as_str().to_owned(), rights: self.mapping.rights(&claims) })
    }

    fn client(&self, known: &Known) -> Result<Client, OidcRefusal> {
        let metadata = &known.metadata;
        let authorize = metadata.authorization_endpoint.clone().ok_or(OidcRefusal::Away)?;
        let token = metadata.token_endpoint.clone().ok_or(OidcRefusal::Away)?;
        let issuer = IssuerUrl::new(self.issuer.name().to_owned()).map_err(|_| OidcRefusal::Away)?;
        let mut client = CoreClient::new(self.client_id.clone(), issuer, known.key_set.clone())
            .set_auth_uri(AuthUrl::from_url(authorize))
            .set_token_uri(TokenUrl::from_url(token))
            .set_redirect_uri(self.redirect.clone());
        if let Some(secret) = &self.client_secret {
            client = client.set_client_secret(secret.clone());
        }
        let takes =
            |method: &str| metadata.token_endpoint_auth_methods_supported.iter().any(|one| one == method);
        if takes("client_secret_post") && !takes("client_secret_basic") {
            client = client.set_auth_type(AuthType::RequestBody);
        }
        Ok(client)
    }
}

/// All claims of a token that was verified; those that are mapped have names of the campaign's own.
fn claims_of(token: &CoreIdToken) -> Option<Map<String, Value>> {
    let text = token.to_string();
    let part = BASE64_URL_SAFE_NO_PAD.decode(text.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&part).ok()
}

impl fmt::Debug for Oidc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Oidc(…)")
    }
}
