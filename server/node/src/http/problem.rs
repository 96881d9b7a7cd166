//! What went wrong with a request, as `application/problem+json` (RFC 9457) with a stable word for programs.

use crate::http::openapi::words::ProblemCode;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use campaign::attachments::InvalidAttachment;
use campaign::audience::Partial;
use campaign::bulletin::{InvalidContent, NotSigned, Refused};
use campaign::bulletins::ActError;
use campaign::invites::InvalidTerms;
use campaign::members::EditError;
use campaign::personal::InvalidText;
use campaign::rights::InvalidRights;
use campaign::transfer::TransferError;
use campaign::trust::ReplaceError;
use campaign::{Away, LeaveError, LinkError, PasskeyError, RedeemError, SignInError};
use identity::trust::{InvalidManifest, Refusal};
use serde::Serialize;
use storage::records::invite::InviteRefusal;
use utoipa::ToSchema;

/// Why a request was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    #[error("who came in by their account at the sign-on keeps it; leave, and come in again by an invite")]
    AccountKept,
    #[error("another account at the sign-on signs you in already; unlink that one first")]
    AccountLinked,
    #[error("an organiser has yet to let you in; ask again later")]
    AwaitingApproval,
    #[error("{0}")]
    Attachment(InvalidAttachment),
    #[error("there is no such attachment, or its time is over")]
    AttachmentUnknown,
    #[error("{0}")]
    BadManifest(InvalidManifest),
    #[error("{0}")]
    BadRequest(&'static str),
    #[error("a correction is for the same audience, and as urgent")]
    BulletinAudience,
    #[error("the bulletin has expired, or would have when it goes")]
    BulletinExpired,
    #[error("a bulletin that is {0} cannot be changed so")]
    BulletinState(&'static str),
    #[error("there is no such bulletin")]
    BulletinUnknown,
    #[error("{0}")]
    Content(InvalidContent),
    #[error("a complaint is answered before it is closed: say that you have it, and what you do about it")]
    ComplaintUnanswered,
    #[error("there is no such conversation")]
    ConversationUnknown,
    #[error(
        "this device was signed out, because somebody else used its sign-in; come in again, and tell your organisers"
    )]
    DeviceStolen,
    #[error("your role does not allow this")]
    Forbidden,
    #[error("this page's address is not one that may use this service")]
    ForeignOrigin,
    #[error("this id belongs to another text of yours; a new text has a new id")]
    IdReused,
    #[error("the server could not do this")]
    Internal,
    #[error("the same request, with this Idempotency-Key, is still being done; ask again in a moment")]
    IdempotencyKeyInUse,
    #[error("another request had this Idempotency-Key; take a new one for each request")]
    IdempotencyKeyReused,
    #[error(
        "another node keeps this record: put your words into the record that this one keeps of the same attack, and get large files there"
    )]
    IncidentElsewhere,
    #[error("this invite has expired; ask for a new one")]
    InviteExpired,
    #[error("this invite was withdrawn; ask for a new one")]
    InviteRevoked,
    #[error("there is no such invite; check that the whole link was copied")]
    InviteUnknown,
    #[error("this invite has been used as often as it may be; ask for a new one")]
    InviteUsedUp,
    #[error("the bulletin has no text in one of the languages that this campaign asks for")]
    LanguageMissing,
    #[error(
        "the last admin stays, as nobody could say afterwards who belongs; make somebody else an admin first"
    )]
    LastAdmin,
    #[error("there is no such member")]
    MemberUnknown,
    #[error("no manifest of organisers' keys is kept here")]
    NoManifest,
    #[error("there is nothing at this address")]
    NotFound,
    #[error("a manifest as new as this one is kept already; sign the change on top of that one")]
    OldManifest,
    #[error("this campaign's manifests are signed by another root key, and members know it by that one")]
    OtherRoot,
    #[error("whoever wrote at a bulletin cannot approve it; another person can")]
    OwnBulletin,
    #[error("you cannot take your own right to manage members away; another admin can")]
    OwnRights,
    #[error(
        "say with If-Match to which revision this is a change; of a member's rights, or name roles, regions and teams"
    )]
    PreconditionRequired,
    #[error("that is no address of a push service that this service uses")]
    PushEndpointRefused,
    #[error("these are no keys of a push subscription")]
    PushKeys,
    #[error("whoever runs this service has not set notifications up")]
    PushOff,
    #[error("there are more members than the service can count; whoever runs it can say more")]
    RollPartial,
    #[error("this needs the signature of a key in the campaign's manifest; sign on a device that has one")]
    SignatureNeeded,
    #[error("the signature does not count: {0}")]
    SignatureRefused(Refusal),
    #[error("somebody else changed this meanwhile; read it again")]
    Stale,
    #[error("what was signed is not what the bulletin says: {0}; look at it again and sign anew")]
    StatementDiffers(&'static str),
    #[error(
        "a bulletin that is signed goes out twice, as it is shown and as it was signed; this one is too long for that, so shorten it"
    )]
    StatementTooLarge,
    #[error(
        "as many of your conversations are open as may be; write in one of them, or wait until organisers close one"
    )]
    TooManyConversations,
    #[error("wait for an answer: as many of your replies wait for one as may")]
    TooManyUnanswered,
    #[error("there is no such ceremony of a passkey, or its five minutes are over; begin again")]
    CeremonyUnknown,
    #[error(
        "this passkey was used somewhere else since: there may be a copy of it; use another, and tell your organisers"
    )]
    CredentialCloned,
    #[error("the passkey was not accepted; try again")]
    CredentialRefused,
    #[error("the last passkey of an organiser stays; add another first")]
    LastPasskey,
    #[error("you have no passkey yet")]
    NoPasskey,
    #[error("you cannot recover your own passkeys; another admin can")]
    OwnRecovery,
    #[error("there is no such passkey")]
    PasskeyUnknown,
    #[error(
        "this device did not prove that it holds its key; try again with a proof, or confirm with your passkey"
    )]
    ProofNeeded,
    #[error(
        "there is no such recovery link, or it was used, or its hour is over; ask another admin for a new one"
    )]
    RecoveryUnknown,
    #[error("the time for a first passkey is over; another admin can let you begin anew")]
    RegistrationClosed,
    #[error("show your passkey first: this takes one that was shown within five minutes")]
    StepUpNeeded,
    #[error("you have as many passkeys as may be; remove one first")]
    TooManyPasskeys,
    #[error("you ask faster than anybody may; wait a second")]
    TooFast,
    #[error("you told this a moment ago; once a minute is enough")]
    TooSoon,
    #[error("too many people wrote at this bulletin; begin another")]
    TooManyAuthors,
    #[error("the request came too slowly; try again on a better connection")]
    TooSlow,
    #[error("there is no such code, or it was used, or its ten minutes are over; make a new one")]
    TransferUnknown,
    #[error("sign in first, with an invite")]
    Unauthorized,
    #[error("the service cannot answer now; try again in a moment")]
    Unavailable,
}

/// What went wrong (RFC 9457). Further members may be added.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Body {
    /// Always `about:blank`: the status and the code say all there is.
    r#type: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What it means and what next, for people, in English.
    detail: String,
    /// What it is, for programs.
    #[schema(value_type = ProblemCode)]
    code: &'static str,
}

impl Problem {
    /// Each of them.
    pub(crate) const ALL: [Self; 66] = [
        Self::AwaitingApproval,
        Self::BadRequest("the request is not what this operation takes; the detail says why"),
        Self::DeviceStolen,
        Self::Forbidden,
        Self::ForeignOrigin,
        Self::IdempotencyKeyInUse,
        Self::IdempotencyKeyReused,
        Self::IncidentElsewhere,
        Self::Internal,
        Self::InviteExpired,
        Self::InviteRevoked,
        Self::InviteUnknown,
        Self::InviteUsedUp,
        Self::MemberUnknown,
        Self::NotFound,
        Self::OwnRights,
        Self::PreconditionRequired,
        Self::PushEndpointRefused,
        Self::PushKeys,
        Self::PushOff,
        Self::RollPartial,
        Self::Stale,
        Self::TooFast,
        Self::TooSoon,
        Self::TooSlow,
        Self::TransferUnknown,
        Self::Unauthorized,
        Self::Unavailable,
        Self::Attachment(InvalidAttachment::Damaged),
        Self::AttachmentUnknown,
        Self::BulletinAudience,
        Self::BulletinExpired,
        Self::BulletinState("in another state"),
        Self::BulletinUnknown,
        Self::ComplaintUnanswered,
        Self::Content(InvalidContent::Text),
        Self::ConversationUnknown,
        Self::IdReused,
        Self::LanguageMissing,
        Self::LastAdmin,
        Self::OwnBulletin,
        Self::TooManyAuthors,
        Self::TooManyConversations,
        Self::TooManyUnanswered,
        Self::BadManifest(InvalidManifest::Signature),
        Self::NoManifest,
        Self::OldManifest,
        Self::OtherRoot,
        Self::SignatureNeeded,
        Self::SignatureRefused(Refusal::UnknownKey),
        Self::StatementDiffers("texts"),
        Self::StatementTooLarge,
        Self::CeremonyUnknown,
        Self::CredentialCloned,
        Self::CredentialRefused,
        Self::AccountKept,
        Self::AccountLinked,
        Self::LastPasskey,
        Self::NoPasskey,
        Self::OwnRecovery,
        Self::PasskeyUnknown,
        Self::ProofNeeded,
        Self::RecoveryUnknown,
        Self::RegistrationClosed,
        Self::StepUpNeeded,
        Self::TooManyPasskeys,
    ];

    /// When to ask again, in seconds, if that is known.
    pub(crate) const fn retry_after(self) -> Option<&'static str> {
        match self {
            // The slowest rate of an account gives one every fifth of a second.
            Self::IdempotencyKeyInUse | Self::TooFast => Some("1"),
            Self::TooSoon => Some("60"),
            Self::Unavailable => Some("2"),
            Self::AccountKept
            | Self::AccountLinked
            | Self::AwaitingApproval
            | Self::CeremonyUnknown
            | Self::CredentialCloned
            | Self::CredentialRefused
            | Self::LastPasskey
            | Self::NoPasskey
            | Self::OwnRecovery
            | Self::PasskeyUnknown
            | Self::ProofNeeded
            | Self::RecoveryUnknown
            | Self::RegistrationClosed
            | Self::StepUpNeeded
            | Self::TooManyPasskeys
            | Self::Attachment(_)
            | Self::AttachmentUnknown
            | Self::BulletinAudience
            | Self::BulletinExpired
            | Self::BulletinState(_)
            | Self::BulletinUnknown
            | Self::ComplaintUnanswered
            | Self::Content(_)
            | Self::ConversationUnknown
            | Self::IdReused
            | Self::LanguageMissing
            | Self::LastAdmin
            | Self::OwnBulletin
            | Self::TooManyAuthors
            | Self::TooManyConversations
            | Self::TooManyUnanswered
            | Self::BadManifest(_)
            | Self::BadRequest(_)
            | Self::DeviceStolen
            | Self::NoManifest
            | Self::OldManifest
            | Self::OtherRoot
            | Self::SignatureNeeded
            | Self::SignatureRefused(_)
            | Self::StatementDiffers(_)
            | Self::StatementTooLarge
            | Self::Forbidden
            | Self::ForeignOrigin
            | Self::IdempotencyKeyReused
            | Self::IncidentElsewhere
            | Self::Internal
            | Self::InviteExpired
            | Self::InviteRevoked
            | Self::InviteUnknown
            | Self::InviteUsedUp
            | Self::MemberUnknown
            | Self::NotFound
            | Self::OwnRights
            | Self::PreconditionRequired
            | Self::PushEndpointRefused
            | Self::PushKeys
            | Self::PushOff
            | Self::RollPartial
            | Self::Stale
            | Self::TooSlow
            | Self::TransferUnknown
            | Self::Unauthorized => None,
        }
    }

    /// The stable word.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::AwaitingApproval => "awaiting_approval",
            Self::Attachment(_) => "attachment",
            Self::AttachmentUnknown => "attachment_unknown",
            Self::BadManifest(_) => "bad_manifest",
            Self::BadRequest(_) => "bad_request",
            Self::BulletinAudience => "audience_of_correction",
            Self::BulletinExpired => "bulletin_expired",
            Self::BulletinState(_) => "bulletin_state",
            Self::BulletinUnknown => "bulletin_unknown",
            Self::ComplaintUnanswered => "complaint_unanswered",
            Self::Content(_) => "bulletin_content",
            Self::ConversationUnknown => "conversation_unknown",
            Self::DeviceStolen => "device_stolen",
            Self::Forbidden => "forbidden",
            Self::ForeignOrigin => "foreign_origin",
            Self::IdReused => "id_reused",
            Self::IdempotencyKeyInUse => "idempotency_key_in_use",
            Self::IdempotencyKeyReused => "idempotency_key_reused",
            Self::IncidentElsewhere => "incident_elsewhere",
            Self::Internal => "internal",
            Self::InviteExpired => "invite_expired",
            Self::InviteRevoked => "invite_revoked",
            Self::InviteUnknown => "invite_unknown",
            Self::InviteUsedUp => "invite_used_up",
            Self::LanguageMissing => "language_missing",
            Self::LastAdmin => "last_admin",
            Self::MemberUnknown => "member_unknown",
            Self::NoManifest => "no_manifest",
            Self::NotFound => "not_found",
            Self::OldManifest => "old_manifest",
            Self::OtherRoot => "other_root",
            Self::OwnBulletin => "own_bulletin",
            Self::OwnRights => "own_rights",
            Self::PreconditionRequired => "precondition_required",
            Self::PushEndpointRefused => "push_endpoint_refused",
            Self::PushKeys => "push_keys",
            Self::PushOff => "push_off",
            Self::RollPartial => "too_many_members",
            Self::SignatureNeeded => "signature_needed",
            Self::SignatureRefused(_) => "signature_refused",
            Self::Stale => "changed_meanwhile",
            Self::StatementDiffers(_) => "statement_differs",
            Self::StatementTooLarge => "statement_too_large",
            Self::TooFast | Self::TooSoon => "too_many_requests",
            Self::TooManyAuthors => "too_many_authors",
            Self::TooManyConversations => "too_many_conversations",
            Self::TooManyUnanswered => "too_many_unanswered",
            Self::TooSlow => "too_slow",
            Self::TransferUnknown => "transfer_unknown",
            Self::Unauthorized => "unauthorized",
            Self::Unavailable => "unavailable",
            Self::AccountKept => "account_kept",
            Self::AccountLinked => "account_linked",
            Self::CeremonyUnknown => "ceremony_unknown",
            Self::CredentialCloned => "credential_cloned",
            Self::CredentialRefused => "credential_refused",
            Self::LastPasskey => "last_passkey",
            Self::NoPasskey => "no_passkey",
            Self::OwnRecovery => "own_recovery",
            Self::PasskeyUnknown => "passkey_unknown",
            Self::ProofNeeded => "proof_needed",
            Self::RecoveryUnknown => "recovery_unknown",
            Self::RegistrationClosed => "registration_closed",
            Self::StepUpNeeded => "step_up_needed",
            Self::TooManyPasskeys => "too_many_passkeys",
        }
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Attachment(InvalidAttachment::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Attachment(InvalidAttachment::Kind) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Attachment(InvalidAttachment::Damaged) | Self::BadRequest(_) | Self::Content(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::CredentialCloned
            | Self::CredentialRefused
            | Self::RegistrationClosed
            | Self::StepUpNeeded
            | Self::OwnBulletin
            | Self::AwaitingApproval
            | Self::Forbidden
            | Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::InviteExpired | Self::InviteRevoked | Self::InviteUsedUp => StatusCode::GONE,
            Self::CeremonyUnknown
            | Self::PasskeyUnknown
            | Self::RecoveryUnknown
            | Self::AttachmentUnknown
            | Self::BulletinUnknown
            | Self::ConversationUnknown
            | Self::InviteUnknown
            | Self::MemberUnknown
            | Self::NoManifest
            | Self::NotFound
            | Self::TransferUnknown => StatusCode::NOT_FOUND,
            Self::AccountKept
            | Self::AccountLinked
            | Self::LastPasskey
            | Self::NoPasskey
            | Self::OwnRecovery
            | Self::TooManyPasskeys
            | Self::BulletinAudience
            | Self::BulletinExpired
            | Self::BulletinState(_)
            | Self::ComplaintUnanswered
            | Self::IdReused
            | Self::IdempotencyKeyInUse
            | Self::IncidentElsewhere
            | Self::LanguageMissing
            | Self::LastAdmin
            | Self::OldManifest
            | Self::OtherRoot
            | Self::OwnRights
            | Self::PushOff
            | Self::TooManyAuthors
            | Self::TooManyConversations
            | Self::TooManyUnanswered => StatusCode::CONFLICT,
            Self::BadManifest(_)
            | Self::IdempotencyKeyReused
            | Self::PushEndpointRefused
            | Self::PushKeys
            | Self::SignatureNeeded
            | Self::SignatureRefused(_)
            | Self::StatementDiffers(_)
            | Self::StatementTooLarge => StatusCode::UNPROCESSABLE_ENTITY,
            Self::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::RollPartial => StatusCode::INSUFFICIENT_STORAGE,
            Self::Stale => StatusCode::PRECONDITION_FAILED,
            Self::TooFast | Self::TooSoon => StatusCode::TOO_MANY_REQUESTS,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::ProofNeeded | Self::DeviceStolen | Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let body = Body {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: self.to_string(),
            code: self.code(),
        };
        let mut response = HttpResponse::build(status);
        response.insert_header((CACHE_CONTROL, "no-store"));
        if let Some(seconds) = self.retry_after() {
            response.insert_header((RETRY_AFTER, seconds));
        }
        let body = serde_json::to_string(&body).unwrap_or_default();
        response.content_type("application/problem+json").body(body)
    }
}

impl From<InvalidContent> for Problem {
    fn from(invalid: InvalidContent) -> Self {
        Self::Content(invalid)
    }
}

impl From<ActError> for Problem {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Away(Away) => Self::Unavailable,
            ActError::Unknown => Self::BulletinUnknown,
            ActError::Refused(refused) => match refused {
                Refused::AudienceOfCorrection => Self::BulletinAudience,
                Refused::Expired => Self::BulletinExpired,
                Refused::LanguageMissing(_) => Self::LanguageMissing,
                Refused::NotAllowed => Self::Forbidden,
                Refused::NotSigned(NotSigned::Differs(field)) => Self::StatementDiffers(field),
                Refused::NotSigned(NotSigned::Needed) => Self::SignatureNeeded,
                Refused::NotSigned(NotSigned::Refused(why)) => Self::SignatureRefused(why),
                Refused::NotSigned(NotSigned::TooLarge) => Self::StatementTooLarge,
                Refused::OwnBulletin => Self::OwnBulletin,
                Refused::Revised => Self::Stale,
                Refused::TooManyAuthors => Self::TooManyAuthors,
                Refused::WrongState(state) => Self::BulletinState(state),
            },
        }
    }
}

impl From<ReplaceError> for Problem {
    fn from(error: ReplaceError) -> Self {
        match error {
            ReplaceError::Away(Away) => Self::Unavailable,
            ReplaceError::Invalid(why) => Self::BadManifest(why),
            ReplaceError::Old => Self::OldManifest,
            ReplaceError::OtherRoot => Self::OtherRoot,
        }
    }
}

impl From<Away> for Problem {
    fn from(_: Away) -> Self {
        Self::Unavailable
    }
}

impl From<Partial> for Problem {
    fn from(_: Partial) -> Self {
        Self::RollPartial
    }
}

impl From<RedeemError> for Problem {
    fn from(error: RedeemError) -> Self {
        match error {
            RedeemError::Away => Self::Unavailable,
            RedeemError::Refused(InviteRefusal::Expired) => Self::InviteExpired,
            RedeemError::Refused(InviteRefusal::Revoked) => Self::InviteRevoked,
            RedeemError::Refused(InviteRefusal::UsedUp) => Self::InviteUsedUp,
            RedeemError::Unknown => Self::InviteUnknown,
        }
    }
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Away => Self::Unavailable,
            SignInError::Stolen(_) => Self::DeviceStolen,
            SignInError::Unknown => Self::Unauthorized,
            SignInError::Unproven => Self::ProofNeeded,
            SignInError::Waiting => Self::AwaitingApproval,
        }
    }
}

impl From<PasskeyError> for Problem {
    fn from(error: PasskeyError) -> Self {
        match error {
            PasskeyError::Away => Self::Unavailable,
            PasskeyError::CeremonyUnknown => Self::CeremonyUnknown,
            PasskeyError::Cloned => Self::CredentialCloned,
            PasskeyError::KeyMissing => {
                Self::BadRequest("device_key is missing: this device is bound to no key")
            }
            PasskeyError::Last => Self::LastPasskey,
            PasskeyError::MemberUnknown => Self::MemberUnknown,
            PasskeyError::None => Self::NoPasskey,
            PasskeyError::OwnRecovery => Self::OwnRecovery,
            PasskeyError::RecoveryUnknown => Self::RecoveryUnknown,
            PasskeyError::Refused => Self::CredentialRefused,
            PasskeyError::RegistrationClosed => Self::RegistrationClosed,
            PasskeyError::StepUpNeeded => Self::StepUpNeeded,
            PasskeyError::TooMany => Self::TooManyPasskeys,
            PasskeyError::Unknown => Self::PasskeyUnknown,
            PasskeyError::Waiting => Self::AwaitingApproval,
        }
    }
}

impl From<LinkError> for Problem {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Away(_) => Self::Unavailable,
            LinkError::Gone => Self::MemberUnknown,
            LinkError::Taken | LinkError::HasOne => Self::AccountLinked,
            LinkError::CameByIt => Self::AccountKept,
        }
    }
}

impl From<EditError> for Problem {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Away => Self::Unavailable,
            EditError::LastAdmin => Self::LastAdmin,
            EditError::OwnRights => Self::OwnRights,
            EditError::Stale => Self::Stale,
            EditError::Unknown => Self::MemberUnknown,
        }
    }
}

impl From<LeaveError> for Problem {
    fn from(error: LeaveError) -> Self {
        match error {
            LeaveError::Away(Away) => Self::Unavailable,
            LeaveError::LastAdmin => Self::LastAdmin,
        }
    }
}

impl From<TransferError> for Problem {
    fn from(error: TransferError) -> Self {
        match error {
            TransferError::Away => Self::Unavailable,
            TransferError::Unknown => Self::TransferUnknown,
        }
    }
}

impl From<InvalidRights> for Problem {
    fn from(error: InvalidRights) -> Self {
        Self::BadRequest(match error {
            InvalidRights::NoRole => "there is at least one role",
            InvalidRights::Label => {
                "a region or team is 1 to 64 of A-Z a-z 0-9 . _ -, and there are at most 32"
            }
        })
    }
}

impl From<InvalidTerms> for Problem {
    fn from(error: InvalidTerms) -> Self {
        Self::BadRequest(match error {
            InvalidTerms::Uses => "max_uses is between 1 and 100000",
            InvalidTerms::Ttl => "expires_in_s is between 1 and 7776000 (90 days)",
        })
    }
}

impl From<InvalidText> for Problem {
    fn from(error: InvalidText) -> Self {
        Self::BadRequest(match error {
            InvalidText::TooLong => "a name has at most 128 bytes",
            InvalidText::Control => "a name has no control characters",
        })
    }
}
