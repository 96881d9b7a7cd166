//! What one reader got of one channel.

use super::share;
use serde::{Deserialize, Serialize};

/// Most holes of a track that are told apart; what is missing beyond them is lost for good.
const HOLES_MAX: usize = 256;

/// One reader's way through one channel. Offsets have no holes, so whatever is not the next one is news.
#[derive(Debug, Default)]
pub(crate) struct Track {
    /// Nothing up to here is expected.
    start: u64,
    /// The highest offset that came, or that the server said is gone.
    last: u64,
    /// Over what came, each once.
    sum: u64,
    /// How many came, each once.
    count: u64,
    trouble: Option<Box<Trouble>>,
}

/// Of the few tracks on which something went wrong.
#[derive(Debug, Default)]
struct Trouble {
    holes: Vec<Hole>,
    /// Missing beyond [`HOLES_MAX`], and no longer expected.
    given_up: u64,
    duplicated: u64,
    out_of_order: u64,
    resets: u64,
}

/// Offsets that did not come, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Hole {
    pub(crate) from: u64,
    pub(crate) to: u64,
    /// The server said that they are gone.
    pub(crate) said: bool,
}

/// What a publication turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// So many before it did not come.
    AfterHole(u64),
    /// It came before.
    Duplicate,
    /// The next one.
    Next,
    /// It was missing, and comes behind later ones.
    OutOfOrder,
}

/// What a track comes to, to be compared with the log. Equal statements of many readers are told once.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Statement {
    pub(crate) channel: u32,
    /// Nothing up to here is expected; the reader wanted everything if `from_oldest`.
    pub(crate) start: u64,
    pub(crate) from_oldest: bool,
    pub(crate) last: u64,
    pub(crate) sum: u64,
    pub(crate) count: u64,
    pub(crate) holes: Vec<Hole>,
    pub(crate) given_up: u64,
    pub(crate) duplicated: u64,
    pub(crate) out_of_order: u64,
    pub(crate) resets: u64,
}

impl Track {
    /// Where a reader that comes back goes on.
    pub(crate) const fn position(&self) -> u64 {
        self.last
    }

    /// The reader begins behind this offset.
    pub(crate) const fn begin(&mut self, offset: u64) {
        self.start = offset;
        self.last = offset;
    }

    /// A publication came.
    pub(crate) fn receive(&mut self, offset: u64, hash: u64) -> Arrival {
        let arrival = if Some(offset) == self.last.checked_add(1) {
            Arrival::Next
        } else if offset > self.last {
            let hole = Hole { from: self.last.saturating_add(1), to: offset - 1, said: false };
            self.trouble().open(hole);
            Arrival::AfterHole(hole.len())
        } else if self.trouble.as_mut().is_some_and(|trouble| trouble.fill(offset)) {
            Arrival::OutOfOrder
        } else {
            let trouble = self.trouble();
            trouble.duplicated = trouble.duplicated.saturating_add(1);
            return Arrival::Duplicate;
        };
        self.last = self.last.max(offset);
        self.sum = self.sum.wrapping_add(share(offset, hash));
        self.count += 1;
        arrival
    }

    /// The server said that what lies between is gone, and goes on behind this offset.
    pub(crate) fn reset(&mut self, offset: u64) {
        let last = self.last;
        let trouble = self.trouble();
        trouble.resets += 1;
        if offset > last {
            trouble.open(Hole { from: last.saturating_add(1), to: offset, said: true });
        }
        // A log that begins anew counts from its beginning.
        self.last = offset;
    }

    /// How many are missing now that nobody said are gone.
    pub(crate) fn missing(&self) -> u64 {
        self.trouble.as_ref().map_or(0, |trouble| trouble.missing())
    }

    /// What it comes to.
    pub(crate) fn statement(&self, channel: u32, from_oldest: bool) -> Statement {
        let none = Trouble::default();
        let trouble = self.trouble.as_deref().unwrap_or(&none);
        Statement {
            channel,
            start: self.start,
            from_oldest,
            last: self.last,
            sum: self.sum,
            count: self.count,
            holes: trouble.holes.clone(),
            given_up: trouble.given_up,
            duplicated: trouble.duplicated,
            out_of_order: trouble.out_of_order,
            resets: trouble.resets,
        }
    }

    fn trouble(&mut self) -> &mut Trouble {
        self.trouble.get_or_insert_default()
    }
}

impl Hole {
    /// How many are missing.
    pub(crate) const fn len(self) -> u64 {
        self.to.saturating_sub(self.from).saturating_add(1)
    }
}

impl Trouble {
    fn missing(&self) -> u64 {
        let holes = self.holes.iter().filter(|hole| !hole.said).map(|hole| hole.len());
        holes.fold(self.given_up, u64::saturating_add)
    }

    fn open(&mut self, hole: Hole) {
        if self.holes.len() < HOLES_MAX {
            self.holes.push(hole);
        } else {
            self.given_up = self.given_up.saturating_add(hole.len());
        }
    }

    /// Whether the offset was missing; it no longer is.
    fn fill(&mut self, offset: u64) -> bool {
        let Some(at) = self.holes.iter().position(|hole| (hole.from..=hole.to).contains(&offset)) else {
            return false;
        };
        let hole = self.holes.swap_remove(at);
        let parts =
            [Hole { to: offset.saturating_sub(1), ..hole }, Hole { from: offset.saturating_add(1), ..hole }]
                .into_iter();
        self.holes.extend(parts.filter(|part| part.from <= part.to));
        self.holes.sort_unstable_by_key(|hole| hole.from);
        self.out_of_order += 1;
        true
    }
}
