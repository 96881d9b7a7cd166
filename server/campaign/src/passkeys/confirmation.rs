//! What an organiser's device may now: all that its member may within hours of a passkey that was shown on it, what reaches
//! many within minutes, and else what an activist may.

use identity::principal::{has_organising, without_organising};
use protocol::{Role, Timestamp};
use std::time::Duration;
use storage::records::device::Device;

protocol::limits! {
    /// How long an organiser may do what their roles say after a passkey was shown on their device; then what an activist
    /// may.
    pub const CONFIRMED_FOR: Duration = Duration::from_hours(12) => unseen;
    /// How long they may do what takes a passkey that was shown a moment ago.
    pub const STEPPED_UP_FOR: Duration = Duration::from_mins(5) => unseen;
    /// How long after joining the first passkey may be registered on the device without anybody's help.
    pub const FIRST_PASSKEY_WITHIN: Duration = Duration::from_mins(15) => unseen;
}

/// Whether organisers show passkeys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Demand {
    /// Organisers who do not are activists until they do.
    #[default]
    Required,
    /// They may; the campaign's own sign-on asks for a second factor.
    Optional,
}

/// What is known of a device's key and of passkeys on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Confirmation {
    /// Whether the device is bound to a key.
    pub is_bound: bool,
    /// When a passkey was shown on it last.
    pub at: Option<Timestamp>,
    /// Until when the first passkey may be registered on it.
    pub registers_until: Option<Timestamp>,
}

impl Confirmation {
    /// What a device's record says.
    pub const fn of(device: &Device) -> Self {
        Self {
            is_bound: device.key.is_some(),
            at: device.confirmed_at,
            registers_until: device.registers_until,
        }
    }

    /// Until when it counts, if it does now. On a device without a key it never does: whoever has the cookie would have it
    /// all.
    pub fn confirmed_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.lasting(CONFIRMED_FOR, now)
    }

    /// Until when it counts for what takes a passkey that was shown a moment ago, if it does now.
    pub fn stepped_up_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.lasting(STEPPED_UP_FOR, now)
    }

    fn lasting(&self, time: Duration, now: Timestamp) -> Option<Timestamp> {
        let until = self.at.filter(|_| self.is_bound)?.after(time);
        (until > now).then_some(until)
    }
}

impl Demand {
    /// Whether somebody with these roles has to show a passkey.
    pub fn is_made_of(self, roles: &[Role]) -> bool {
        self == Self::Required && has_organising(roles)
    }

    /// The roles that count on a device now.
    pub fn roles_now(self, roles: &[Role], confirmation: &Confirmation, now: Timestamp) -> Vec<Role> {
        if self.is_made_of(roles) && confirmation.confirmed_until(now).is_none() {
            without_organising(roles)
        } else {
            roles.to_vec()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
    const ROLES: &[Role] = &[Role::Activist, Role::Admin];

    fn confirmed() -> Confirmation {
        Confirmation { is_bound: true, at: Some(NOW), registers_until: None }
    }

    #[test]
    fn twelve_hours_after_a_passkey_an_organiser_is_an_activist_again() {
        let roles = |at| Demand::Required.roles_now(ROLES, &confirmed(), at);
        let last = Timestamp::from_millis(NOW.after(CONFIRMED_FOR).as_millis() - 1);
        assert_eq!(roles(last), ROLES);
        assert_eq!(roles(NOW.after(CONFIRMED_FOR)), [Role::Activist]);
    }

    #[test]
    fn a_step_up_runs_out_after_five_minutes() {
        let last = Timestamp::from_millis(NOW.after(STEPPED_UP_FOR).as_millis() - 1);
        assert_eq!(confirmed().stepped_up_until(last), Some(NOW.after(STEPPED_UP_FOR)));
        assert_eq!(confirmed().stepped_up_until(NOW.after(STEPPED_UP_FOR)), None);
    }

    #[test]
    fn a_passkey_on_a_device_without_a_key_confirms_nothing() {
        let unbound = Confirmation { is_bound: false, ..confirmed() };
        assert_eq!(Demand::Required.roles_now(ROLES, &unbound, NOW), [Role::Activist]);
        assert_eq!(unbound.stepped_up_until(NOW), None);
    }

    #[test]
    fn nobody_else_is_asked_and_where_passkeys_are_optional_nobody_is() {
        let nothing = Confirmation::default();
        for roles in [vec![Role::Activist], vec![Role::Observer]] {
            assert!(!Demand::Required.is_made_of(&roles));
            assert_eq!(Demand::Required.roles_now(&roles, &nothing, NOW), roles);
        }
        assert_eq!(Demand::Optional.roles_now(ROLES, &nothing, NOW), ROLES);
    }
}
