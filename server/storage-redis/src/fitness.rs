//! Whether the Redis behind the publisher's connection may be trusted with messages, found anew for each connection,
//! whenever an answer comes from another server than the one that was asked, and now and then.
//!
//! A Redis that a start would refuse gets nothing to store until it is mended.

use crate::startup::{ConnectError, Findings};
use parking_lot::RwLock;
use storage::Durability;

/// What is known of it now.
pub(crate) struct Fitness {
    accept_volatile: bool,
    verdict: RwLock<Verdict>,
}

#[derive(Debug, Clone)]
enum Verdict {
    Unasked,
    Fit(Findings),
    Unfit(ConnectError),
}

/// What a new verdict means to the operator.
#[derive(Debug, PartialEq, Eq)]
enum Turn {
    Bad(ConnectError),
    Good(String),
    Otherwise(String),
}

impl Fitness {
    pub(crate) const fn new(accept_volatile: bool) -> Self {
        Self { accept_volatile, verdict: RwLock::new(Verdict::Unasked) }
    }

    /// Takes in what Redis said of itself, and logs what has changed.
    pub(crate) fn learn(&self, said: Result<Findings, ConnectError>) {
        match self.judge(said) {
            Some(Turn::Bad(reason)) => {
                tracing::warn!(%reason, "Redis is no longer fit to keep messages: nothing is published until it is");
            }
            Some(Turn::Good(summary)) => tracing::info!("Redis is fit to keep messages again. {summary}"),
            Some(Turn::Otherwise(summary)) => tracing::info!("Redis promises something else now. {summary}"),
            None => {}
        }
    }

    fn judge(&self, said: Result<Findings, ConnectError>) -> Option<Turn> {
        let new = said
            .and_then(|findings| {
                if !self.accept_volatile {
                    findings.insist_on_keeping()?;
                }
                Ok(findings)
            })
            .map_or_else(Verdict::Unfit, Verdict::Fit);
        let mut verdict = self.verdict.write();
        let turn = match (&*verdict, &new) {
            (Verdict::Fit(_), Verdict::Unfit(reason)) => Some(Turn::Bad(reason.clone())),
            (Verdict::Unfit(_), Verdict::Fit(findings)) => Some(Turn::Good(findings.summary())),
            (Verdict::Fit(old), Verdict::Fit(new)) if old.durability() != new.durability() => {
                Some(Turn::Otherwise(new.summary()))
            }
            _ => None,
        };
        *verdict = new;
        turn
    }

    /// The reason not to use it, as at a start.
    pub(crate) fn insist(&self) -> Result<(), ConnectError> {
        match &*self.verdict.read() {
            Verdict::Unfit(reason) => Err(reason.clone()),
            Verdict::Unasked | Verdict::Fit(_) => Ok(()),
        }
    }

    pub(crate) fn is_fit(&self) -> bool {
        matches!(&*self.verdict.read(), Verdict::Fit(_))
    }

    /// Whether it is fit and is this server.
    pub(crate) fn vouches_for(&self, server: &str) -> bool {
        matches!(&*self.verdict.read(), Verdict::Fit(findings) if findings.identity() == server)
    }

    pub(crate) fn durability(&self) -> Durability {
        match &*self.verdict.read() {
            Verdict::Fit(findings) => findings.durability(),
            Verdict::Unasked | Verdict::Unfit(_) => Durability::Volatile,
        }
    }

    /// What it can promise, as a sentence for the log.
    pub(crate) fn summary(&self) -> String {
        match &*self.verdict.read() {
            Verdict::Fit(findings) => findings.summary(),
            Verdict::Unfit(reason) => reason.to_string(),
            Verdict::Unasked => "Redis was not asked yet.".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DURABLE: &str = "redis_version:7.0.15\nrun_id:abc\nrole:master\nmaster_replid:def\naof_enabled:1\n";

    fn durable(appendfsync: &str) -> Result<Findings, ConnectError> {
        Findings::of(DURABLE, &[("appendfsync", appendfsync)])
    }

    fn memory_only() -> Result<Findings, ConnectError> {
        Findings::of(&DURABLE.replace("aof_enabled:1", "aof_enabled:0"), &[])
    }

    #[test]
    fn turning_bad_and_good_again_is_said_once_each() {
        let fitness = Fitness::new(false);
        assert_eq!(fitness.judge(durable("always")), None);
        assert_eq!(fitness.judge(durable("always")), None);
        assert_eq!(fitness.judge(memory_only()), Some(Turn::Bad(ConnectError::NoAppendOnlyFile)));
        assert!(!fitness.is_fit());
        assert_eq!(fitness.durability(), Durability::Volatile);
        assert_eq!(fitness.judge(memory_only()), None);
        assert_eq!(fitness.judge(Err(ConnectError::Replica)), None);
        assert!(matches!(fitness.judge(durable("always")), Some(Turn::Good(_))));
        assert_eq!(fitness.judge(durable("always")), None);
        assert_eq!(fitness.durability(), Durability::Synced);
    }

    #[test]
    fn another_promise_is_said_once() {
        let fitness = Fitness::new(false);
        fitness.learn(durable("always"));
        assert!(matches!(fitness.judge(durable("everysec")), Some(Turn::Otherwise(_))));
        assert_eq!(fitness.judge(durable("everysec")), None);
        assert_eq!(fitness.durability(), Durability::Relaxed);
    }

    #[test]
    fn an_accepted_volatile_redis_is_fit_but_a_replica_is_not() {
        let fitness = Fitness::new(true);
        fitness.learn(memory_only());
        assert!(fitness.is_fit());
        assert_eq!(fitness.durability(), Durability::Volatile);
        fitness.learn(Err(ConnectError::Replica));
        assert_eq!(fitness.insist(), Err(ConnectError::Replica));
    }

    #[test]
    fn it_vouches_only_for_the_server_that_was_asked() {
        let fitness = Fitness::new(false);
        assert!(!fitness.vouches_for("abc/def"));
        fitness.learn(durable("always"));
        assert!(fitness.vouches_for("abc/def"));
        assert!(!fitness.vouches_for("abc/fed"));
        fitness.learn(memory_only());
        assert!(!fitness.vouches_for("abc/def"));
    }
}
