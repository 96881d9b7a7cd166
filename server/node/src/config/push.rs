//! Notifications of phones that sleep: their options, and what makes no sense of them.

use super::Options;
use anyhow::{Context, bail};
use campaign::web_push::PushHosts;
use campaign::web_push::endpoint::{InvalidHost, KNOWN_HOSTS};
use serde::Serialize;
use url::Url;

/// Notifications, as they are configured.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PushConfig {
    #[serde(rename = "push_contact", skip_serializing_if = "Option::is_none")]
    pub(crate) contact: Option<Url>,
    #[serde(rename = "push_hosts")]
    hosts: Vec<String>,
    #[serde(rename = "push_allow_local")]
    allow_local: bool,
}

impl PushConfig {
    /// `is_closed`: nobody but this machine reaches the node.
    pub(super) fn resolve(given: &Options, file: &Options, is_closed: bool) -> anyhow::Result<Self> {
        let hosts = given.push_hosts.as_ref().or(file.push_hosts.as_ref()).cloned();
        let config = Self {
            contact: given.push_contact.as_ref().or(file.push_contact.as_ref()).cloned(),
            hosts: hosts.unwrap_or_else(|| KNOWN_HOSTS.map(str::to_owned).to_vec()),
            allow_local: given.push_allow_local.or(file.push_allow_local).unwrap_or(false),
        };
        config.check(is_closed)?;
        Ok(config)
    }

    /// Where devices may be reached.
    pub(crate) fn hosts(&self) -> Result<PushHosts, InvalidHost> {
        PushHosts::new(self.hosts.clone(), self.allow_local)
    }

    fn check(&self, is_closed: bool) -> anyhow::Result<()> {
        self.hosts().context("push_hosts")?;
        if let Some(contact) = &self.contact
            && !matches!(contact.scheme(), "mailto" | "https")
        {
            bail!("push_contact is {contact}: push services take mailto:ADDRESS or https://…");
        }
        if self.allow_local && !is_closed {
            bail!(
                "push_allow_local is for tests: listen and ops_listen must be addresses of this machine alone"
            );
        }
        Ok(())
    }
}
