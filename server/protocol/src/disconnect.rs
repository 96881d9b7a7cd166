//! Why a connection ends, and what the client should do then (centrifuge `disconnect.go`).

/// Why the server closes a connection. Sent as the WebSocket close code, with the reason as its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Disconnect {
    /// 3501: the client broke the protocol.
    BadRequest,
    /// 3504: the device has more connections than the bound, and this is the oldest.
    ConnectionLimit,
    /// 3005: the token ran out and no new one came.
    Expired,
    /// 1009 (RFC 6455 §7.4.1): a frame larger than the bound.
    FrameTooLarge,
    /// 3010: positions must be compared again, by coming back with them.
    InsufficientState,
    /// 3508: the client sent what this server does not take.
    NotAvailable,
    /// 3012: no pong came in time.
    NoPong,
    /// 3004: our fault.
    ServerError,
    /// 3001: this node is going away.
    Shutdown,
    /// 3502: the client did not identify itself in time.
    Stale,
    /// 3500: the token is not ours or not valid.
    InvalidToken,
    /// 1008 (RFC 6455 §7.4.1): a message in more fragments than the bound.
    TooManyFragments,
    /// 3013: more requests than are answered.
    TooManyRequests,
    /// 1007 (RFC 6455 §7.4.1): a text that is not UTF-8.
    NotUtf8,
    /// 1002 (RFC 6455 §7.4.1): the WebSocket framing was broken.
    WebSocketProtocol,
    /// 1003 (RFC 6455 §7.4.1): binary data on a JSON connection, or text on a Protobuf one.
    UnsupportedData,
}

/// What the client should do after a close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reconnect {
    /// Not come back by itself.
    Never,
    /// Come back, later each time.
    WithBackoff,
}

impl Disconnect {
    /// Every reason, for tests and documents.
    pub const ALL: [Self; 16] = [
        Self::BadRequest,
        Self::ConnectionLimit,
        Self::Expired,
        Self::FrameTooLarge,
        Self::InsufficientState,
        Self::NotAvailable,
        Self::NoPong,
        Self::ServerError,
        Self::Shutdown,
        Self::Stale,
        Self::InvalidToken,
        Self::TooManyFragments,
        Self::TooManyRequests,
        Self::NotUtf8,
        Self::WebSocketProtocol,
        Self::UnsupportedData,
    ];

    /// The WebSocket close code.
    pub const fn close_code(self) -> u16 {
        match self {
            Self::WebSocketProtocol => 1002,
            Self::UnsupportedData => 1003,
            Self::NotUtf8 => 1007,
            Self::TooManyFragments => 1008,
            Self::FrameTooLarge => 1009,
            Self::Shutdown => 3001,
            Self::ServerError => 3004,
            Self::Expired => 3005,
            Self::InsufficientState => 3010,
            Self::NoPong => 3012,
            Self::TooManyRequests => 3013,
            Self::InvalidToken => 3500,
            Self::BadRequest => 3501,
            Self::Stale => 3502,
            Self::ConnectionLimit => 3504,
            Self::NotAvailable => 3508,
        }
    }

    /// The reason in words; at most 123 bytes (RFC 6455 §5.5).
    pub const fn reason(self) -> &'static str {
        match self {
            Self::BadRequest => "bad request",
            Self::ConnectionLimit => "connection limit",
            Self::Expired => "connection expired",
            Self::FrameTooLarge => "message too large",
            Self::InsufficientState => "insufficient state",
            Self::NotAvailable => "not available",
            Self::NoPong => "no pong",
            Self::ServerError => "internal server error",
            Self::Shutdown => "shutdown",
            Self::Stale => "stale",
            Self::InvalidToken => "invalid token",
            Self::TooManyFragments => "too many fragments",
            Self::TooManyRequests => "too many requests",
            Self::NotUtf8 => "text is not UTF-8",
            Self::WebSocketProtocol => "WebSocket protocol error",
            Self::UnsupportedData => "text is for JSON connections, binary data for Protobuf ones",
        }
    }

    /// What a client does when it sees the code: every SDK takes 3500–3999 and 4500–4999 as final, and
    /// some take 1009 as final too.
    pub const fn reconnect(self) -> Reconnect {
        match self {
            Self::Expired
            | Self::InsufficientState
            | Self::NoPong
            | Self::NotUtf8
            | Self::ServerError
            | Self::Shutdown
            | Self::TooManyFragments
            | Self::TooManyRequests
            | Self::UnsupportedData
            | Self::WebSocketProtocol => Reconnect::WithBackoff,
            Self::BadRequest
            | Self::ConnectionLimit
            | Self::FrameTooLarge
            | Self::InvalidToken
            | Self::NotAvailable
            | Self::Stale => Reconnect::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_we_advise_is_what_sdks_do_with_the_code() {
        for reason in Disconnect::ALL {
            let code = reason.close_code();
            let terminal = (3500..4000).contains(&code) || (4500..5000).contains(&code) || code == 1009;
            assert_eq!(reason.reconnect() == Reconnect::Never, terminal, "{reason:?}");
            assert!(reason.reason().len() <= 123);
        }
    }
}
