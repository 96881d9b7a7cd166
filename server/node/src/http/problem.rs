//! What went wrong with a request, as `application/problem+json` (RFC 9457) with a stable word for programs.

use crate::membership::{Away, RedeemError};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use storage::records::invite::InviteRefusal;

/// Why a request was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    #[error("{0}")]
    BadRequest(&'static str),
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
    #[error("there is nothing at this address")]
    NotFound,
    #[error("you told this a moment ago; once a minute is enough")]
    TooSoon,
    #[error("the request came too slowly; try again on a better connection")]
    TooSlow,
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
            Self::BadRequest(_) => "bad_request",
            Self::Forbidden => "forbidden",
            Self::ForeignOrigin => "foreign_origin",
            Self::Internal => "internal",
            Self::InviteExpired => "invite_expired",
            Self::InviteRevoked => "invite_revoked",
            Self::InviteUnknown => "invite_unknown",
            Self::InviteUsedUp => "invite_used_up",
            Self::NotFound => "not_found",
            Self::TooSoon => "too_many_requests",
            Self::TooSlow => "too_slow",
            Self::Unauthorized => "unauthorized",
            Self::Unavailable => "unavailable",
        }
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Forbidden | Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::InviteExpired | Self::InviteRevoked | Self::InviteUsedUp => StatusCode::GONE,
            Self::InviteUnknown | Self::NotFound => StatusCode::NOT_FOUND,
            Self::TooSoon => StatusCode::TOO_MANY_REQUESTS,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
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
