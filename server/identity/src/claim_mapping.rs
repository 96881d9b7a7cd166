//! What a campaign's own sign-on says of somebody, as roles, regions and teams here: which claims are read, and how much
//! they may give at most.

use protocol::{ChannelName, Role};
use serde_json::{Map, Value};

protocol::limits! {
    /// Most values of one claim that are looked at; further ones are left out.
    pub const CLAIM_VALUES_MAX: usize = 256 => unseen;
    /// Most regions or teams that claims give somebody; further ones are left out.
    pub const CLAIMED_LABELS_MAX: usize = 32 => unseen;
    /// Longest region or team that a claim gives; longer ones are left out.
    pub const CLAIMED_LABEL_MAX_BYTES: usize = 64 => unseen;
}

/// Which claims are read, and what they may give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimMapping {
    /// The claim that has roles: its name, or a way to it, such as `realm_access.roles`.
    pub roles: String,
    /// The claim that has regions.
    pub regions: String,
    /// The claim that has teams.
    pub teams: String,
    /// The roles that claims may give; others are left out, whatever the issuer says.
    pub roles_max: Vec<Role>,
}

/// What claims give, sorted and each once. Without a role it is nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MappedRights {
    /// What they may do.
    pub roles: Vec<Role>,
    /// Whose bulletins they read.
    pub regions: Vec<String>,
    /// Where they read and post.
    pub teams: Vec<String>,
}

impl ClaimMapping {
    /// What these claims give. What is unknown here, or no name of a region or team, is left out.
    pub fn rights(&self, claims: &Map<String, Value>) -> MappedRights {
        let known = |word: &str| word.parse::<Role>().ok().filter(|role| self.roles_max.contains(role));
        let mut roles: Vec<Role> = words(claims, &self.roles).filter_map(known).collect();
        roles.sort_unstable();
        roles.dedup();
        MappedRights { roles, regions: labels(claims, &self.regions), teams: labels(claims, &self.teams) }
    }
}

fn labels(claims: &Map<String, Value>, name: &str) -> Vec<String> {
    let mut labels: Vec<String> =
        words(claims, name).filter(|word| is_label(word)).map(str::to_owned).collect();
    labels.sort_unstable();
    labels.dedup();
    labels.truncate(CLAIMED_LABELS_MAX);
    labels
}

fn is_label(word: &str) -> bool {
    let is_channel = |name: ChannelName| name.kind().is_some();
    word.len() <= CLAIMED_LABEL_MAX_BYTES && ChannelName::team(word).is_ok_and(is_channel)
}

/// The texts of a claim: one, or those of a list.
fn words<'a>(claims: &'a Map<String, Value>, name: &str) -> impl Iterator<Item = &'a str> {
    let value = found(claims, name);
    let one = value.and_then(Value::as_str);
    let several = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    one.into_iter().chain(several.iter().filter_map(Value::as_str)).take(CLAIM_VALUES_MAX)
}

/// The claim of this name; else what stands at the end of the way that its dots make. Names with dots are usual: they are
/// addresses (`OpenID` Connect Core, section 5.1.2).
fn found<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(name) {
        return Some(value);
    }
    let (first, rest) = name.split_once('.')?;
    let first = claims.get(first)?;
    rest.split('.').try_fold(first, |value, part| value.as_object()?.get(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn mapping() -> ClaimMapping {
        ClaimMapping {
            roles: "realm_access.roles".to_owned(),
            regions: "https://campaign.example/regions".to_owned(),
            teams: "teams".to_owned(),
            roles_max: vec![Role::Activist, Role::Sender],
        }
    }

    fn rights(claims: &Value) -> MappedRights {
        mapping().rights(claims.as_object().unwrap())
    }

    #[test]
    fn claims_give_roles_regions_and_teams_and_what_is_unknown_is_left_out() {
        let claims = json!({
            "realm_access": {"roles": ["sender", "king", "offline_access", "activist", "sender", 7]},
            "https://campaign.example/regions": ["south", "north", "a b", "", "south"],
            "teams": "press",
        });
        let expected = MappedRights {
            roles: vec![Role::Activist, Role::Sender],
            regions: vec!["north".to_owned(), "south".to_owned()],
            teams: vec!["press".to_owned()],
        };
        assert_eq!(rights(&claims), expected);
    }

    #[test]
    fn never_more_than_the_campaign_said() {
        let claims = json!({"realm_access": {"roles": ["admin", "approver", "sender"]}});
        assert_eq!(rights(&claims).roles, vec![Role::Sender]);
        let long = "x".repeat(CLAIMED_LABEL_MAX_BYTES + 1);
        let many: Vec<String> = (0..1_000).map(|n| format!("team-{n}")).collect();
        assert_eq!(rights(&json!({"teams": many})).teams.len(), CLAIMED_LABELS_MAX);
        assert_eq!(rights(&json!({"teams": [long]})), MappedRights::default());
    }

    #[test]
    fn nonsense_gives_nothing() {
        for claims in [
            json!({}),
            json!({"realm_access": "roles"}),
            json!({"realm_access": {"roles": {"sender": true}}}),
            json!({"realm_access": [{"roles": ["sender"]}], "teams": null}),
        ] {
            assert_eq!(rights(&claims), MappedRights::default(), "{claims}");
        }
    }
}
