//! Whose message is next: deficit round robin (Shreedhar and Varghese, 1995), twice. Lanes take turns by weight, and
//! inside a lane authors do, each with a queue of their own. So a flood waits behind itself: who says one thing waits
//! for one turn of everybody else in the lane, however much the others have to say.

use protocol::Lane;
use protocol::limits::PAYLOAD_MAX_BYTES;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::hash::Hash;
use std::time::Instant;

protocol::limits! {
    /// What a message counts for besides its bytes where turns are shared out, so that small ones are not free.
    pub const MESSAGE_COST_BYTES: usize = 1_024 => unseen;
    /// What an author may have stored in one turn; then the next author has theirs. A message that is larger takes as many
    /// turns. A lane's turn is this times its weight.
    pub const TURN_BYTES: usize = 4 * 1_024 => unseen;
    /// Most messages of one author that wait for their turn; more are told when to come again.
    pub const WAITING_MAX_MESSAGES_PER_AUTHOR: usize = 64 => shown "holdfast_publishes_refused";
    /// Most bytes of one author that wait for their turn; more are told when to come again.
    pub const WAITING_MAX_BYTES_PER_AUTHOR: usize = 4 * 1024 * 1024 => shown "holdfast_publishes_refused";
    /// Most messages that wait for their turn at a node, of which the bulk lane may have half and the normal lane seven
    /// eighths; more are told when to come again.
    pub const WAITING_MAX_MESSAGES: usize = 16_384 => shown "holdfast_publishes_refused";
    /// Most bytes that wait for their turn at a node, shared in the same way.
    pub const WAITING_MAX_BYTES: usize = 64 * 1024 * 1024 => shown "holdfast_publishes_refused";
}

/// The most that one message counts for.
pub const COST_MAX_BYTES: usize = PAYLOAD_MAX_BYTES + MESSAGE_COST_BYTES;

/// How much may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Messages of one author.
    pub author_messages: usize,
    /// Bytes of one author, with what each message counts for besides.
    pub author_bytes: usize,
    /// Messages in all.
    pub messages: usize,
    /// Bytes in all, with what each message counts for besides.
    pub bytes: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            author_messages: WAITING_MAX_MESSAGES_PER_AUTHOR,
            author_bytes: WAITING_MAX_BYTES_PER_AUTHOR,
            messages: WAITING_MAX_MESSAGES,
            bytes: WAITING_MAX_BYTES,
        }
    }
}

/// Why a message may not wait here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRoom {
    /// Its author has as much here as one may have.
    ForAuthor,
    /// All together have.
    ForLane,
}

/// A message whose turn it is.
#[derive(Debug, PartialEq, Eq)]
pub struct Next<T> {
    /// The message.
    pub item: T,
    /// The lane by which it came.
    pub lane: Lane,
    /// Since when it waited.
    pub since: Instant,
}

/// Messages that wait for their turn. Takes one and gives one out with the same effort however many wait, but for the
/// book of ages, which is a tree.
pub struct FairQueue<K, T> {
    room: Room,
    urgent: Authors<K, T>,
    normal: Authors<K, T>,
    bulk: Authors<K, T>,
    /// Whose turn it is.
    turn: Lane,
    /// Whether that lane has what it gets for its turn.
    has_begun: bool,
    /// What waits of each author, in all lanes; nobody of whom nothing waits is here.
    loads: HashMap<K, Load>,
    load: Load,
    taken: u64,
}

/// What waits.
#[derive(Debug, Clone, Copy, Default)]
struct Load {
    messages: usize,
    bytes: usize,
}

/// A lane's authors.
struct Authors<K, T> {
    queues: HashMap<K, Queue<T>>,
    /// In the order of their turns; the first one has it.
    turns: VecDeque<K>,
    /// Whether the first one has what they get for their turn.
    has_begun: bool,
    /// What the lane may have stored before its turn ends.
    deficit: usize,
    /// Since when each message waits, by its number.
    ages: BTreeMap<u64, Instant>,
}

struct Queue<T> {
    waiting: VecDeque<Waiting<T>>,
    /// What the author may have stored before their turn ends.
    deficit: usize,
}

struct Waiting<T> {
    number: u64,
    cost: usize,
    item: T,
}

/// How many turns of an author a lane's turn is long.
pub const fn weight(lane: Lane) -> usize {
    match lane {
        Lane::Urgent => 8,
        Lane::Normal => 3,
        Lane::Bulk => 1,
    }
}

/// How much of what is meant for all a lane may fill: a crowd in one leaves room in those before it.
pub const fn part_for(lane: Lane, whole: usize) -> usize {
    match lane {
        Lane::Urgent => whole,
        Lane::Normal => whole - whole / 8,
        Lane::Bulk => whole / 2,
    }
}

const fn after(lane: Lane) -> Lane {
    match lane {
        Lane::Urgent => Lane::Normal,
        Lane::Normal => Lane::Bulk,
        Lane::Bulk => Lane::Urgent,
    }
}

impl<K: Clone + Eq + Hash, T> FairQueue<K, T> {
    /// An empty queue.
    pub fn new(room: Room) -> Self {
        Self {
            room,
            urgent: Authors::default(),
            normal: Authors::default(),
            bulk: Authors::default(),
            turn: Lane::Urgent,
            has_begun: false,
            loads: HashMap::new(),
            load: Load::default(),
            taken: 0,
        }
    }

    /// Takes a message of so many bytes, behind those of its author in the same lane; or hands it back and says why.
    pub fn push(
        &mut self,
        lane: Lane,
        author: K,
        bytes: usize,
        item: T,
        now: Instant,
    ) -> Result<(), (NoRoom, T)> {
        let cost = bytes.saturating_add(MESSAGE_COST_BYTES);
        let theirs = self.loads.get(&author).copied().unwrap_or_default().with(cost);
        if theirs.messages > self.room.author_messages || theirs.bytes > self.room.author_bytes {
            return Err((NoRoom::ForAuthor, item));
        }
        let all = self.load.with(cost);
        if all.messages > part_for(lane, self.room.messages) || all.bytes > part_for(lane, self.room.bytes) {
            return Err((NoRoom::ForLane, item));
        }
        self.loads.insert(author.clone(), theirs);
        self.load = all;
        let number = self.taken;
        self.taken = self.taken.wrapping_add(1);
        self.lane_mut(lane).push(author, Waiting { number, cost, item }, now);
        Ok(())
    }

    /// The message whose turn it is.
    pub fn pop(&mut self) -> Option<Next<T>> {
        if self.is_empty() {
            return None;
        }
        loop {
            let (lane, has_begun) = (self.turn, self.has_begun);
            let authors = self.lane_mut(lane);
            if let Some(cost) = authors.next_cost() {
                if !has_begun {
                    authors.deficit = authors.deficit.saturating_add(weight(lane).saturating_mul(TURN_BYTES));
                }
                if cost <= authors.deficit {
                    let (author, waiting, since) = authors.pop()?;
                    authors.deficit = authors.deficit.saturating_sub(cost);
                    self.has_begun = true;
                    self.forget(author, cost);
                    return Some(Next { item: waiting.item, lane, since });
                }
            } else {
                // What a lane did not use is not saved up: it would be a burst later.
                authors.deficit = 0;
            }
            self.turn = after(lane);
            self.has_begun = false;
        }
    }

    fn forget(&mut self, author: K, cost: usize) {
        self.load = self.load.without(cost);
        let theirs = self.loads.get(&author).copied().unwrap_or_default().without(cost);
        if theirs.messages == 0 {
            self.loads.remove(&author);
        } else {
            self.loads.insert(author, theirs);
        }
    }

    const fn lane_mut(&mut self, lane: Lane) -> &mut Authors<K, T> {
        match lane {
            Lane::Urgent => &mut self.urgent,
            Lane::Normal => &mut self.normal,
            Lane::Bulk => &mut self.bulk,
        }
    }
}

impl<K, T> FairQueue<K, T> {
    /// Whether nothing waits.
    pub const fn is_empty(&self) -> bool {
        self.load.messages == 0
    }

    /// How many messages wait in a lane.
    pub fn waiting(&self, lane: Lane) -> usize {
        self.lane(lane).ages.len()
    }

    /// Since when the one that waits longest in a lane waits.
    pub fn oldest(&self, lane: Lane) -> Option<Instant> {
        self.lane(lane).ages.first_key_value().map(|(_, since)| *since)
    }

    const fn lane(&self, lane: Lane) -> &Authors<K, T> {
        match lane {
            Lane::Urgent => &self.urgent,
            Lane::Normal => &self.normal,
            Lane::Bulk => &self.bulk,
        }
    }
}

/// Authors and messages are people's.
impl<K, T> fmt::Debug for FairQueue<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FairQueue")
            .field("load", &self.load)
            .field("turn", &self.turn)
            .finish_non_exhaustive()
    }
}

impl Load {
    const fn with(self, cost: usize) -> Self {
        Self { messages: self.messages.saturating_add(1), bytes: self.bytes.saturating_add(cost) }
    }

    const fn without(self, cost: usize) -> Self {
        Self { messages: self.messages.saturating_sub(1), bytes: self.bytes.saturating_sub(cost) }
    }
}

impl<K, T> Default for Authors<K, T> {
    fn default() -> Self {
        Self {
            queues: HashMap::new(),
            turns: VecDeque::new(),
            has_begun: false,
            deficit: 0,
            ages: BTreeMap::new(),
        }
    }
}

impl<K: Clone + Eq + Hash, T> Authors<K, T> {
    fn push(&mut self, author: K, waiting: Waiting<T>, now: Instant) {
        self.ages.insert(waiting.number, now);
        if let Some(queue) = self.queues.get_mut(&author) {
            queue.waiting.push_back(waiting);
        } else {
            self.turns.push_back(author.clone());
            self.queues.insert(author, Queue { waiting: VecDeque::from([waiting]), deficit: 0 });
        }
    }

    /// Ends turns until somebody may have their next message stored; answers what it counts for.
    fn next_cost(&mut self) -> Option<usize> {
        loop {
            let queue = self.queues.get_mut(self.turns.front()?)?;
            let cost = queue.waiting.front()?.cost;
            if !self.has_begun {
                queue.deficit = queue.deficit.saturating_add(TURN_BYTES);
                self.has_begun = true;
            }
            if cost <= queue.deficit {
                return Some(cost);
            }
            self.turns.rotate_left(1);
            self.has_begun = false;
        }
    }

    /// Takes the message that [`Self::next_cost`] found. An author of whom nothing is left is forgotten, with what was
    /// left of their turn.
    fn pop(&mut self) -> Option<(K, Waiting<T>, Instant)> {
        let author = self.turns.front()?.clone();
        let queue = self.queues.get_mut(&author)?;
        let waiting = queue.waiting.pop_front()?;
        queue.deficit = queue.deficit.saturating_sub(waiting.cost);
        if queue.waiting.is_empty() {
            self.queues.remove(&author);
            self.turns.pop_front();
            self.has_begun = false;
        }
        let since = self.ages.remove(&waiting.number)?;
        Some((author, waiting, since))
    }
}

#[cfg(test)]
mod tests;
