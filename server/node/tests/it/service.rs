//! Nodes that serve the same people: one on the embedded store, or two on one Redis.

use crate::browser::{Visitor, first_admin_token_of};
use crate::client::Client;
use crate::node::{Start, TestNode};
use awc::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::net::SocketAddr;
use storage_redis::test_server::TestRedis;

/// Nodes that serve the same people.
pub(crate) struct Service {
    pub(crate) nodes: Vec<TestNode>,
    pub(crate) admin: Visitor,
    pub(crate) redis: Option<TestRedis>,
    pub(crate) starts: Vec<Start>,
    data_folder: tempfile::TempDir,
}

impl Service {
    pub(crate) async fn embedded() -> Self {
        Self::embedded_with(&[]).await
    }

    pub(crate) async fn on_redis() -> Self {
        Self::on_redis_with(&[]).await
    }

    /// One node on the embedded store, with further arguments.
    pub(crate) async fn embedded_with(arguments: &[&str]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut start = Start::embedded(data.path());
        start.arguments.extend(arguments.iter().map(|text| (*text).to_owned()));
        Self::started(vec![start], None, data).await
    }

    /// Two nodes on one Redis, with further arguments.
    pub(crate) async fn on_redis_with(arguments: &[&str]) -> Self {
        let redis = TestRedis::start().unwrap();
        let data = tempfile::tempdir().unwrap();
        let start = || {
            let mut start = Start::on_redis(data.path(), &redis.url());
            start.arguments.extend(arguments.iter().map(|text| (*text).to_owned()));
            start
        };
        let starts = vec![start(), start()];
        Self::started(starts, Some(redis), data).await
    }

    pub(crate) async fn started(
        starts: Vec<Start>,
        redis: Option<TestRedis>,
        data: tempfile::TempDir,
    ) -> Self {
        let link = first_admin_token_of(&starts[0]);
        let nodes: Vec<TestNode> = starts.iter().map(Start::run).collect();
        let admin = Visitor::joined(nodes[0].address, &link).await;
        Self { nodes, admin, redis, starts, data_folder: data }
    }

    /// The nodes, and what they stand on.
    pub(crate) fn into_parts(self) -> (Vec<TestNode>, (Option<TestRedis>, tempfile::TempDir)) {
        (self.nodes, (self.redis, self.data_folder))
    }

    pub(crate) fn one(&self) -> SocketAddr {
        self.nodes[0].address
    }

    /// The other node, if there are two.
    pub(crate) fn two(&self) -> SocketAddr {
        self.nodes.last().unwrap().address
    }

    /// An invite's token.
    pub(crate) async fn invite(&mut self, terms: Value) -> String {
        let mut wanted = json!({"roles": ["activist"], "max_uses": 1, "expires_in_s": 600});
        wanted.as_object_mut().unwrap().extend(terms.as_object().unwrap().clone());
        let made = self.admin.say(Method::POST, "/v1/invites", &wanted).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        made.body["link"]
            .as_str()
            .unwrap()
            .split_once("/join#")
            .unwrap()
            .1
            .split('~')
            .next()
            .unwrap()
            .to_owned()
    }

    /// A new activist at the other node, and their id.
    pub(crate) async fn member(&mut self) -> (Visitor, String) {
        self.member_with(json!({})).await
    }

    /// The same, with these terms of the invite.
    pub(crate) async fn member_with(&mut self, terms: Value) -> (Visitor, String) {
        let invite = self.invite(terms).await;
        let mut member = Visitor::joined(self.two(), &invite).await;
        let me = member.get("/v1/me").await;
        (member, me.body["id"].as_str().unwrap().to_owned())
    }
}

/// A ticket, and a socket that was let in with it.
pub(crate) async fn connected(member: &mut Visitor) -> (String, Client) {
    let admitted = member.say(Method::POST, "/v1/admit", &json!({})).await;
    let ticket = admitted.body["ticket"].as_str().unwrap().to_owned();
    let client = Client::connect(member.at, &ticket).await.unwrap();
    (ticket, client)
}
