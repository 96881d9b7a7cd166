//! All bounds of the project, for documents and metrics. Each is defined beside what it bounds.

use protocol::limits::{Bound, Limit, REACHED_METRIC, Seen};
use std::time::Duration;

/// Bounds that belong together.
struct Group {
    title: &'static str,
    limits: &'static [&'static [Limit]],
}

const GROUPS: [Group; 11] = [
    Group { title: "On the wire", limits: &[protocol::limits::WIRE] },
    Group { title: "A conversation", limits: &[session::limits::ALL] },
    Group { title: "Tokens", limits: identity::LIMITS },
    Group { title: "Options", limits: &[crate::config::LIMITS] },
    Group {
        title: "In a node",
        limits: &[
            crate::descriptors::LIMITS,
            crate::listener::LIMITS,
            crate::listener::head::LIMITS,
            crate::listener::workers::LIMITS,
            crate::listener::front::LIMITS,
            crate::gate::LIMITS,
            crate::gate::pressures::LIMITS,
            crate::gate::revocations::LIMITS,
            crate::gate::room::LIMITS,
            crate::http::admit::LIMITS,
            crate::listener::options::LIMITS,
            crate::listener::transport::LIMITS,
            crate::listener::wire::LIMITS,
            crate::listener::watchdog::LIMITS,
            crate::tls::LIMITS,
            crate::tls::files::LIMITS,
            crate::pages::LIMITS,
            crate::publisher::LIMITS,
            crate::publisher::TURNS,
            crate::feed_pump::LIMITS,
            crate::seats::LIMITS,
            crate::bulletins::LIMITS,
            crate::notices::WAITING,
            crate::trust::LIMITS,
            crate::receipts::LIMITS,
            crate::receipts::PLACES,
            crate::socket::connection::LIMITS,
            crate::socket::outlet::LIMITS,
            crate::socket::dense::LIMITS,
            crate::listener::pace::LIMITS,
            crate::outgoing::LIMITS,
            crate::web_push::CLIENT,
            crate::web_push::BACKLOG,
            crate::web_push::LANES,
            crate::web_push::PAGE,
            crate::web_push::SENDER,
            crate::http::whole::LIMITS,
            crate::http::imports::LIMITS,
            crate::http::bulletins::LIMITS,
            crate::http::attachments::LIMITS,
            crate::http::idempotency::LIMITS,
            crate::http::transfers::LIMITS,
            crate::presence::LIMITS,
            crate::presence::crowd::LIMITS,
            crate::presence::surveys::LIMITS,
            crate::lifecycle::LIMITS,
            crate::posture::LIMITS,
            crate::http::status::LIMITS,
            crate::felt::LIMITS,
            crate::time_classes::LIMITS,
            crate::lookout::LIMITS,
            crate::lookout::COUNTS,
            crate::ops::LIMITS,
            crate::ops::LIVE,
            crate::ops::CONTROL,
            crate::keys_file::LIMITS,
            crate::keys::LIMITS,
            crate::sign_on::HTTP_CLIENT,
            crate::sign_on::LIMITS,
            crate::sign_on::ISSUER,
            crate::sign_on::FLOW,
            crate::config::SIGN_ON,
            crate::egress::writer::LIMITS,
            admission::POSTURE,
            admission::DELIVERY,
            hub::LIMITS,
            crate::incident::LIMITS,
            crate::incident::RECORD,
            crate::incident::LISTING,
            crate::http::incidents::LIMITS,
            crate::http::incidents::elsewhere::LIMITS,
            crate::http::incidents::PAGES,
            crate::peers::LIMITS,
            crate::sealed_file::LIMITS,
            crate::audit::LIMITS,
            crate::audit::BOOK,
            crate::audit::VERIFICATION,
            crate::http::audit::LIMITS,
            evidence::audit::AUDIT,
            evidence::egress::TALLY,
            evidence::egress::LEDGER,
            evidence::egress::LINE,
            evidence::egress::BUDGET,
            evidence::incident::INCIDENT,
            evidence::incident::ABUSE,
            evidence::incident::TEXT,
        ],
    },
    Group { title: "Admission", limits: admission::LIMITS },
    Group { title: "Publishing", limits: admission::PUBLISHING },
    Group { title: "People", limits: campaign::LIMITS },
    Group { title: "Every store", limits: storage::LIMITS },
    Group { title: "The embedded store", limits: storage_embedded::LIMITS },
    Group { title: "Redis", limits: storage_redis::LIMITS },
];

/// Every bound.
pub(crate) fn all() -> impl Iterator<Item = Limit> {
    GROUPS.iter().flat_map(Group::limits)
}

impl Group {
    fn limits(&self) -> impl Iterator<Item = Limit> {
        self.limits.iter().copied().flatten().copied()
    }
}

/// Every bound, as tables in Markdown.
pub(crate) fn markdown() -> String {
    let tables: Vec<String> = GROUPS.iter().map(table).collect();
    tables.join("\n\n")
}

fn table(group: &Group) -> String {
    let mut rows = vec![
        format!("## {}", group.title),
        String::new(),
        "| bound | value | what it bounds, and what happens when it is reached | seen in |".to_owned(),
        "|---|---|---|---|".to_owned(),
    ];
    rows.extend(group.limits().map(|limit| row(&limit)));
    rows.join("\n")
}

fn row(limit: &Limit) -> String {
    let value = match limit.option {
        None => value(limit),
        Some(option) => format!("{}, by default; `{option}`", value(limit)),
    };
    let seen = match limit.seen {
        Seen::Counted => format!("`{REACHED_METRIC}{{limit=\"{}\"}}`", limit.label()),
        Seen::Shown(metric) => format!("`{metric}`"),
        Seen::Unseen => "—".to_owned(),
    };
    // What is a link in the documentation of the code leads nowhere here.
    let meaning = limit.meaning.trim().replace("[`", "`").replace("`]", "`");
    format!("| `{}` | {value} | {meaning} | {seen} |", limit.name)
}

fn value(limit: &Limit) -> String {
    match limit.value() {
        Bound::Number(bytes) if limit.name.contains("BYTES") => of_bytes(bytes),
        Bound::Number(seconds) if limit.name.ends_with("SECONDS") => of_time(Duration::from_secs(seconds)),
        Bound::Number(count) => count.to_string(),
        Bound::Time(time) => of_time(time),
    }
}

/// In the largest unit that leaves nothing over.
fn of_bytes(bytes: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let unit = units.into_iter().find(|(size, _)| bytes >= *size && bytes.is_multiple_of(*size));
    unit.map_or_else(|| format!("{bytes} bytes"), |(size, unit)| format!("{} {unit}", bytes / size))
}

fn of_time(time: Duration) -> String {
    const DAY: u64 = 24 * 60 * 60;
    let seconds = time.as_secs();
    // Not in months, whose length is anybody's guess.
    match seconds / DAY {
        days if days == 0 || time != Duration::from_secs(days * DAY) => {
            humantime::format_duration(time).to_string()
        }
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_say_what_is_bounded() {
        let names: Vec<&str> = all().map(|limit| limit.name).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
        for limit in all() {
            let words = limit.meaning.trim();
            assert!(words.ends_with('.') && words.len() > 20, "{limit:?}: {words}");
            assert!(!words.contains(['|', '\n']), "{limit:?}");
        }
    }

    #[test]
    fn every_metric_that_shows_a_bound_exists() {
        let metrics = crate::metrics::tests::text();
        for limit in all() {
            if let Seen::Shown(metric) = limit.seen {
                assert!(
                    metrics.contains(&format!("# TYPE {metric} ")),
                    "{limit:?} is to be seen in {metric}"
                );
            }
        }
    }

    #[test]
    fn values_are_written_as_people_say_them() {
        assert_eq!(of_bytes(255), "255 bytes");
        assert_eq!(of_bytes(64 * 1024), "64 KiB");
        assert_eq!(of_bytes(2 * 1024 * 1024), "2 MiB");
        assert_eq!(of_bytes(1024 * 1024 + 1024), "1025 KiB");
        assert_eq!(of_time(Duration::from_hours(72)), "3 days");
        assert_eq!(of_time(Duration::from_hours(24)), "1 day");
        assert_eq!(of_time(Duration::from_millis(1_500)), "1s 500ms");
    }
}
