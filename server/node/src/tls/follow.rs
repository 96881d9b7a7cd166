//! When files that changed are to be judged: after two looks that saw the same, or at once if the operator asks.

/// What the looks at the files saw.
#[derive(Debug)]
pub(super) struct Follow {
    /// What is in use, or was refused.
    judged: u64,
    /// What the latest look saw.
    seen: u64,
}

/// What to do about what a look saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Take it, or refuse it and say so.
    Judge,
    /// It is known, or it may be half of a replacement.
    Leave,
}

impl Follow {
    /// From the files that are in use.
    pub(super) fn new(in_use: u64) -> Self {
        Self { judged: in_use, seen: in_use }
    }

    /// Takes what a look saw. Two files are never replaced at one moment, and a file may be seen half-written: what
    /// changes must first stay the same.
    pub(super) fn saw(&mut self, seen: u64, is_asked: bool) -> Look {
        let has_settled = seen == self.seen;
        self.seen = seen;
        if is_asked || (has_settled && seen != self.judged) {
            self.judged = seen;
            return Look::Judge;
        }
        Look::Leave
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_do_not_change_are_left() {
        let mut follow = Follow::new(1);
        assert_eq!([follow.saw(1, false), follow.saw(1, false)], [Look::Leave; 2]);
    }

    #[test]
    fn a_change_is_judged_once_when_two_looks_saw_it() {
        let mut follow = Follow::new(1);
        let looks = [2, 3, 3, 3].map(|seen| follow.saw(seen, false));
        assert_eq!(looks, [Look::Leave, Look::Leave, Look::Judge, Look::Leave]);
    }

    #[test]
    fn who_asks_gets_a_judgement_at_once_and_each_time() {
        let mut follow = Follow::new(1);
        assert_eq!(
            [follow.saw(2, true), follow.saw(2, true), follow.saw(2, false)],
            [Look::Judge, Look::Judge, Look::Leave]
        );
    }

    #[test]
    fn going_back_to_what_was_in_use_is_a_change_too() {
        let mut follow = Follow::new(1);
        assert_eq!(
            [follow.saw(2, true), follow.saw(1, false), follow.saw(1, false)],
            [Look::Judge, Look::Leave, Look::Judge]
        );
    }
}
