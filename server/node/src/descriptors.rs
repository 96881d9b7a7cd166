//! Descriptors: how many the system gives this process, and how many connections that makes.

use anyhow::bail;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

protocol::limits! {
    /// Descriptors that connections leave alone: for the store and its files, Redis, logs, metrics and the runtime. The
    /// others are shared among the workers; at its share a worker lets further connections wait in the backlog.
    pub(crate) const DESCRIPTORS_RESERVED: u64 = 192 => shown "holdfast_connections_per_worker_max";
    /// Fewest connections of a worker; with a lower limit on descriptors the node does not start.
    pub(crate) const CONNECTIONS_PER_WORKER_MIN: u64 = 16 => unseen;
}

/// The limit in effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Descriptors {
    max: u64,
}

impl Descriptors {
    /// Raises the soft limit to the hard one. A system that does not allow it leaves the limit as it was.
    pub(crate) fn raise() -> Self {
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        if current != maximum
            && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
        {
            tracing::warn!(%error, "the limit on open descriptors could not be raised");
        }
        Self::now()
    }

    /// The limit as it is.
    pub(crate) fn now() -> Self {
        Self { max: getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX) }
    }

    /// Most descriptors that this process may have open.
    pub(crate) const fn max(self) -> u64 {
        self.max
    }

    /// Most connections that each of so many workers may hold, so that one worker's connections leave the others and
    /// the store theirs; further connections wait in the backlog until one ends.
    pub(crate) fn connections_per_worker(self, workers: usize) -> anyhow::Result<usize> {
        let workers = u64::try_from(workers)?.max(1);
        let each = self.max.saturating_sub(DESCRIPTORS_RESERVED) / workers;
        if each < CONNECTIONS_PER_WORKER_MIN {
            let needed =
                DESCRIPTORS_RESERVED.saturating_add(workers.saturating_mul(CONNECTIONS_PER_WORKER_MIN));
            bail!(
                "this process may open {} descriptors, and {workers} workers need at least {needed}: raise the hard \
                 limit (ulimit -Hn, or LimitNOFILE of the service)",
                self.max
            );
        }
        Ok(usize::try_from(each).unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_reserved_is_shared_among_the_workers() {
        let descriptors = Descriptors { max: DESCRIPTORS_RESERVED + 1_001 };
        assert_eq!(descriptors.connections_per_worker(1).unwrap(), 1_001);
        assert_eq!(descriptors.connections_per_worker(2).unwrap(), 500);
    }

    #[test]
    fn too_few_to_serve_anybody_are_refused_with_the_number_that_is_needed() {
        for (max, workers, needed) in
            [(0, 1, 208), (DESCRIPTORS_RESERVED, 1, 208), (223, 2, 224), (1_024, 64, 1_216)]
        {
            let refusal = Descriptors { max }.connections_per_worker(workers).unwrap_err().to_string();
            assert!(refusal.contains(&format!("at least {needed}")), "{refusal}");
        }
        assert!(Descriptors { max: 224 }.connections_per_worker(2).is_ok());
    }

    #[test]
    fn no_limit_at_all_is_no_overflow() {
        assert!(Descriptors { max: u64::MAX }.connections_per_worker(3).unwrap() > 1_000_000);
    }
}
