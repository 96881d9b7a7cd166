//! The option that says where operators are answered.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;

/// An address, or nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OpsListen {
    At(SocketAddr),
    Off,
}

impl Default for OpsListen {
    fn default() -> Self {
        Self::At((Ipv4Addr::LOCALHOST, 8001).into())
    }
}

/// A text that is neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an address of the form HOST:PORT, or off")]
pub(crate) struct NotOpsListen;

impl FromStr for OpsListen {
    type Err = NotOpsListen;

    fn from_str(text: &str) -> Result<Self, NotOpsListen> {
        match text {
            "off" => Ok(Self::Off),
            address => address.parse().map(Self::At).map_err(|_| NotOpsListen),
        }
    }
}

impl fmt::Display for OpsListen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(address) => address.fmt(f),
            Self::Off => f.write_str("off"),
        }
    }
}

impl Serialize for OpsListen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OpsListen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_neither_an_address_nor_off_is_refused() {
        for text in ["", "OFF", "no", "8001", "localhost", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999"] {
            assert_eq!(text.parse::<OpsListen>(), Err(NotOpsListen), "{text:?}");
        }
    }

    #[test]
    fn it_is_written_as_it_is_read() {
        for text in ["off", "127.0.0.1:8001", "[::1]:9000"] {
            assert_eq!(text.parse::<OpsListen>().unwrap().to_string(), text);
        }
        assert_eq!(OpsListen::default().to_string(), "127.0.0.1:8001");
    }
}
