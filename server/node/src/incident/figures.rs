//! What a node counted, by the classes of the record.

use crate::assembly::Node;
use crate::metrics::admission::Outcome;
use admission::Criticality;
use evidence::incident::{Figures, Flow};

/// Everything since the node began. Reads counters; asks nobody.
pub(crate) fn figures(node: &Node) -> Figures {
    let flow = |class: Criticality| {
        let counted = |outcome| node.metrics.admission.counted(class, outcome);
        let [admitted, delayed, refused] =
            [Outcome::Admitted, Outcome::Delayed, Outcome::Refused].map(counted);
        let offered = admitted.saturating_add(delayed).saturating_add(refused);
        Flow { offered, admitted, delayed, refused }
    };
    Figures {
        classes: Criticality::ALL.map(flow),
        acked: node.metrics.store.publishes_done(),
        delivered: node.metrics.traffic.deliveries(),
        pending: node.metrics.lag.now().publications,
    }
}
