//! Notices that wait to be told: one for each subject, the latest of it, in the order in which subjects came.

use super::Notice;
use campaign::bulletin::BulletinId;
use campaign::conversation::ConversationId;
use evidence::incident::IncidentId;
use std::collections::VecDeque;

protocol::limits! {
    /// Notices that a node tells organisers' screens in a second; further ones wait, joined by what they are about.
    pub(super) const NOTICES_PER_SECOND: usize = 20 => shown "holdfast_notices_waiting";
    /// Subjects of which a notice waits; of a further one none is told, and screens are told to look for themselves.
    const NOTICES_WAITING_MAX: usize = 1_024 => shown "holdfast_notices_lost";
}

/// What waits, and what came of the rest.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    notices: VecDeque<Notice>,
    figures: Figures,
}

/// How notices fare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Figures {
    /// Those that are in the log.
    pub(crate) told: u64,
    /// Those that wait.
    pub(crate) waiting: usize,
    /// Those that were left out.
    pub(crate) lost: u64,
}

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject<'a> {
    AuditHead,
    Bulletin(&'a BulletinId),
    Conversation(&'a ConversationId),
    Incident(&'a IncidentId),
    Lapse,
}

impl Waiting {
    /// Takes a notice; of two about one subject the later stays, in the place of the first.
    pub(super) fn note(&mut self, notice: Notice) {
        if let Some(known) = self.notices.iter_mut().find(|known| known.subject() == notice.subject()) {
            if !known.is_later_than(&notice) {
                *known = notice;
            }
        } else if self.notices.len() < NOTICES_WAITING_MAX {
            self.notices.push_back(notice);
        } else {
            self.lose();
        }
    }

    /// The next to be told.
    pub(super) fn take(&mut self) -> Option<Notice> {
        self.notices.pop_front()
    }

    /// It could not be told: it is the next again, unless there is a later one.
    pub(super) fn give_back(&mut self, notice: Notice) {
        if self.notices.iter().all(|known| known.subject() != notice.subject()) {
            self.notices.push_front(notice);
        }
        if self.notices.len() > NOTICES_WAITING_MAX {
            self.notices.pop_back();
            self.lose();
        }
    }

    /// One that was taken is in the log.
    pub(super) const fn told(&mut self) {
        self.figures.told = self.figures.told.saturating_add(1);
    }

    pub(super) fn figures(&self) -> Figures {
        Figures { waiting: self.notices.len(), ..self.figures }
    }

    /// Says once among those that wait that some are missing: as the last, in the place of another.
    fn lose(&mut self) {
        self.figures.lost = self.figures.lost.saturating_add(1);
        if self.notices.iter().all(|known| known.subject() != Subject::Lapse) {
            if self.notices.len() >= NOTICES_WAITING_MAX {
                self.notices.pop_back();
                self.figures.lost = self.figures.lost.saturating_add(1);
            }
            self.notices.push_back(Notice::Lapsed);
        }
    }
}

impl Notice {
    fn subject(&self) -> Subject<'_> {
        match self {
            Self::AuditHead(_) => Subject::AuditHead,
            Self::Bulletin { id, .. } => Subject::Bulletin(id),
            Self::Conversation { id, .. } => Subject::Conversation(id),
            Self::Incident { id, .. } => Subject::Incident(id),
            Self::Lapsed => Subject::Lapse,
        }
    }

    /// Whether it tells of something later, as of two requests either may report first.
    const fn is_later_than(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Conversation { revision, .. }, Self::Conversation { revision: other, .. }) => {
                *revision > *other
            }
            (Self::Bulletin { revision, .. }, Self::Bulletin { revision: other, .. }) => *revision > *other,
            (
                Self::AuditHead(_)
                | Self::Bulletin { .. }
                | Self::Conversation { .. }
                | Self::Incident { .. }
                | Self::Lapsed,
                _,
            ) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use campaign::conversation::About;
    use protocol::MemberId;

    fn conversation(member: usize, revision: u64) -> Notice {
        let member = MemberId::parse(&format!("m_{member}")).unwrap();
        Notice::Conversation { id: ConversationId::new(member, About::General), revision }
    }

    fn said(waiting: &mut Waiting) -> Vec<String> {
        std::iter::from_fn(|| waiting.take()).map(|notice| serde_json::to_string(&notice).unwrap()).collect()
    }

    #[test]
    fn of_one_subject_the_latest_is_told_and_subjects_keep_their_order() {
        let mut waiting = Waiting::default();
        for notice in [conversation(1, 1), conversation(2, 1), conversation(1, 3), conversation(1, 2)] {
            waiting.note(notice);
        }
        let said = said(&mut waiting);
        assert_eq!(said.len(), 2);
        assert!(said[0].contains("m_1") && said[0].contains("\"revision\":3"), "{said:?}");
        assert!(said[0].starts_with("{\"kind\":\"conversation\",\"id\":"), "{said:?}");
        assert!(said[1].contains("m_2"), "{said:?}");
    }

    #[test]
    fn what_could_not_be_told_is_the_next_again_unless_something_later_waits() {
        let mut waiting = Waiting::default();
        waiting.note(conversation(1, 1));
        waiting.note(conversation(2, 1));
        let first = waiting.take().unwrap();
        waiting.give_back(first);
        let first = waiting.take().unwrap();
        waiting.note(conversation(1, 2));
        waiting.give_back(first);
        let said = said(&mut waiting);
        assert_eq!(said.len(), 2);
        assert!(said[0].contains("m_2") && said[1].contains("\"revision\":2"), "{said:?}");
    }

    #[test]
    fn at_the_bound_screens_are_told_once_to_look_for_themselves() {
        let mut waiting = Waiting::default();
        for member in 0..NOTICES_WAITING_MAX + 5 {
            waiting.note(conversation(member, 1));
        }
        assert_eq!(waiting.figures(), Figures { told: 0, waiting: NOTICES_WAITING_MAX, lost: 6 });
        let said = said(&mut waiting);
        assert_eq!(said.iter().filter(|notice| *notice == r#"{"kind":"lapsed"}"#).count(), 1);
        assert_eq!(said.last().unwrap(), r#"{"kind":"lapsed"}"#);
    }
}
