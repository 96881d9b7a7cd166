//! Passkeys, and devices that are bound to a key, with an authenticator in software and the product's defaults.

mod activists;
mod authenticator;
mod ceremonies;
mod organiser;
mod reading_out;
mod recovering;
mod rights;
mod stepping_up;

use crate::browser::first_admin_token_of;
use crate::node::{Start, TestNode};
use organiser::Organiser;
use serde_json::{Value, json};
use storage_redis::test_server::TestRedis;

/// Nodes whose organisers have to show passkeys, and the first admin, who just came in and has none yet.
struct Campaign {
    nodes: Vec<TestNode>,
    admin: Organiser,
    _redis: Option<TestRedis>,
    data: tempfile::TempDir,
}

impl Campaign {
    async fn embedded() -> Self {
        let data = tempfile::tempdir().unwrap();
        let starts = vec![Start::embedded(data.path()).asking_for_passkeys()];
        Self::started(starts, None, data).await
    }

    async fn on_redis() -> Self {
        let redis = TestRedis::start().unwrap();
        let data = tempfile::tempdir().unwrap();
        let start = || Start::on_redis(data.path(), &redis.url()).asking_for_passkeys();
        let starts = vec![start(), start()];
        Self::started(starts, Some(redis), data).await
    }

    async fn started(starts: Vec<Start>, redis: Option<TestRedis>, data: tempfile::TempDir) -> Self {
        let link = first_admin_token_of(&starts[0]);
        let nodes: Vec<TestNode> = starts.iter().map(Start::run).collect();
        let admin = Organiser::joined(nodes[0].address, &link).await;
        Self { nodes, admin, _redis: redis, data }
    }

    /// The same, whose admin has a passkey.
    async fn with_passkey() -> Self {
        let mut campaign = Self::embedded().await;
        let registered = campaign.admin.register().await;
        assert_eq!(registered.status, 200, "{}", registered.body);
        campaign
    }

    /// Somebody who comes in with these roles.
    async fn join(&mut self, roles: &[&str]) -> Organiser {
        let terms = json!({"roles": roles, "max_uses": 1, "expires_in_s": 600});
        let made = self.admin.ask("POST", "/v1/invites", &terms).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let link = made.body["link"].as_str().unwrap().split_once('#').unwrap().1.to_owned();
        Organiser::joined(self.nodes[0].address, &link).await
    }

    /// The actions in the audit, the newest first.
    async fn audited(&mut self) -> Vec<String> {
        let page = self.admin.ask("GET", "/v1/audit", &Value::Null).await;
        let entries = page.body["entries"].as_array().unwrap();
        entries.iter().map(|entry| entry["action"].as_str().unwrap_or_default().to_owned()).collect()
    }
}
