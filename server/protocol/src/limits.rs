//! Every bound of the wire, in one place, with its unit in its name.
//! Each says what happens when it is reached.

/// Longest channel name; longer ones get error 107.
pub const CHANNEL_NAME_MAX_BYTES: usize = 255;
/// Longest member id; longer ones make a token invalid.
pub const MEMBER_ID_MAX_BYTES: usize = 64;
/// Longest idempotency key; longer ones get error 107.
pub const IDEMPOTENCY_KEY_MAX_BYTES: usize = 128;
/// Longest epoch that a client may show; longer ones are unknown epochs.
pub const EPOCH_MAX_BYTES: usize = 32;
/// Largest frame that is read from a client; larger ones close the socket with 1009 before they are buffered.
pub const FRAME_MAX_BYTES: usize = 64 * 1024;
/// Most frames of one message of a client; more close the socket with 1008 before they are buffered.
pub const FRAGMENTS_PER_MESSAGE_MAX: u32 = 64;
/// Most commands in one frame; more close the socket with 3501.
pub const COMMANDS_PER_FRAME_MAX: usize = 256;
/// Largest payload of one publication; larger ones get error 107.
pub const PAYLOAD_MAX_BYTES: usize = 32 * 1024;
/// Most subscriptions of one connection; more get error 106.
pub const SUBSCRIPTIONS_PER_CONNECTION_MAX: usize = 128;
/// Most requests of one connection that wait for an answer; more get error 111.
pub const REQUESTS_IN_FLIGHT_MAX: usize = 256;
/// Most publications in one reply or one page read from the store.
pub const PAGE_MAX_PUBLICATIONS: usize = 300;
/// Most bytes of payload in one reply or one page read from the store; one publication may exceed it alone.
pub const PAGE_MAX_BYTES: usize = 32 * 1024;
/// Deepest nesting of a payload; deeper ones get error 107. A command around it that is deeper closes with 3501.
pub const NESTING_MAX_LEVELS: usize = 64;
/// Most requests a second that one connection may keep up; more get error 111 once the burst is used up.
pub const REQUESTS_MAX_PER_SECOND: u32 = 200;
/// Most requests of one connection at once after a quiet time; the next ones get error 111 for
/// [`REQUESTS_PAUSE_SECONDS`].
pub const REQUESTS_BURST_MAX: u32 = 1_000;
/// How long requests are refused after the burst was used up: long enough for a client to hear of it, so that what it
/// sent behind the first refusal is refused too and its messages keep their order.
pub const REQUESTS_PAUSE_SECONDS: u64 = 1;
/// Most requests that are refused one after the other for coming too fast; the next one closes with 3013.
pub const REFUSALS_IN_A_ROW_MAX: u32 = 1_000;
