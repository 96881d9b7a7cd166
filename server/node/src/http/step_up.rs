//! What takes a passkey that was shown a moment ago: what reaches many, and what lets others in. This is the one place that
//! says what that is.
//!
//! Programs have tokens without a device and are not asked, as there is nobody to ask.

use crate::assembly::Node;
use crate::clock;
use crate::http::problem::Problem;
use campaign::Demand;
use identity::Principal;

/// What takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sensitive {
    /// To have an account elsewhere sign one in, or to end that.
    AccountLinked,
    /// To make an admin, or to change what one may.
    AdminMade,
    /// To have a bulletin go that is urgent or for all hands.
    BulletinToMany,
    /// To be given links by which people on a list come in.
    LinksOfList,
    /// To say who may sign bulletins.
    ManifestReplaced,
    /// To remove a passkey.
    PasskeyRemoved,
    /// To let a member begin anew who lost their passkeys.
    RecoveryMade,
    /// To order a posture, or to take an order back.
    PostureOrdered,
    /// To say something to everybody on the status page, or to take it back.
    StatementSaid,
}

/// Refuses what takes a passkey that was shown a moment ago, if none was.
pub(crate) fn check(node: &Node, by: &Principal, what: Sensitive) -> Result<(), Problem> {
    let is_asked = node.demand == Demand::Required && by.device.is_some();
    let is_stepped_up = by.stepped_up_until.is_some_and(|until| until > clock::wall());
    if is_asked && !is_stepped_up {
        tracing::debug!(?what, "a step up is asked for");
        return Err(Problem::StepUpNeeded);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
