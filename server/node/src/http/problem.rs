//! What went wrong with a request, as `application/problem+json` (RFC 9457) with a stable word for programs.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use campaign::invites::InvalidTerms;
use campaign::members::EditError;
use campaign::personal::InvalidText;
use campaign::rights::InvalidRights;
use campaign::transfer::TransferError;
use campaign::{Away, RedeemError, SignInError};
use serde::Serialize;
use storage::records::invite::InviteRefusal;

/// Why a request was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    #[error("an organiser has yet to let you in; ask again later")]
    AwaitingApproval,
    #[error("{0}")]
    BadRequest(&'static str),
    #[error(
        "this device was signed out, because somebody else used its sign-in; come in again, and tell your organisers"
    )]
    DeviceStolen,
    #[error("your role does not allow this")]
    Forbidden,
    #[error("this page's address is not one that may use this service")]
    ForeignOrigin,
    #[error("the server could not do this")]
    Internal,
    #[error("this invite has expired; ask for a new one")]
    InviteExpired,
    #[error("this invite was withdrawn; ask for a new one")]
    InviteRevoked,
    #[error("there is no such invite; check that the whole link was copied")]
    InviteUnknown,
    #[error("this invite has been used as often as it may be; ask for a new one")]
    InviteUsedUp,
    #[error("there is no such member")]
    MemberUnknown,
    #[error("there is nothing at this address")]
    NotFound,
    #[error("you cannot take your own right to manage members away; another admin can")]
    OwnRights,
    #[error("say with If-Match to which revision this is a change, or name roles, regions and teams")]
    PreconditionRequired,
    #[error("somebody else changed this meanwhile; read it again")]
    Stale,
    #[error("you told this a moment ago; once a minute is enough")]
    TooSoon,
    #[error("the request came too slowly; try again on a better connection")]
    TooSlow,
    #[error("there is no such code, or it was used, or its ten minutes are over; make a new one")]
    TransferUnknown,
    #[error("sign in first, with an invite")]
    Unauthorized,
    #[error("the service cannot answer now; try again in a moment")]
    Unavailable,
}

#[derive(Serialize)]
struct Body {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    code: &'static str,
}

impl Problem {
    /// The stable word.
    const fn code(self) -> &'static str {
        match self {
            Self::AwaitingApproval => "awaiting_approval",
            Self::BadRequest(_) => "bad_request",
            Self::DeviceStolen => "device_stolen",
            Self::Forbidden => "forbidden",
            Self::ForeignOrigin => "foreign_origin",
            Self::Internal => "internal",
            Self::InviteExpired => "invite_expired",
            Self::InviteRevoked => "invite_revoked",
            Self::InviteUnknown => "invite_unknown",
            Self::InviteUsedUp => "invite_used_up",
            Self::MemberUnknown => "member_unknown",
            Self::NotFound => "not_found",
            Self::OwnRights => "own_rights",
            Self::PreconditionRequired => "precondition_required",
            Self::Stale => "changed_meanwhile",
            Self::TooSoon => "too_many_requests",
            Self::TooSlow => "too_slow",
            Self::TransferUnknown => "transfer_unknown",
            Self::Unauthorized => "unauthorized",
            Self::Unavailable => "unavailable",
        }
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::AwaitingApproval | Self::Forbidden | Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::InviteExpired | Self::InviteRevoked | Self::InviteUsedUp => StatusCode::GONE,
            Self::InviteUnknown | Self::MemberUnknown | Self::NotFound | Self::TransferUnknown => {
                StatusCode::NOT_FOUND
            }
            Self::OwnRights => StatusCode::CONFLICT,
            Self::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::Stale => StatusCode::PRECONDITION_FAILED,
            Self::TooSoon => StatusCode::TOO_MANY_REQUESTS,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::DeviceStolen | Self::Unauthorized => StatusCode::UNAUTHORIZED,
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
        if *self == Self::Unavailable {
            response.insert_header((RETRY_AFTER, "2"));
        } else if *self == Self::TooSoon {
            response.insert_header((RETRY_AFTER, "60"));
        }
        let body = serde_json::to_string(&body).unwrap_or_default();
        response.content_type("application/problem+json").body(body)
    }
}

impl From<Away> for Problem {
    fn from(_: Away) -> Self {
        Self::Unavailable
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
            SignInError::Waiting => Self::AwaitingApproval,
        }
    }
}

impl From<EditError> for Problem {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Away => Self::Unavailable,
            EditError::OwnRights => Self::OwnRights,
            EditError::Stale => Self::Stale,
            EditError::Unknown => Self::MemberUnknown,
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
