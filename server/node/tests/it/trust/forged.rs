//! Whoever holds the store can put into it what nobody said. The node cannot know, and brings it; what members' apps find
//! is that nobody signed it, or that the signature is of something else.

use super::bulletins::{Campaign, publication};
use super::{ROOT, manifest};
use crate::service::Service;
use identity::trust::{KeySignature, Refusal};
use protocol::{ChannelName, Epoch, IdempotencyKey, Lane, Payload, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;
use storage::{Draft, History};
use storage_redis::{Options, RedisStore};

#[actix_rt::test]
async fn a_bulletin_that_was_forged_in_the_store_arrives_and_its_signature_does_not_hold() {
    let mut campaign = Campaign::on(Service::on_redis().await).await;
    let (_, _) = campaign.sent("Polls close at 9", &json!({})).await;
    let real = publication(&mut campaign.reader).await;
    // Somebody who has the machine: the words are theirs, the signatures those of another bulletin.
    let mut forged = real.clone();
    forged["id"] = json!("b0123456789abcdef0123456789abcde");
    forged["texts"]["en"]["title"] = json!("Polls are closed, go home");
    let forged_statement =
        forged["signed"]["statement"].as_str().unwrap().replace("close at 9", "are closed");
    forged["signed"]["statement"] = json!(forged_statement);
    let url = campaign.service.redis.as_ref().unwrap().url();
    let options = Options::new(Arc::new(|| Epoch::parse("forged").unwrap()));
    let store = RedisStore::connect(&url, options).await.unwrap();
    let draft = Draft {
        channel: ChannelName::bulletins_all(),
        data: Payload::from_value(&forged).unwrap(),
        sender: None,
        key: IdempotencyKey::parse("forged").unwrap(),
        at: Timestamp::from_millis(super::now()),
        lane: Lane::Urgent,
    };
    store.publish(draft).await.unwrap();
    assert_eq!(publication(&mut campaign.reader).await, forged, "the node cannot know");
    let manifest = manifest(ROOT, 1).verify().unwrap();
    assert_eq!(found(&manifest, &real), [None, None]);
    assert_eq!(found(&manifest, &forged), [Some(Refusal::Signature); 2]);
}

/// What a reader finds of both signatures.
fn found(manifest: &identity::trust::Manifest, publication: &Value) -> [Option<Refusal>; 2] {
    let statement = publication["signed"]["statement"].as_str().unwrap();
    [0, 1].map(|at| {
        let by: KeySignature =
            serde_json::from_value(publication["signed"]["signatures"][at].clone()).unwrap();
        manifest.signer(&by, statement).err()
    })
}
