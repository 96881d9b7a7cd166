//! How hard pressed the service is, and by what.

use super::sampled::{Level, copy, set};
use crate::assembly::Node;
use crate::metrics::label::{Book, Each, Label};
use admission::{Posture, Trigger};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use std::borrow::Cow;
use std::sync::atomic::AtomicU64;

impl Label for Posture {
    const NAME: &'static str = "posture";
    const ALL: &'static [Self] = &Self::ALL;

    fn value(self) -> Cow<'static, str> {
        self.as_str().into()
    }
}

impl Label for Trigger {
    const NAME: &'static str = "trigger";
    const ALL: &'static [Self] = &Self::ALL;

    fn value(self) -> Cow<'static, str> {
        self.as_str().into()
    }
}

/// One of the signs that are shares of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Pressure,
    Memory,
    Descriptors,
}

impl Label for Sign {
    const NAME: &'static str = "sign";
    const ALL: &'static [Self] = &[Self::Pressure, Self::Memory, Self::Descriptors];

    fn value(self) -> Cow<'static, str> {
        match self {
            Self::Pressure => "pressure",
            Self::Memory => "memory",
            Self::Descriptors => "descriptors",
        }
        .into()
    }
}

/// What is looked up for each scrape.
#[derive(Debug)]
pub(crate) struct PostureFigures {
    now: Each<Posture, Level>,
    own: Each<Posture, Level>,
    changes: Each<Trigger, Counter>,
    signs: Each<Sign, Gauge<f64, AtomicU64>>,
    nodes: Level,
    ordered: Level,
}

impl PostureFigures {
    pub(crate) fn new(book: &mut Book<'_>) -> Self {
        Self {
            now: book.each("posture", "1 for the posture of the deployment, as this node knows it", None),
            own: book.each("posture_own", "1 for the posture that this node decided alone", None),
            changes: book.each("posture_changes", "Changes of the posture, by what they were for", None),
            signs: book.each(
                "posture_sign",
                "What the last second showed, relative to the target or the most: waiting, memory, descriptors",
                None,
            ),
            nodes: book.one(
                "posture_nodes",
                "Nodes that told of their posture lately, this one among them",
                None,
            ),
            ordered: book.one("posture_ordered", "1 while an operator's order holds", None),
        }
    }

    pub(crate) fn sample(&self, node: &Node) {
        let view = node.posture.snapshot();
        for (gauges, posture) in [(&self.now, view.posture), (&self.own, view.own)] {
            for known in Posture::ALL {
                if let Some(gauge) = gauges.of(known) {
                    gauge.set((known == posture).into());
                }
            }
        }
        for trigger in Trigger::ALL {
            if let Some(counter) = self.changes.of(trigger) {
                copy(counter, node.posture.count(trigger));
            }
        }
        for (sign, value) in [
            (Sign::Pressure, view.signs.pressure),
            (Sign::Memory, view.signs.memory_share),
            (Sign::Descriptors, view.signs.descriptors_share),
        ] {
            if let Some(gauge) = self.signs.of(sign) {
                gauge.set(value);
            }
        }
        set(&self.nodes, view.nodes);
        self.ordered.set(view.order.is_some().into());
    }
}
