//! What one may read and post: decided by membership and role, channel by channel.

use crate::principal::Principal;
use protocol::{ChannelKind, ChannelName, Lane, Role};

/// Whether this member may read the channel. `kind` is the channel's own.
pub fn may_read(principal: &Principal, channel: &ChannelName, kind: &ChannelKind) -> bool {
    let by_membership = match kind {
        ChannelKind::BulletinsAll | ChannelKind::ServiceStatus => true,
        ChannelKind::BulletinsRegion(region) => {
            principal.is_organiser() || principal.regions.contains(region)
        }
        ChannelKind::Inbox(owner) => principal.member == *owner,
        ChannelKind::ServiceOrganisers => principal.is_organiser(),
        ChannelKind::Team(team) => principal.teams.contains(team),
    };
    by_membership || (kind.opens_to_tokens() && principal.channels.contains(channel))
}

/// Whether this member may post to a channel of this kind.
pub fn may_post(principal: &Principal, kind: &ChannelKind) -> bool {
    match kind {
        ChannelKind::BulletinsAll | ChannelKind::BulletinsRegion(_) => principal.has(Role::Sender),
        ChannelKind::Inbox(_) => principal.is_organiser(),
        ChannelKind::ServiceOrganisers | ChannelKind::ServiceStatus => false,
        ChannelKind::Team(team) => {
            let reads_only = principal.roles.iter().all(|role| *role == Role::Observer);
            principal.teams.contains(team) && !reads_only
        }
    }
}

/// How many people it takes to reach many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hands {
    /// Whoever may post.
    #[default]
    One,
    /// Two: bulletins and what is urgent go where they are approved, and nobody publishes them by themselves.
    Two,
}

impl Hands {
    /// Whether somebody who may post to a channel of this kind may do so by themselves, in this lane. A region is no
    /// exception: all regions, one after the other, are everybody.
    pub const fn may_post_alone(self, kind: &ChannelKind, lane: Lane) -> bool {
        match self {
            Self::One => true,
            Self::Two => {
                let is_bulletin = matches!(kind, ChannelKind::BulletinsAll | ChannelKind::BulletinsRegion(_));
                !is_bulletin && !matches!(lane, Lane::Urgent)
            }
        }
    }
}

/// The channels that this member reads by membership and whether they may post there: what an app shows.
/// `service:status` and `service:organisers` are not among them, because connections have them by themselves.
pub fn channels_of(principal: &Principal) -> Vec<(ChannelName, bool)> {
    let regions = principal.regions.iter().filter_map(|region| ChannelName::region(region).ok());
    let teams = principal.teams.iter().filter_map(|team| ChannelName::team(team).ok());
    std::iter::once(ChannelName::bulletins_all())
        .chain(regions)
        .chain(teams)
        .chain(std::iter::once(ChannelName::inbox(&principal.member)))
        .filter_map(|channel| {
            let kind = channel.kind()?;
            let own_inbox = matches!(kind, ChannelKind::Inbox(_));
            let may_post = may_post(principal, &kind) && !own_inbox;
            Some((channel, may_post))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{MemberId, Timestamp};

    fn member(roles: &[Role]) -> Principal {
        Principal {
            is_guarded: false,
            stepped_up_until: None,
            member: MemberId::parse("m_1").unwrap(),
            roles: roles.to_vec(),
            regions: vec!["north".into()],
            teams: vec!["leaflets".into()],
            channels: vec![ChannelName::parse("teams:press").unwrap()],
            device: None,
            generation: 0,
            posts_until: Timestamp::default(),
            expires_at: Timestamp::default(),
        }
    }

    fn rights(principal: &Principal, name: &str) -> (bool, bool) {
        let channel = ChannelName::parse(name).unwrap();
        let kind = channel.kind().unwrap();
        (may_read(principal, &channel, &kind), may_post(principal, &kind))
    }

    #[test]
    fn an_activist_reads_what_is_for_them_and_posts_in_own_teams() {
        let activist = member(&[Role::Activist]);
        for (channel, expected) in [
            ("bulletins:all", (true, false)),
            ("bulletins:region.north", (true, false)),
            ("bulletins:region.south", (false, false)),
            ("teams:leaflets", (true, true)),
            ("teams:other", (false, false)),
            ("inbox#m_1", (true, false)),
            ("inbox#m_2", (false, false)),
            ("service:status", (true, false)),
            ("service:organisers", (false, false)),
        ] {
            assert_eq!(rights(&activist, channel), expected, "{channel}");
        }
    }

    #[test]
    fn a_channel_that_the_token_lists_may_be_read_but_not_posted_to() {
        assert_eq!(rights(&member(&[Role::Activist]), "teams:press"), (true, false));
    }

    #[test]
    fn a_sender_posts_bulletins_everywhere_and_writes_to_inboxes() {
        let sender = member(&[Role::Sender]);
        for channel in ["bulletins:all", "bulletins:region.south", "inbox#m_2"] {
            assert!(rights(&sender, channel).1, "{channel}");
        }
        assert!(!rights(&sender, "inbox#m_2").0);
    }

    #[test]
    fn organisers_alone_read_what_the_server_tells_them_whatever_a_token_lists() {
        for (role, reads) in [
            (Role::Activist, false),
            (Role::Observer, false),
            (Role::Sender, true),
            (Role::Approver, true),
            (Role::Admin, true),
        ] {
            let mut principal = member(&[role]);
            principal.channels.push(ChannelName::service_organisers());
            assert_eq!(rights(&principal, "service:organisers"), (reads, false), "{role:?}");
        }
    }

    #[test]
    fn nobody_but_the_server_posts_to_its_channels_and_an_observer_posts_nowhere() {
        let everything = [Role::Activist, Role::Admin, Role::Approver, Role::Observer, Role::Sender];
        for channel in ["service:organisers", "service:status"] {
            assert!(!rights(&member(&everything), channel).1, "{channel}");
        }
        for channel in ["bulletins:all", "teams:leaflets", "inbox#m_1"] {
            assert!(!rights(&member(&[Role::Observer]), channel).1, "{channel}");
        }
    }
}
