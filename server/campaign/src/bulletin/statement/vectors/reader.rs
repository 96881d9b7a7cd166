//! A reader of single publications, as members' apps have one: what a vector is compared with.

use super::*;

/// What a reader finds in one publication, by the same checks as the node's.
pub(super) fn verdict(manifest: &Manifest, channel: &str, publication: &Value) -> Value {
    let Some(signed) = publication.get("signed") else { return json!({"is": "unsigned"}) };
    match find(manifest, channel, publication, &serde_json::from_value(signed.clone()).unwrap()) {
        Ok(verdict) => verdict,
        Err(reason) => bad(reason),
    }
}

fn find(
    manifest: &Manifest,
    channel: &str,
    publication: &Value,
    signed: &Signed,
) -> Result<Value, &'static str> {
    let first = signed.signatures.first().ok_or("signature")?;
    let author = manifest.signer(first, &signed.statement).map_err(Refusal::as_str)?;
    let statement = Statement::read(&signed.statement).map_err(|_| "altered")?;
    if statement.root != manifest.fingerprint() {
        return Err("not_this_root");
    }
    if publication["id"] != json!(statement.id) {
        return Err("other_id");
    }
    let is_there = statement.channels.iter().any(|name| name == channel);
    let is_for_one = statement.channels.is_empty() && channel.starts_with("inbox#");
    if !(is_there || is_for_one) {
        return Err("wrong_channel");
    }
    let shown = |name: &str| publication.get(name).cloned().unwrap_or(Value::Null);
    let is_same = shown("texts") == json!(statement.texts)
        && shown("kind") == json!(statement.kind)
        && shown("urgency") == json!(statement.urgency)
        && shown("test").as_bool().unwrap_or(false) == statement.test
        && shown("links") == if statement.links.is_empty() { Value::Null } else { json!(statement.links) };
    if !is_same {
        return Err("altered");
    }
    let channels: Vec<_> = statement.channels.iter().map(|name| ChannelName::parse(name).unwrap()).collect();
    let is_withdrawal = statement.kind == Kind::Cancel;
    let roles: &[Role] = if is_withdrawal { &[Role::Sender, Role::Approver] } else { &[Role::Sender] };
    may(author, roles, &channels, statement.at, statement.at).map_err(Refusal::as_str)?;
    let approver = match signed.signatures.get(1) {
        None => None,
        Some(second) => {
            let approver = manifest.signer(second, &signed.statement).map_err(Refusal::as_str)?;
            if approver.key == author.key || approver.name == author.name {
                return Err("one_signature");
            }
            approver.may(Role::Approver, &channels, statement.at).map_err(Refusal::as_str)?;
            Some(approver.name.as_str())
        }
    };
    let is_grave = statement.urgency == Urgency::Urgent || channels.contains(&ChannelName::bulletins_all());
    let is_emergency = shown("override") == json!(true) && approver.is_none();
    if is_grave && !is_withdrawal && approver.is_none() && !is_emergency {
        return Err("one_signature");
    }
    Ok(good(&author.name, approver, is_emergency))
}
