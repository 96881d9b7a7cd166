//! Whether a device is told of something now, later or never, by what its member chose.

use super::Choice;
use super::subject::Subject;
use protocol::{ChannelName, Timestamp};

/// When a device is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// At that time, when it is to be asked again.
    Later(Timestamp),
    /// Not of this.
    Never,
    /// Now.
    Now,
}

/// Judges. `reads` are those of the subject's channels that the member reads: who mutes all of them is not told. What would be
/// told only when it is over is never told.
pub fn verdict(subject: &Subject, choice: &Choice, reads: &[ChannelName], now: Timestamp) -> Verdict {
    let is_muted = !reads.is_empty() && reads.iter().all(|channel| choice.muted.contains(channel));
    if is_muted || subject.ends <= now {
        return Verdict::Never;
    }
    let breaks_quiet = subject.is_urgent && choice.urgent_breaks_quiet;
    match choice.quiet.as_ref().filter(|_| !breaks_quiet).and_then(|quiet| quiet.ends(now)) {
        None => Verdict::Now,
        Some(end) if end >= subject.ends => Verdict::Never,
        Some(end) => Verdict::Later(end),
    }
}
