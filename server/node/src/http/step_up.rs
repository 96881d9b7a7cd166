//! What takes a passkey that was shown a moment ago: what reaches many, what lets others in, and what says who belongs. This is
//! the one place that says what that is.
//!
//! Programs have tokens without a device and are not asked, as there is nobody to ask.

use crate::assembly::Node;
use crate::clock;
use crate::http::problem::Problem;
use campaign::{Demand, reading_out as bounds};
use identity::Principal;
use protocol::MemberId;

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
    /// To be told of more members than the work of an hour takes.
    ListReadOut,
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
    if node.demand == Demand::Required && by.device.is_some() && !is_stepped_up(by) {
        tracing::debug!(?what, "a step up is asked for");
        return Err(Problem::StepUpNeeded);
    }
    Ok(())
}

/// Refuses to tell of these members, if their device would have been told of too many then, and no passkey was shown a moment
/// ago. What is told after one was is not counted.
pub(crate) async fn check_told<'a>(
    node: &Node,
    by: &Principal,
    members: impl Iterator<Item = &'a MemberId>,
) -> Result<(), Problem> {
    let Some(device) = by.device.as_ref().filter(|_| node.demand == Demand::Required && !is_stepped_up(by))
    else {
        return Ok(());
    };
    let members: Vec<&MemberId> = members.collect();
    if node.people.may_tell(device, &members, clock::wall()).await? {
        return Ok(());
    }
    node.metrics.limit_reached(bounds::reached::MEMBERS_TOLD_MAX);
    check(node, by, Sensitive::ListReadOut)
}

fn is_stepped_up(by: &Principal) -> bool {
    by.stepped_up_until.is_some_and(|until| until > clock::wall())
}

#[cfg(test)]
mod tests;
