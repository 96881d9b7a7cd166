//! What the nodes of a deployment agree on: the hardest posture of any, unless an operator says otherwise.

use super::{Posture, Trigger};

/// The posture of the deployment, as one node sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreed {
    /// The posture.
    pub posture: Posture,
    /// What it rests on: [`Trigger::Override`], [`Trigger::Peers`], or nothing but the node's own signs.
    pub rests_on: Option<Trigger>,
}

/// Unites what a node decided alone, what its peers told lately, and what an operator said. Peers tell what they decided
/// alone, never what was agreed: else two nodes would keep each other up for ever.
pub fn agreed(own: Posture, peers: impl IntoIterator<Item = Posture>, forced: Option<Posture>) -> Agreed {
    if let Some(posture) = forced {
        return Agreed { posture, rests_on: Some(Trigger::Override) };
    }
    match peers.into_iter().max() {
        Some(posture) if posture > own => Agreed { posture, rests_on: Some(Trigger::Peers) },
        Some(_) | None => Agreed { posture: own, rests_on: None },
    }
}

impl Agreed {
    /// Why the posture changed from `before` to this, if the node's own signs do not say it.
    pub fn trigger_since(self, before: Self) -> Option<Trigger> {
        match (before.rests_on, self.rests_on) {
            (_, Some(trigger)) => Some(trigger),
            (Some(Trigger::Override), None) => Some(Trigger::OverrideEnded),
            (Some(Trigger::Peers), None) if self.posture < before.posture => Some(Trigger::Peers),
            (Some(_) | None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn postures() -> impl Strategy<Value = Posture> {
        prop::sample::select(&Posture::ALL[..])
    }

    proptest! {
        #[test]
        fn nodes_that_know_of_each_other_agree(all in prop::collection::vec(postures(), 1..6)) {
            let seen: Vec<Posture> = (0..all.len())
                .map(|own| {
                    let peers = all.iter().enumerate().filter(|(n, _)| *n != own).map(|(_, posture)| *posture);
                    agreed(all[own], peers, None).posture
                })
                .collect();
            prop_assert!(seen.iter().all(|posture| Some(posture) == all.iter().max()));
        }

        #[test]
        fn an_operator_is_obeyed_by_all(
            own in postures(),
            peers in prop::collection::vec(postures(), 0..6),
            forced in postures(),
        ) {
            prop_assert_eq!(agreed(own, peers, Some(forced)).posture, forced);
        }

        #[test]
        fn a_node_that_hears_of_nobody_has_its_own(own in postures()) {
            prop_assert_eq!(agreed(own, [], None), Agreed { posture: own, rests_on: None });
        }
    }

    #[test]
    fn a_change_says_what_it_rests_on() {
        let alone = |posture| agreed(posture, [], None);
        let by_peers = |posture| agreed(Posture::Normal, [posture], None);
        let forced = |posture| agreed(Posture::Normal, [], Some(posture));
        let why = |before: Agreed, after: Agreed| after.trigger_since(before);
        assert_eq!(why(alone(Posture::Normal), alone(Posture::Elevated)), None);
        assert_eq!(why(alone(Posture::Normal), by_peers(Posture::Survival)), Some(Trigger::Peers));
        assert_eq!(why(by_peers(Posture::Survival), alone(Posture::Normal)), Some(Trigger::Peers));
        assert_eq!(why(by_peers(Posture::Elevated), alone(Posture::Survival)), None);
        assert_eq!(why(alone(Posture::Normal), forced(Posture::Survival)), Some(Trigger::Override));
        assert_eq!(why(forced(Posture::Survival), alone(Posture::Normal)), Some(Trigger::OverrideEnded));
    }
}
