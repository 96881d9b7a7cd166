use super::Sensitive;
use crate::http::openapi;
use serde_json::Value;
use std::collections::BTreeSet;

impl Sensitive {
    const ALL: [Self; 10] = [
        Self::AccountLinked,
        Self::AdminMade,
        Self::BulletinToMany,
        Self::LinksOfList,
        Self::ListReadOut,
        Self::ManifestReplaced,
        Self::PasskeyRemoved,
        Self::RecoveryMade,
        Self::PostureOrdered,
        Self::StatementSaid,
    ];

    /// The operations that change something and ask for it, or do where it matters.
    const fn operations(self) -> &'static [&'static str] {
        match self {
            Self::AccountLinked => &["link_sign_on", "unlink_sign_on"],
            Self::AdminMade => &["create_invite", "edit_member"],
            Self::BulletinToMany => &["submit_bulletin", "approve_bulletin", "override_approval"],
            Self::LinksOfList => &["import_members"],
            Self::ListReadOut => &[],
            Self::ManifestReplaced => &["replace_manifest"],
            Self::PasskeyRemoved => &["remove_passkey"],
            Self::RecoveryMade => &["recover_passkeys"],
            Self::PostureOrdered => &["order_posture", "take_order_back"],
            Self::StatementSaid => &["put_statement", "give_all_clear"],
        }
    }
}

/// What changes something and never takes a step up, because it reaches few, lets nobody in, or is one's own.
const EASY: [&str; 41] = [
    "answer",
    "ask_admission",
    "assign_conversation",
    "attach",
    "begin_bulletin",
    "begin_correction",
    "begin_passkey_assertion",
    "begin_passkey_registration",
    "begin_passkey_sign_in",
    "cancel_bulletin",
    "count_audience",
    "create_transfer",
    "edit_bulletin",
    "edit_me",
    "end_passkey_assertion",
    "end_passkey_registration",
    "end_passkey_sign_in",
    "erase_me",
    "erase_member",
    "forget_push",
    "give_receipts",
    "keep_push",
    "leave",
    "note_incident",
    "open_session",
    "redeem_invite",
    "redeem_transfer",
    "reject_bulletin",
    "rename_passkey",
    "reply",
    "revoke_invite",
    "say_slow",
    "set_conversation_state",
    "sign_out",
    "sign_out_device",
    "sign_out_everywhere",
    "sign_out_member",
    "sign_out_own_device",
    "tell_shown",
    "tell_times",
    "withdraw_bulletin",
];

#[test]
fn of_each_operation_that_changes_something_it_is_said_whether_it_takes_a_step_up() {
    let document: Value = serde_json::from_str(&openapi::text().unwrap()).unwrap();
    let mut changing = BTreeSet::new();
    for operations in document["paths"].as_object().unwrap().values() {
        for (method, operation) in operations.as_object().unwrap() {
            if method != "get" && method != "parameters" {
                changing.insert(operation["operationId"].as_str().unwrap().to_owned());
            }
        }
    }
    let sensitive = Sensitive::ALL.iter().flat_map(|what| what.operations()).chain(&EASY);
    let said: Vec<String> = sensitive.map(|operation| (*operation).to_owned()).collect();
    let once: BTreeSet<String> = said.iter().cloned().collect();
    assert_eq!(once.len(), said.len(), "each once");
    assert_eq!(once, changing);
}
