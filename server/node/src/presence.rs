//! How many connections and members read a channel, at all nodes of the deployment together.
//!
//! Each node counts its own readers as they come and go. Who asks gets a survey: the node asks the others for theirs
//! and unites the members, of whom only keyed numbers are known (`identity::Pseudonyms`), no names.
//!
//! Things to note:
//! * **As good as what is known.** A node that does not answer within [`SURVEY_PATIENCE`] is missing from the counts,
//!   and without a way to the others this node counts alone; [`Readers::is_complete`] says so.
//! * **Up to a second old** (`surveys`), so that asking costs a flood nothing; of large crowds the number of members
//!   is an estimate (`crowd`). Connections are always counted exactly.

pub(crate) mod crowd;
pub(crate) mod surveys;

use crate::assembly::Node;
use crate::clock;
use crate::peers::Asked;
use admission::Posture;
use crowd::{Crowds, united};
pub(crate) use crowd::{SAMPLE_MAX_MEMBERS, Sample};
use futures_util::FutureExt;
use identity::Pseudonyms;
use parking_lot::Mutex;
use protocol::reply::PresenceStats;
use protocol::{ChannelName, ErrorCode, MemberId};
use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use storage::Peers;
use surveys::{SURVEY_SHARED_FOR, Surveys};
use tokio::sync::Semaphore;

protocol::limits! {
    /// How long a survey waits for other nodes; whoever answers later is not counted.
    pub(crate) const SURVEY_PATIENCE: Duration = Duration::from_secs(1) => unseen;
    /// Most surveys of a node that are underway at once; further ones wait in the order in which they were asked for.
    pub(crate) const SURVEYS_IN_FLIGHT_MAX: usize = 32 => unseen;
}

/// The readers of a channel, everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Readers {
    /// Connections that read it.
    pub(crate) clients: u32,
    /// Members who do, each once.
    pub(crate) members: u32,
    /// Whether every node has told of its readers; if not, there may be more.
    pub(crate) is_complete: bool,
}

/// Who reads what at this node, and how many do elsewhere.
pub(crate) struct Presence {
    pseudonyms: Pseudonyms,
    peers: Arc<dyn Peers>,
    crowds: Arc<Mutex<Crowds>>,
    slots: Arc<Semaphore>,
    surveys: Surveys,
}

/// The channels that one connection reads or is about to, and whose it is; dropping it leaves them. Per channel it has
/// the name alone, which is shared.
pub(crate) struct Attendance {
    crowds: Arc<Mutex<Crowds>>,
    /// By which the member is counted; nobody is counted before it is known whose the connection is.
    member: Option<u64>,
    channels: Vec<ChannelName>,
}

impl Presence {
    /// Nobody reads yet. The numbers must be those of all nodes of the deployment.
    pub(crate) fn new(pseudonyms: Pseudonyms, peers: Arc<dyn Peers>) -> Self {
        Self {
            pseudonyms,
            peers,
            crowds: Arc::default(),
            slots: Arc::new(Semaphore::new(SURVEYS_IN_FLIGHT_MAX)),
            surveys: Surveys::default(),
        }
    }

    /// A connection that reads nothing yet, of nobody knows whom.
    pub(crate) fn attend(&self) -> Attendance {
        Attendance { crowds: Arc::clone(&self.crowds), member: None, channels: Vec::new() }
    }

    /// From here on the connection counts as this member's.
    pub(crate) fn identify(&self, attendance: &mut Attendance, member: &MemberId) {
        let channels = attendance.drain();
        attendance.member = Some(self.pseudonyms.of(member));
        for channel in channels {
            attendance.enter(&channel);
        }
    }

    /// What this node tells others of a channel.
    pub(crate) fn sample(&self, channel: &ChannelName) -> Sample {
        self.crowds.lock().sample(channel, SAMPLE_MAX_MEMBERS)
    }

    /// The readers of a channel, everywhere: at the least, who reads here. A service that is hard pressed asks the other
    /// nodes less often, and then no more: it answers what it knew last, or nothing.
    pub(crate) async fn readers_in(
        &self,
        posture: Posture,
        channel: &ChannelName,
        now: Instant,
    ) -> Option<Readers> {
        let Some(one_in) = posture.surveys_one_in() else {
            return self.surveys.known(channel);
        };
        let shared_for = SURVEY_SHARED_FOR.saturating_mul(one_in);
        Some(self.surveys.join(channel, now, shared_for, || self.survey(channel.clone())).await)
    }

    fn survey(&self, channel: ChannelName) -> impl Future<Output = Readers> + Send + use<> {
        let (crowds, peers, slots) =
            (Arc::clone(&self.crowds), Arc::clone(&self.peers), Arc::clone(&self.slots));
        let (again, also) = (channel.clone(), Arc::clone(&self.crowds));
        let work = async move {
            // The semaphore is never closed; if it were, surveys would only not wait for each other.
            let _slot = slots.acquire().await.ok();
            let (mut samples, is_complete) = elsewhere(&*peers, channel.clone()).await;
            samples.push(crowds.lock().sample(&channel, SAMPLE_MAX_MEMBERS));
            counted(&samples, is_complete)
        };
        // A panic is an answer too: else everybody who shares the survey would panic as well.
        AssertUnwindSafe(work).catch_unwind().map(move |outcome| {
            outcome.unwrap_or_else(|_| {
                tracing::error!("a survey failed: readers are counted at this node alone");
                counted(&[also.lock().sample(&again, SAMPLE_MAX_MEMBERS)], false)
            })
        })
    }
}

/// What `presence_stats` answers; error 108 if the service is too hard pressed to count, and nothing is known.
pub(crate) async fn stats(node: &Node, channel: &ChannelName) -> Result<PresenceStats, ErrorCode> {
    let (posture, now) = (node.posture.now(), clock::now().instant);
    let readers = node.presence.readers_in(posture, channel, now).await.ok_or(ErrorCode::NotAvailable)?;
    Ok(PresenceStats { num_clients: readers.clients, num_users: readers.members })
}

/// What the other nodes tell, and whether all of them did.
async fn elsewhere(peers: &dyn Peers, channel: ChannelName) -> (Vec<Sample>, bool) {
    match peers.ask(Asked::Readers { channel }.to_bytes(), SURVEY_PATIENCE).await {
        Ok(gathered) => {
            let samples: Vec<Sample> =
                gathered.answers.iter().filter_map(|answer| Sample::from_bytes(answer)).collect();
            let is_complete = samples.len() == gathered.expected;
            (samples, is_complete)
        }
        Err(error) => {
            tracing::debug!(%error, "readers are counted at this node alone");
            (Vec::new(), false)
        }
    }
}

fn counted(samples: &[Sample], is_complete: bool) -> Readers {
    let (clients, members) = united(samples);
    let narrow = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    Readers { clients: narrow(clients), members: narrow(members), is_complete }
}

impl Attendance {
    /// Counts the connection as a reader.
    pub(crate) fn enter(&mut self, channel: &ChannelName) {
        let name = match self.member {
            Some(member) => self.crowds.lock().enter(channel, member),
            None => channel.clone(),
        };
        self.channels.push(name);
    }

    /// Takes it back, however often it entered.
    pub(crate) fn leave(&mut self, channel: &ChannelName) {
        while let Some(place) = self.channels.iter().position(|known| known == channel) {
            let name = self.channels.swap_remove(place);
            self.uncount(&name);
        }
    }

    /// Leaves all channels, and answers which they were.
    pub(crate) fn drain(&mut self) -> Vec<ChannelName> {
        let channels = std::mem::take(&mut self.channels);
        for channel in &channels {
            self.uncount(channel);
        }
        channels
    }

    fn uncount(&self, channel: &ChannelName) {
        if let Some(member) = self.member {
            self.crowds.lock().leave(channel, member);
        }
    }
}

impl Drop for Attendance {
    fn drop(&mut self) {
        self.drain();
    }
}

impl fmt::Debug for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presence").finish_non_exhaustive()
    }
}

impl fmt::Debug for Attendance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attendance").field("channels", &self.channels).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
