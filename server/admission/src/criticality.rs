//! What is lost if somebody is refused: the coarse half of a level.

/// How much depends on a request, most first (Google SRE, "Handling Overload"; here six classes, of which the first
/// three are never shed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Criticality {
    /// Health, operators, postures.
    Control,
    /// An organiser who shows a ticket.
    Organiser,
    /// A member who shows a ticket: they were there, and come back.
    Returning,
    /// A member without a ticket: a new device, or one that was away for long.
    Member,
    /// Somebody with an invite.
    Newcomer,
    /// Nobody knows who.
    Stranger,
}

impl Criticality {
    /// All, most critical first.
    pub const ALL: [Self; 6] =
        [Self::Control, Self::Organiser, Self::Returning, Self::Member, Self::Newcomer, Self::Stranger];

    /// Its number, 0 for what is most critical.
    pub const fn number(self) -> u16 {
        match self {
            Self::Control => 0,
            Self::Organiser => 1,
            Self::Returning => 2,
            Self::Member => 3,
            Self::Newcomer => 4,
            Self::Stranger => 5,
        }
    }

    /// Whether it is served at any load: a threshold never falls below it.
    pub const fn is_never_shed(self) -> bool {
        self.number() <= Self::Returning.number()
    }

    /// The word for it in metrics and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Organiser => "organiser",
            Self::Returning => "returning",
            Self::Member => "member",
            Self::Newcomer => "newcomer",
            Self::Stranger => "stranger",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_in_the_order_of_their_numbers() {
        for (number, class) in (0..).zip(Criticality::ALL) {
            assert_eq!(class.number(), number);
        }
        assert!(Criticality::ALL.is_sorted());
    }

    #[test]
    fn whoever_shows_a_ticket_is_never_shed() {
        let kept: Vec<_> = Criticality::ALL.into_iter().filter(|class| class.is_never_shed()).collect();
        assert_eq!(kept, [Criticality::Control, Criticality::Organiser, Criticality::Returning]);
    }
}
