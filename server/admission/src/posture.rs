//! How hard pressed the service is, in four steps, and what each step gives up for the sake of the rest.

mod agreement;
mod machine;
mod sheds;
mod signs;

pub use agreement::{Agreed, agreed};
pub(crate) use machine::LIMITS;
pub use machine::{ATTACK_HOLD, PostureMachine, Transition};
pub(crate) use sheds::LIMITS as SHEDS;
pub use signs::{Signs, Trigger};

/// How hard pressed the service is; the later the harder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Posture {
    /// Everything as it should be.
    #[default]
    Normal,
    /// More comes than goes easily.
    Elevated,
    /// A flood; strangers wait, members are served.
    UnderAttack,
    /// What is left goes to the members who are here.
    Survival,
}

impl Posture {
    /// All, from the least to the most.
    pub const ALL: [Self; 4] = [Self::Normal, Self::Elevated, Self::UnderAttack, Self::Survival];

    /// The word for it on the wire, in metrics and in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Elevated => "elevated",
            Self::UnderAttack => "under_attack",
            Self::Survival => "survival",
        }
    }

    /// Reads that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|posture| posture.as_str() == word)
    }

    /// Its number, 0 for normal.
    pub const fn number(self) -> u8 {
        match self {
            Self::Normal => 0,
            Self::Elevated => 1,
            Self::UnderAttack => 2,
            Self::Survival => 3,
        }
    }

    /// The posture with a number; the hardest, if there is none.
    pub const fn from_number(number: u8) -> Self {
        match number {
            0 => Self::Normal,
            1 => Self::Elevated,
            2 => Self::UnderAttack,
            _ => Self::Survival,
        }
    }

    /// One step down; normal is the lowest.
    #[must_use]
    pub const fn below(self) -> Self {
        Self::from_number(self.number().saturating_sub(1))
    }

    /// Whether it is one of the two that mean an attack: an incident is open from the first of them on.
    pub const fn is_attack(self) -> bool {
        self.number() >= Self::UnderAttack.number()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_are_read_as_they_are_written() {
        for posture in Posture::ALL {
            assert_eq!(Posture::parse(posture.as_str()), Some(posture));
            assert_eq!(Posture::from_number(posture.number()), posture);
        }
        for word in ["", "NORMAL", "under attack", "calm"] {
            assert_eq!(Posture::parse(word), None, "{word:?}");
        }
        assert_eq!(Posture::from_number(200), Posture::Survival);
        assert!(Posture::ALL.is_sorted());
    }

    #[test]
    fn it_goes_down_step_by_step_and_no_further_than_normal() {
        let down: Vec<_> = Posture::ALL.into_iter().map(Posture::below).collect();
        assert_eq!(down, [Posture::Normal, Posture::Normal, Posture::Elevated, Posture::UnderAttack]);
    }
}
