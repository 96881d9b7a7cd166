//! The scenarios that come with the tool.

/// Name and text of each, in the order in which they are told.
pub(crate) const SHIPPED: &[(&str, &str)] = &[
    ("baseline", include_str!("../../scenarios/baseline.toml")),
    ("connect-storm", include_str!("../../scenarios/connect-storm.toml")),
    ("broadcast-1k", include_str!("../../scenarios/broadcast-1k.toml")),
    ("broadcast-10k", include_str!("../../scenarios/broadcast-10k.toml")),
    ("broadcast-10k-tls", include_str!("../../scenarios/broadcast-10k-tls.toml")),
    ("broadcast-10k-redis", include_str!("../../scenarios/broadcast-10k-redis.toml")),
    ("broadcast-18k", include_str!("../../scenarios/broadcast-18k.toml")),
    ("broadcast-100k", include_str!("../../scenarios/broadcast-100k.toml")),
    ("many-channels", include_str!("../../scenarios/many-channels.toml")),
    ("catch-up", include_str!("../../scenarios/catch-up.toml")),
    ("slow-readers", include_str!("../../scenarios/slow-readers.toml")),
    ("reconnect-storm", include_str!("../../scenarios/reconnect-storm.toml")),
    ("redis-restart", include_str!("../../scenarios/redis-restart.toml")),
    ("publish-flood", include_str!("../../scenarios/publish-flood.toml")),
    ("soak", include_str!("../../scenarios/soak.toml")),
    ("versus", include_str!("../../scenarios/versus.toml")),
    ("versus-sixteen", include_str!("../../scenarios/versus-sixteen.toml")),
    ("memory", include_str!("../../scenarios/memory.toml")),
    ("connect", include_str!("../../scenarios/connect.toml")),
    ("catch-up-at-once", include_str!("../../scenarios/catch-up-at-once.toml")),
    ("never-reading", include_str!("../../scenarios/never-reading.toml")),
    ("publish-64", include_str!("../../scenarios/publish-64.toml")),
    ("publish-one", include_str!("../../scenarios/publish-one.toml")),
    ("growth-channels", include_str!("../../scenarios/growth-channels.toml")),
    ("growth-subscribers", include_str!("../../scenarios/growth-subscribers.toml")),
    ("growth-history", include_str!("../../scenarios/growth-history.toml")),
    ("million", include_str!("../../scenarios/million.toml")),
    ("attack-connect-flood", include_str!("../../scenarios/attack-connect-flood.toml")),
    ("attack-forged-tickets", include_str!("../../scenarios/attack-forged-tickets.toml")),
    ("attack-slow-heads", include_str!("../../scenarios/attack-slow-heads.toml")),
    ("attack-join-flood", include_str!("../../scenarios/attack-join-flood.toml")),
    ("attack-publish-flood", include_str!("../../scenarios/attack-publish-flood.toml")),
    ("attack-subscription-flood", include_str!("../../scenarios/attack-subscription-flood.toml")),
    ("attack-never-reading", include_str!("../../scenarios/attack-never-reading.toml")),
    ("attack-shared-address", include_str!("../../scenarios/attack-shared-address.toml")),
    ("attack-redis-paused", include_str!("../../scenarios/attack-redis-paused.toml")),
    ("attack-all-at-once", include_str!("../../scenarios/attack-all-at-once.toml")),
];

/// The text of a scenario by its name.
pub(crate) fn shipped(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find_map(|(known, text)| (*known == name).then_some(*text))
}
