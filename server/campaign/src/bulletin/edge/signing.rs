//! What has to be signed before a bulletin goes on. Where no manifest of keys is kept nothing is, and nothing can be.

use super::{Refused, Rules};
use crate::bulletin::publication::{bulletin_says, withdrawal_says};
use crate::bulletin::state::Core;
use crate::bulletin::statement::{NotSigned, Signed, channels};
use identity::trust::{KeySignature, Refusal};
use protocol::{Role, Timestamp};

/// Who may take something back.
const WITHDRAW: [Role; 2] = [Role::Sender, Role::Approver];

/// Nobody's keys are known.
const NO_MANIFEST: NotSigned = NotSigned::Refused(Refusal::UnknownKey);

/// Its author says that it is ready: they sign what it says.
pub(super) fn submitted(
    core: &Core,
    signed: Option<Signed>,
    rules: &Rules,
    now: Timestamp,
) -> Result<Option<Signed>, Refused> {
    let Some(manifest) = &rules.manifest else {
        return unsigned(signed.is_some(), None);
    };
    let signed = signed.ok_or(NotSigned::Needed)?;
    let channels = channels(&core.content);
    Ok(Some(signed.by_author(&bulletin_says(core), &[Role::Sender], &channels, manifest, now)?))
}

/// Somebody else says yes: they sign the same, where the manifest asks for two.
pub(super) fn approved(
    core: &Core,
    signature: Option<KeySignature>,
    rules: &Rules,
    now: Timestamp,
) -> Result<Option<Signed>, Refused> {
    let asks_for_two = rules.manifest.as_ref().is_some_and(|manifest| manifest.says().two_people);
    if asks_for_two && signature.is_none() {
        return Err(NotSigned::Needed.into());
    }
    overridden(core, signature, rules, now)
}

/// Somebody overrides the rule of two: its author has signed, and they do too if they have a key.
pub(super) fn overridden(
    core: &Core,
    signature: Option<KeySignature>,
    rules: &Rules,
    now: Timestamp,
) -> Result<Option<Signed>, Refused> {
    let Some(manifest) = &rules.manifest else {
        return unsigned(signature.is_some(), core.signed.clone());
    };
    let signed = core.signed.clone().ok_or(NotSigned::Needed)?;
    let channels = channels(&core.content);
    let Some(by) = signature else {
        signed.counts(&channels, manifest, now)?;
        return Ok(Some(signed));
    };
    Ok(Some(signed.by_approver(by, &channels, manifest, now)?))
}

/// Somebody takes it back. That needs no key: what is wrong must never stay because a key is at home. Readers see that
/// nobody signed.
pub(super) fn withdrawn(
    core: &Core,
    signed: Option<Signed>,
    rules: &Rules,
    now: Timestamp,
) -> Result<Option<Signed>, Refused> {
    let Some(manifest) = &rules.manifest else {
        return unsigned(signed.is_some(), None);
    };
    let Some(signed) = signed else { return Ok(None) };
    Ok(Some(signed.by_author(&withdrawal_says(core), &WITHDRAW, &channels(&core.content), manifest, now)?))
}

fn unsigned(is_signed: bool, before: Option<Signed>) -> Result<Option<Signed>, Refused> {
    if is_signed { Err(NO_MANIFEST.into()) } else { Ok(before) }
}
