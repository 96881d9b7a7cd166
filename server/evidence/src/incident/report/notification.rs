//! The draft for the Information Commissioner, and the assessment before it.

use super::{Report, affected, fill_in, minutes};
use crate::incident::text::instant;
use std::time::Duration;

/// Within what time of becoming aware the regulator is to be told (UK GDPR, Article 33).
const NOTIFY_WITHIN: Duration = Duration::from_hours(72);
pub(super) fn notification(report: &Report<'_>) -> String {
    let incident = report.incident;
    let due = incident.opened_at.after(NOTIFY_WITHIN);
    let deadline = if report.made_at > due {
        format!(
            "{} **has passed**: say why it is late: {}",
            instant(due),
            fill_in("reasons for the delay (Article 33(1))")
        )
    } else {
        instant(due)
    };
    let lacked = minutes(Duration::from_secs(incident.affected_seconds));
    let availability = if incident.members_affected_max == 0 {
        "Members who had a ticket were served throughout. That is a degraded service, and by the record no loss of \
         access; it is recorded either way (Article 33(5))."
            .to_owned()
    } else {
        format!(
            "Members were delayed or refused for up to {lacked} min. For that time they lacked access to personal data \
             that concerns them (an availability breach, however short). What was accepted meanwhile, {} messages, \
             is kept until its readers have it.",
            incident.acked
        )
    };
    format!(
        "## 8. Draft notification to the Information Commissioner\n\n\
         To be sent without undue delay and, where feasible, within 72 hours of becoming aware, unless a risk to people \
         is unlikely. Aware, at the latest, when the record was opened: {opened}. So due: {deadline}.\n\n\
         * **Nature of the breach**: loss of availability through a flood of requests. Confidentiality and integrity: see \
         section 7.\n\
         * **Categories of people**: members and activists of a political campaign. To be on such a list reveals political \
         opinion (Article 9).\n\
         * **Approximate number of people**: {affected}.\n\
         * **Categories and approximate number of records**: messages that could not be read at once; accepted in the time: \
         {acked}; waiting at the end: {pending}.\n\
         * **Likely consequences**: late news of events and safety; {consequences}\n\
         * **Measures**: those of section 3; strangers waited so that members were served; {measures}\n\
         * **Contact**: {contact}\n\n\
         ### Assessment: is this an availability breach with a risk to people?\n\n\
         {availability}\n\n\
         * How long, and could people do what they needed in another way: {otherwise}\n\
         * Were there people for whom minutes matter (stewards, legal observers): {people}\n\
         * Does section 7 leave a doubt whether data left? Then risk is likely high, for what this list reveals: {doubt}\n\
         * Decision, by whom, when, and why: {decision}",
        opened = instant(incident.opened_at),
        affected = affected(incident),
        acked = incident.acked,
        pending = incident.pending,
        consequences = fill_in("for whom, and how bad"),
        measures = fill_in("what people did; what is planned"),
        contact = fill_in("data protection officer or other contact"),
        otherwise = fill_in("telephone tree, other channels"),
        people = fill_in("yes or no, and what they did"),
        doubt = fill_in("yes or no"),
        decision = fill_in("notify / record only"),
    )
}
