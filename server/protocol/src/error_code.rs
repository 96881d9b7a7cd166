//! Errors that a reply can carry (protocol reference: centrifuge `errors.go`).

/// Why a request was not done. The numbers are the protocol's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// 105: this connection reads the channel already.
    AlreadySubscribed,
    /// 107: the request makes no sense.
    BadRequest,
    /// 100: our fault; may work later.
    Internal,
    /// 106: a bound was reached.
    LimitExceeded,
    /// 104: no such rpc method.
    MethodNotFound,
    /// 108: this server does not offer it.
    NotAvailable,
    /// 103: this member may not.
    PermissionDenied,
    /// 109: the token's time is over; an SDK gets a new one and comes back.
    TokenExpired,
    /// 111: not now; an SDK retries with the same token.
    TooManyRequests,
    /// 101: who is asking is not known.
    Unauthorized,
    /// 102: the campaign has no such channel.
    UnknownChannel,
    /// 112: the position that was asked for cannot be continued.
    UnrecoverablePosition,
}

impl ErrorCode {
    /// Every code, for tests and documents.
    pub const ALL: [Self; 12] = [
        Self::AlreadySubscribed,
        Self::BadRequest,
        Self::Internal,
        Self::LimitExceeded,
        Self::MethodNotFound,
        Self::NotAvailable,
        Self::PermissionDenied,
        Self::TokenExpired,
        Self::TooManyRequests,
        Self::Unauthorized,
        Self::UnknownChannel,
        Self::UnrecoverablePosition,
    ];

    /// The number on the wire.
    pub const fn code(self) -> u32 {
        match self {
            Self::Internal => 100,
            Self::Unauthorized => 101,
            Self::UnknownChannel => 102,
            Self::PermissionDenied => 103,
            Self::MethodNotFound => 104,
            Self::AlreadySubscribed => 105,
            Self::LimitExceeded => 106,
            Self::BadRequest => 107,
            Self::NotAvailable => 108,
            Self::TokenExpired => 109,
            Self::TooManyRequests => 111,
            Self::UnrecoverablePosition => 112,
        }
    }

    /// The words on the wire; the same for every occurrence, so that they can name nobody.
    pub const fn message(self) -> &'static str {
        match self {
            Self::AlreadySubscribed => "already subscribed",
            Self::BadRequest => "bad request",
            Self::Internal => "internal server error",
            Self::LimitExceeded => "limit exceeded",
            Self::MethodNotFound => "method not found",
            Self::NotAvailable => "not available",
            Self::PermissionDenied => "permission denied",
            Self::TokenExpired => "token expired",
            Self::TooManyRequests => "too many requests",
            Self::Unauthorized => "unauthorized",
            Self::UnknownChannel => "unknown channel",
            Self::UnrecoverablePosition => "unrecoverable position",
        }
    }

    /// Whether the same request may succeed later without a change.
    pub const fn is_temporary(self) -> bool {
        match self {
            Self::Internal | Self::TooManyRequests => true,
            Self::AlreadySubscribed
            | Self::BadRequest
            | Self::LimitExceeded
            | Self::MethodNotFound
            | Self::NotAvailable
            | Self::PermissionDenied
            | Self::TokenExpired
            | Self::Unauthorized
            | Self::UnknownChannel
            | Self::UnrecoverablePosition => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_codes_that_the_protocol_names_are_temporary() {
        for code in ErrorCode::ALL {
            assert_eq!(code.is_temporary(), [100, 111, 113].contains(&code.code()), "{code:?}");
        }
    }

    #[test]
    fn codes_are_distinct() {
        let numbers: std::collections::BTreeSet<u32> = ErrorCode::ALL.iter().map(|c| c.code()).collect();
        assert_eq!(numbers.len(), ErrorCode::ALL.len());
    }
}
