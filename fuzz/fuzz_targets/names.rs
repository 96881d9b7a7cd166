//! Names and ids: the documented alphabet and length and nothing else; a channel of a kind is the one its maker makes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::limits::{
    CHANNEL_NAME_MAX_BYTES, EPOCH_MAX_BYTES, IDEMPOTENCY_KEY_MAX_BYTES, MEMBER_ID_MAX_BYTES,
};
use protocol::{ChannelKind, ChannelName, DeviceId, Epoch, IdempotencyKey, MemberId};

const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

fuzz_target!(|text: &str| {
    let fits = |max: usize, others: &str| {
        (1..=max).contains(&text.len()) && text.chars().all(|c| LETTERS.contains(c) || others.contains(c))
    };
    // A lone dash stands for nobody where ids are written down.
    let word = text != "-" && fits(MEMBER_ID_MAX_BYTES, "._-@");
    assert_eq!((MemberId::parse(text).is_ok(), DeviceId::parse(text).is_ok()), (word, word));
    assert_eq!(Epoch::parse(text).is_ok(), fits(EPOCH_MAX_BYTES, "_-"));
    let key = (1..=IDEMPOTENCY_KEY_MAX_BYTES).contains(&text.len())
        && text.chars().all(|c| ('!'..='~').contains(&c));
    assert_eq!(IdempotencyKey::parse(text).is_ok(), key);

    let name = ChannelName::parse(text);
    assert_eq!(name.is_ok(), fits(CHANNEL_NAME_MAX_BYTES, "._:#@-"));
    let read: Result<ChannelName, _> = serde_json::from_value(text.into());
    assert_eq!(read.ok(), name.clone().ok());
    for made in [ChannelName::team(text), ChannelName::region(text)].into_iter().flatten() {
        assert_eq!(ChannelName::parse(made.as_str()), Ok(made));
    }
    let Ok(name) = name else { return };
    assert_eq!(name.as_str(), text);
    let of_kind = match name.kind() {
        None => return,
        Some(ChannelKind::BulletinsAll) => ChannelName::bulletins_all(),
        Some(ChannelKind::BulletinsRegion(region)) => ChannelName::region(&region).expect("a region"),
        Some(ChannelKind::Inbox(member)) => {
            let shown = format!("{name:?}");
            assert_eq!(shown, "inbox#…", "debug output says nothing of the member");
            ChannelName::inbox(&member)
        }
        Some(ChannelKind::ServiceOrganisers) => ChannelName::service_organisers(),
        Some(ChannelKind::ServiceStatus) => ChannelName::service_status(),
        Some(ChannelKind::Team(team)) => ChannelName::team(&team).expect("a team"),
    };
    assert_eq!(of_kind, name);
});
