//! Labels with a known, small number of values, and one metric for each of them, found without a lock or a hash.

use prometheus_client::encoding::EncodeMetric;
use prometheus_client::metrics::TypedMetric;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::registry::{Registry, Unit};
use std::borrow::Cow;
use std::fmt::Debug;
use std::marker::PhantomData;

/// What a series is told apart by: all of its values are known when the program is written, and none is a person's.
pub(crate) trait Label: Copy + Eq + Debug + Send + Sync + 'static {
    /// The label's name.
    const NAME: &'static str;
    /// Every value.
    const ALL: &'static [Self];
    /// A value as it is exported.
    fn value(self) -> Cow<'static, str>;
}

/// One metric for each value of a label.
#[derive(Debug)]
pub(crate) struct Each<L, M> {
    metrics: Vec<M>,
    label: PhantomData<L>,
}

impl<L: Label, M> Each<L, M> {
    pub(crate) fn new(make: impl FnMut(L) -> M) -> Self {
        Self { metrics: L::ALL.iter().copied().map(make).collect(), label: PhantomData }
    }

    /// The metric of a value; there is one for each in [`Label::ALL`].
    pub(crate) fn of(&self, value: L) -> Option<&M> {
        let place = L::ALL.iter().position(|known| *known == value)?;
        self.metrics.get(place)
    }
}

/// Two labels.
pub(crate) type EachOfTwo<A, B, M> = Each<A, Each<B, M>>;

impl<A: Label, B: Label, M> EachOfTwo<A, B, M> {
    /// The metric of two values.
    pub(crate) fn of_both(&self, first: A, second: B) -> Option<&M> {
        self.of(first)?.of(second)
    }
}

type Labels = Vec<(&'static str, Cow<'static, str>)>;

fn pair<L: Label>(value: L) -> (&'static str, Cow<'static, str>) {
    (L::NAME, value.value())
}

/// What can be exported, with a label or without.
pub(crate) trait Kind: EncodeMetric + TypedMetric + Clone + Debug + Send + Sync + 'static {}
impl<M: EncodeMetric + TypedMetric + Clone + Debug + Send + Sync + 'static> Kind for M {}

/// Adds metrics to a registry; all series of a metric exist from the beginning, so that a scrape before the first
/// event says 0 and not nothing.
pub(crate) struct Book<'a>(pub(crate) &'a mut Registry);

impl Book<'_> {
    /// A metric without a label.
    pub(crate) fn one<M: Kind + Default>(&mut self, name: &str, help: &str, unit: Option<Unit>) -> M {
        let metric = M::default();
        self.register(name, help, unit, metric.clone());
        metric
    }

    /// A metric for each value of a label.
    pub(crate) fn each<L: Label, M: Kind + Default>(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<Unit>,
    ) -> Each<L, M> {
        self.each_made(name, help, unit, M::default)
    }

    /// The same, for metrics that need more than their default.
    pub(crate) fn each_made<L: Label, M: Kind>(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<Unit>,
        make: impl MetricConstructor<M> + Send + Sync + 'static,
    ) -> Each<L, M> {
        let family = Family::<Labels, M, _>::new_with_constructor(make);
        let each = Each::new(|value| family.get_or_create_owned(&vec![pair(value)]));
        self.register(name, help, unit, family);
        each
    }

    /// A metric for each pair of values of two labels.
    pub(crate) fn each_of_two<A: Label, B: Label, M: Kind + Default>(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<Unit>,
    ) -> EachOfTwo<A, B, M> {
        let family = Family::<Labels, M>::default();
        let each = Each::new(|first: A| {
            Each::new(|second: B| family.get_or_create_owned(&vec![pair(first), pair(second)]))
        });
        self.register(name, help, unit, family);
        each
    }

    /// Any other metric.
    pub(crate) fn register(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<Unit>,
        metric: impl EncodeMetric + Debug + Send + Sync + 'static,
    ) {
        match unit {
            None => self.0.register(name, help, metric),
            Some(unit) => self.0.register_with_unit(name, help, unit, metric),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::classes::{Account, CommandKind, Ended, Output};
    use prometheus_client::metrics::counter::Counter;

    fn assert_told_apart<L: Label>() {
        let values: std::collections::BTreeSet<_> = L::ALL.iter().map(|value| value.value()).collect();
        assert_eq!(values.len(), L::ALL.len(), "{values:?}");
        for value in values {
            assert!(
                value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'),
                "{value}"
            );
        }
    }

    #[test]
    fn values_of_a_label_are_told_apart() {
        assert_told_apart::<Account>();
        assert_told_apart::<CommandKind>();
        assert_told_apart::<Ended>();
        assert_told_apart::<Output>();
    }

    #[test]
    fn each_value_has_a_metric_of_its_own() {
        let mut registry = Registry::default();
        let counters: Each<Account, Counter> = Book(&mut registry).each("n", "help", None);
        for account in Account::ALL {
            counters.of(*account).unwrap().inc();
        }
        assert!(Account::ALL.iter().all(|account| counters.of(*account).unwrap().get() == 1));
    }
}
