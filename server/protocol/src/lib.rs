//! What crosses the wire: the stream-subscription part of the Centrifuge client protocol v2
//! (github.com/centrifugal/protocol, `definitions/client.proto`), as plain types and their two forms: JSON and Protobuf.
//!
//! No I/O, no async, no clock: everything here can be tested with values alone.

pub mod channel;
pub mod command;
pub mod decode_error;
pub mod disconnect;
pub mod encoded_frame;
pub mod encoding;
pub mod error_code;
pub mod frame_guard;
pub mod ids;
pub mod json;
pub mod lane;
pub mod limits;
pub mod message;
pub mod payload;
pub mod position;
pub mod protobuf;
pub mod publication;
pub mod push;
pub mod recovery;
pub mod reply;
pub mod role;
pub mod rpc;
mod shape;
pub mod timestamp;

pub use channel::{ChannelKind, ChannelName, InvalidChannel};
pub use command::{Command, Request};
pub use decode_error::DecodeError;
pub use disconnect::{Disconnect, Reconnect};
pub use encoded_frame::EncodedFrame;
pub use encoding::Encoding;
pub use error_code::ErrorCode;
pub use frame_guard::{FrameGuard, MessageBounds};
pub use ids::{ClientId, DeviceId, IdempotencyKey, InvalidId, MemberId};
pub use lane::Lane;
pub use message::Message;
pub use payload::{InvalidPayload, Payload};
pub use position::{Epoch, Offset, StreamPosition};
pub use publication::{ClientInfo, Publication};
pub use push::Push;
pub use recovery::{GapReason, Page, PageLimit, Replay, Since};
pub use reply::{Reply, ReplyBody};
pub use role::Role;
pub use timestamp::Timestamp;
