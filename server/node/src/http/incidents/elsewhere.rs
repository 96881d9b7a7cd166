//! Records that other nodes keep, read through this one: pages as they are answered there, and files in parts.

use super::files::{File, make};
use super::page_of;
use crate::assembly::Node;
use crate::http::problem::Problem;
use crate::peers::Asked;
use actix_web::web::Bytes;
use base64::{Engine, prelude::BASE64_STANDARD};
use evidence::incident::{IncidentId, Name};
use parking_lot::Mutex;
use protocol::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use storage::Gathered;

protocol::limits! {
    /// Bytes of a file that one node gives another at once.
    const INCIDENT_PART_MAX_BYTES: usize = 44 * 1024 => unseen;
    /// Largest file of a record that another node keeps; a larger one is refused with 409, and is to be had at that node.
    const INCIDENT_ELSEWHERE_MAX_BYTES: usize = 256 * 1024 => unseen;
    /// Longest that a node waits for a page or a part of a record that another keeps; then the answer is 503.
    const INCIDENT_ELSEWHERE_PATIENCE: Duration = Duration::from_secs(3) => unseen;
}

/// What answers say that have nothing.
const NOTHING: &[u8] = b"null";

/// A part of a file, and how long all of it is.
#[derive(Serialize, Deserialize)]
struct Part {
    /// Whose it is: nodes may have records of one name.
    node: Name,
    total: usize,
    /// In Base64.
    bytes: String,
}

/// The file that was made last for another node, of which it asks for one part after the other.
static MADE: Mutex<Option<(Key, Arc<Text>)>> = Mutex::new(None);

type Key = (IncidentId, File, Timestamp);

struct Text {
    node: Name,
    text: String,
}

/// What reads a page of a record of this node for another one.
pub(crate) fn page_for(
    node: &Node,
    id: IncidentId,
    of: Option<Name>,
    after: u64,
    size: usize,
) -> impl FnOnce() -> Vec<u8> + Send + use<> {
    let archive = node.incidents.archive();
    move || {
        let page = page_of(&archive, id, of.as_ref(), after, size);
        serde_json::to_vec(&page.ok().flatten()).unwrap_or_else(|_| NOTHING.to_vec())
    }
}

/// What reads a part of a file of this node for another one.
pub(crate) fn part_for(
    node: &Node,
    key: Key,
    of: Option<Name>,
    from: usize,
) -> impl FnOnce() -> Vec<u8> + Send + use<> {
    let (data, archive) = (node.incidents.data().to_owned(), node.incidents.archive());
    move || {
        let known = MADE.lock().as_ref().filter(|(made, _)| *made == key).map(|(_, text)| Arc::clone(text));
        let text = known.or_else(|| {
            let (id, file, now) = &key;
            let text = make(&data, id, of.as_ref(), *file, *now).ok().flatten()?;
            let node = archive.timeline(id).ok()?.node()?.clone();
            let text = Arc::new(Text { node, text });
            *MADE.lock() = Some((key, Arc::clone(&text)));
            Some(text)
        });
        let part = text.map(|text| Part::of(&text, from));
        serde_json::to_vec(&part).unwrap_or_else(|_| NOTHING.to_vec())
    }
}

impl Part {
    fn of(text: &Text, from: usize) -> Self {
        let total = text.text.len();
        let until = from.saturating_add(INCIDENT_PART_MAX_BYTES).min(total);
        let is_given = total <= INCIDENT_ELSEWHERE_MAX_BYTES;
        let bytes = text.text.as_bytes().get(from..until).filter(|_| is_given).unwrap_or_default();
        Self { node: text.node.clone(), total, bytes: BASE64_STANDARD.encode(bytes) }
    }
}

/// A page of a record that another node keeps, as JSON.
pub(super) async fn page(
    node: &Node,
    id: &IncidentId,
    of: Option<Name>,
    after: u64,
    size: usize,
) -> Result<Bytes, Problem> {
    let asked = Asked::Incident { id: id.clone(), of, after, size };
    let gathered = ask(node, &asked).await?;
    // Of several the same one each time: what a page says begins with whose it is.
    let found = gathered.answers.iter().filter(|answer| **answer != NOTHING).min();
    found.cloned().ok_or_else(|| nobody(&gathered))
}

/// A file of a record that another node keeps.
pub(super) async fn file(
    node: &Node,
    id: &IncidentId,
    of: Option<Name>,
    file: File,
    now: Timestamp,
) -> Result<Bytes, Problem> {
    let (mut text, mut of) = (Vec::new(), of);
    loop {
        let (id, of_now) = (id.clone(), of.clone());
        let asked = Asked::IncidentFile { id, of: of_now, file, made_at: now, from: text.len() };
        let gathered = ask(node, &asked).await?;
        let parts = gathered.answers.iter().filter_map(|answer| serde_json::from_slice(answer).ok()?);
        let part: Part =
            parts.min_by(|one: &Part, other| one.node.cmp(&other.node)).ok_or_else(|| nobody(&gathered))?;
        if part.total > INCIDENT_ELSEWHERE_MAX_BYTES {
            return Err(Problem::IncidentElsewhere);
        }
        let bytes = BASE64_STANDARD.decode(&part.bytes).map_err(|_| Problem::Unavailable)?;
        text.extend_from_slice(&bytes);
        if text.len() >= part.total {
            return Ok(text.into());
        }
        if bytes.is_empty() {
            return Err(Problem::Unavailable);
        }
        of = Some(part.node);
    }
}

async fn ask(node: &Node, asked: &Asked) -> Result<Gathered, Problem> {
    let asked = node.store.peers.ask(asked.to_bytes(), INCIDENT_ELSEWHERE_PATIENCE).await;
    asked.map_err(|_| Problem::Unavailable)
}

/// Nobody has it, or whoever has it did not say so.
fn nobody(gathered: &Gathered) -> Problem {
    if gathered.is_complete() { Problem::NotFound } else { Problem::Unavailable }
}

#[cfg(test)]
mod tests {
    use super::*;
    use storage::peers::ANSWER_MAX_BYTES;

    fn text(bytes: usize) -> Text {
        Text { node: "n".repeat(64).parse().unwrap(), text: "é".repeat(bytes / 2) }
    }

    #[test]
    fn a_file_is_given_in_parts_that_are_all_of_it_and_each_is_one_answer() {
        let whole = text(100_000);
        let mut joined = Vec::new();
        while joined.len() < whole.text.len() {
            let part = Part::of(&whole, joined.len());
            assert!(serde_json::to_vec(&part).unwrap().len() < ANSWER_MAX_BYTES);
            joined.extend(BASE64_STANDARD.decode(part.bytes).unwrap());
        }
        assert_eq!(joined, whole.text.as_bytes());
        assert_eq!(Part::of(&whole, usize::MAX).bytes, "", "behind its end there is nothing");
    }

    #[test]
    fn of_a_file_that_is_too_large_only_its_length_is_told() {
        let part = Part::of(&text(INCIDENT_ELSEWHERE_MAX_BYTES + 2), 0);
        assert_eq!((part.total, part.bytes.as_str()), (INCIDENT_ELSEWHERE_MAX_BYTES + 2, ""));
    }
}
