//! The dense driver of `session`: a worker's plain sockets, taken over from HTTP at their upgrade, without a task, a timer or
//! a buffer of their own. One epoll instance a worker says which of them are ready; the fan-out writes to them as it
//! walks; what the kernel does not take at once is kept until it does.

mod alarms;
mod connection;
mod farewell;
mod plain;
mod sockets;

pub(crate) use plain::PlainSocket;
pub(crate) use sockets::{Key, LIMITS, Newcomer, Sockets};
