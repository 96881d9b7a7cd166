//! Which positions of former epochs are still part of a history.
//!
//! As Kafka's leader-epoch checkpoints (KIP-101): for each life of the log, where it began to write. A client that
//! comes back with an old epoch continues if its offset lies before everything that a later life wrote.

use protocol::{Epoch, Offset, StreamPosition};

/// The first offset that one life of the log wrote in a channel. Lives are numbered in the order they began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstWrite {
    /// The number of the life.
    pub life: u64,
    /// Its first offset.
    pub offset: Offset,
}

/// Where a position stands towards the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Beyond what survived of its epoch.
    Beyond,
    /// On the common prefix: reading on from it is right.
    OnPrefix,
    /// Of an epoch that the history does not know.
    UnknownEpoch,
}

/// The last offset of `life` that is still part of the log, given what each life wrote first, in order.
pub fn survived(first_writes: &[FirstWrite], life: u64, top: Offset) -> Offset {
    first_writes.iter().find(|write| write.life > life).map_or(top, |write| write.offset.previous())
}

/// Judges a position. `life_of` finds the number of an epoch's life.
pub fn judge(
    position: &StreamPosition,
    life_of: impl Fn(&Epoch) -> Option<u64>,
    first_writes: &[FirstWrite],
    top: Offset,
) -> Standing {
    match life_of(&position.epoch) {
        None => Standing::UnknownEpoch,
        Some(life) if position.offset <= survived(first_writes, life, top) => Standing::OnPrefix,
        Some(_) => Standing::Beyond,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(epoch: &str, offset: u64) -> Standing {
        // Lives 0 (a: 1–80), 1 (b: wrote nothing here), 2 (c: 81–100).
        let writes =
            [FirstWrite { life: 0, offset: Offset::new(1) }, FirstWrite { life: 2, offset: Offset::new(81) }];
        let life_of = |epoch: &Epoch| match epoch.as_str() {
            "a" => Some(0),
            "b" => Some(1),
            "c" => Some(2),
            _ => None,
        };
        let position = StreamPosition { epoch: Epoch::parse(epoch).unwrap(), offset: Offset::new(offset) };
        judge(&position, life_of, &writes, Offset::new(100))
    }

    #[test]
    fn a_position_before_the_next_life_began_to_write_continues() {
        assert_eq!(standing("a", 80), Standing::OnPrefix);
        assert_eq!(standing("b", 80), Standing::OnPrefix);
        assert_eq!(standing("c", 100), Standing::OnPrefix);
        assert_eq!(standing("a", 0), Standing::OnPrefix);
    }

    #[test]
    fn a_position_that_a_later_life_overwrote_is_beyond() {
        assert_eq!(standing("a", 81), Standing::Beyond);
        assert_eq!(standing("b", 81), Standing::Beyond);
        assert_eq!(standing("c", 101), Standing::Beyond);
    }

    #[test]
    fn an_epoch_that_was_never_ours_is_unknown() {
        assert_eq!(standing("z", 0), Standing::UnknownEpoch);
    }
}
