//! What a member may do and read, as it is asked for: parsed once, then trusted.

use protocol::{ChannelName, Role};

protocol::limits! {
    /// Most roles, regions or teams of one member or invite; more are refused with 400.
    pub const RIGHTS_MAX: usize = 32 => unseen;
    /// Longest name of a region or team, so that an access token can hold all of them; longer ones get 400.
    pub const LABEL_MAX_BYTES: usize = 64 => unseen;
}

/// Roles, regions and teams.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    /// What they may do; sorted, each once.
    pub roles: Vec<Role>,
    /// Whose bulletins they read; sorted, each once.
    pub regions: Vec<String>,
    /// Where they read and post; sorted, each once.
    pub teams: Vec<String>,
}

/// Why rights make no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRights {
    /// Nobody has none.
    #[error("a member has at least one role")]
    NoRole,
    /// A region or team has a name that a channel cannot have, or there are too many.
    #[error("a region or team is 1 to 64 of A-Z a-z 0-9 . _ -, and there are at most 32")]
    Label,
}

impl Rights {
    /// Rights that make sense.
    pub fn new(
        mut roles: Vec<Role>,
        mut regions: Vec<String>,
        mut teams: Vec<String>,
    ) -> Result<Self, InvalidRights> {
        let is_too_many = |count: usize| count > RIGHTS_MAX;
        if roles.is_empty() || is_too_many(roles.len()) {
            return Err(InvalidRights::NoRole);
        }
        if is_too_many(regions.len().max(teams.len()))
            || !regions.iter().chain(&teams).all(|name| is_label(name))
        {
            return Err(InvalidRights::Label);
        }
        roles.sort_unstable();
        roles.dedup();
        for labels in [&mut regions, &mut teams] {
            labels.sort_unstable();
            labels.dedup();
        }
        Ok(Self { roles, regions, teams })
    }
}

fn is_label(name: &str) -> bool {
    let fits = ChannelName::team(name).is_ok_and(|channel| channel.kind().is_some());
    fits && name.len() <= LABEL_MAX_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_in_order_and_each_once() {
        let labels = |labels: &[&str]| labels.iter().map(|&label| label.to_owned()).collect::<Vec<_>>();
        let rights = Rights::new(
            vec![Role::Sender, Role::Activist, Role::Sender],
            labels(&["south", "north", "south"]),
            vec![],
        );
        let rights = rights.unwrap();
        assert_eq!(rights.roles, [Role::Activist, Role::Sender]);
        assert_eq!(rights.regions, ["north", "south"]);
    }

    #[test]
    fn rights_without_a_role_or_with_names_that_no_channel_has_make_no_sense() {
        let rights =
            |roles: &[Role], region: &str| Rights::new(roles.to_vec(), vec![region.to_owned()], vec![]);
        assert_eq!(rights(&[], "north"), Err(InvalidRights::NoRole));
        for region in ["", "a b", "ä", "a:b", &"x".repeat(LABEL_MAX_BYTES + 1)] {
            assert_eq!(rights(&[Role::Activist], region), Err(InvalidRights::Label), "{region:?}");
        }
        let many = vec!["t".to_owned(); RIGHTS_MAX + 1];
        assert_eq!(Rights::new(vec![Role::Activist], vec![], many), Err(InvalidRights::Label));
    }
}
