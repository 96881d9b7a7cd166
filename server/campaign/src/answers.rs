//! Requests that are done once, however often they come: of the first one the answer is kept, and given again to those that
//! say the same under the same key. All nodes share it.
//!
//! Things to note:
//! * **Whose key.** A key belongs to an account, and to what it may do: after its rights changed its keys are new ones.
//! * **Sealed.** The answer may hold a secret, such as a link. It is sealed under a secret that is made of the account, the
//!   key and the deployment's keys, and kept under the hash of that: who has the store and the key file, but not the
//!   client's own key, reads nothing.
//! * **Lost.** A node that dies takes what it was doing with it. After [`ANSWER_AWAITED_FOR`] its keys are free again.

use crate::Away;
use crate::kept::{self, CONFLICTS_MAX, Kept};
use identity::{Derived, KeySet, Principal, Seals, Secret, SecretHash};
use protocol::{IdempotencyKey, Timestamp};
use std::fmt;
use std::sync::Arc;
use storage::records::answer::{ANSWER_AWAITED_FOR, ANSWER_KEPT_FOR, Answer};
use storage::{Change, CommitError, Expect, RecordKey, RecordKind, Records, Write};

/// The answers that are kept.
#[derive(Debug)]
pub struct Answers {
    records: Arc<dyn Records>,
    keys: Derived,
    requests: Derived,
    seals: Seals,
}

/// What is known of a request when it comes.
#[derive(Debug)]
pub enum Begun {
    /// It is the first one, and to be done; then the errand is to be ended.
    First(Errand),
    /// It was done, and this was the answer.
    Again(Vec<u8>),
    /// Another request had this key.
    Other,
    /// It is being done.
    UnderWay,
}

/// The right to answer a request.
#[must_use = "until it is ended nobody else may do the same"]
pub struct Errand {
    record: RecordKey,
    secret: Secret,
    request: String,
    word: String,
}

impl fmt::Debug for Errand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Errand(…)")
    }
}

impl Answers {
    /// The answers of a deployment.
    pub fn new(records: Arc<dyn Records>, keys: &KeySet) -> Self {
        Self {
            records,
            keys: Derived::new(keys, "idempotency keys"),
            requests: Derived::new(keys, "requests"),
            seals: Seals::new(keys, "answers"),
        }
    }

    /// What stands for a request, made of all that it says.
    pub fn request(&self, parts: &[&[u8]]) -> SecretHash {
        self.requests.name_of_bytes(parts)
    }

    /// Somebody asks under a key of theirs.
    pub async fn begin(
        &self,
        by: &Principal,
        key: &IdempotencyKey,
        request: &SecretHash,
        now: Timestamp,
    ) -> Result<Begun, Away> {
        let generation = by.generation.to_string();
        let secret = self.keys.secret(&[by.member.as_str(), &generation, key.as_str()]);
        let errand = Errand {
            record: kept::key(RecordKind::Answer, secret.hash().as_str())?,
            secret,
            request: request.as_str().to_owned(),
            word: Secret::random().map_err(|_| Away)?.reveal(),
        };
        for _ in 0..CONFLICTS_MAX {
            if let Some(Kept { value, .. }) = self.kept(&errand, now).await? {
                return self.known(errand, value);
            }
            let under_way =
                Answer { request: errand.request.clone(), errand: errand.word.clone(), sealed: None };
            let ends = Some(now.after(ANSWER_AWAITED_FOR));
            let write = kept::put(errand.record.clone(), Expect::Absent, &under_way, ends)?;
            match self.records.commit(vec![write], now).await {
                Ok(()) => return Ok(Begun::First(errand)),
                // Somebody else was first, or nobody knows: the record says.
                Err(CommitError::Conflict | CommitError::Unknown) => {}
                Err(CommitError::TooLarge | CommitError::Unavailable) => return Err(Away),
            }
        }
        Err(Away)
    }

    fn known(&self, errand: Errand, answer: Answer) -> Result<Begun, Away> {
        if answer.errand == errand.word {
            return Ok(Begun::First(errand));
        }
        if answer.request != errand.request {
            return Ok(Begun::Other);
        }
        let Some(sealed) = answer.sealed else { return Ok(Begun::UnderWay) };
        let opened = self.seals.open(&errand.secret, errand.record.id.as_str(), &sealed);
        opened.map(Begun::Again).map_err(|_| Away)
    }

    /// The request was done: its answer is kept, and given again for [`ANSWER_KEPT_FOR`].
    pub async fn keep(&self, errand: Errand, answer: &[u8], now: Timestamp) -> Result<(), Away> {
        let sealed = self.seals.seal(&errand.secret, errand.record.id.as_str(), answer).map_err(|_| Away)?;
        let given =
            Answer { request: errand.request.clone(), errand: errand.word.clone(), sealed: Some(sealed) };
        let data = serde_json::to_vec(&given).map_err(|_| Away)?;
        self.end(&errand, Change::Put { data, expires_at: Some(now.after(ANSWER_KEPT_FOR)) }, now).await
    }

    /// Nothing was done: the same request may come again, and is the first one then.
    pub async fn release(&self, errand: Errand, now: Timestamp) -> Result<(), Away> {
        self.end(&errand, Change::Delete, now).await
    }

    /// Changes the record, if the errand is not somebody else's meanwhile.
    async fn end(&self, errand: &Errand, change: Change, now: Timestamp) -> Result<(), Away> {
        let Some(kept) = self.kept(errand, now).await?.filter(|kept| kept.value.errand == errand.word) else {
            return Ok(());
        };
        let write = Write { key: errand.record.clone(), expect: Expect::Version(kept.version), change };
        match self.records.commit(vec![write], now).await {
            Ok(()) | Err(CommitError::Conflict) => Ok(()),
            Err(CommitError::TooLarge | CommitError::Unavailable | CommitError::Unknown) => Err(Away),
        }
    }

    async fn kept(&self, errand: &Errand, now: Timestamp) -> Result<Option<Kept<Answer>>, Away> {
        kept::get(&*self.records, &errand.record, now).await
    }
}
