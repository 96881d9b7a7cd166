//! The store's epochs, numbered in the order they began.

use crate::error::Failed;
use crate::tables::Writing;
use protocol::Epoch;
use redb::{ReadableTable, ReadableTableMetadata};
use storage::history::LINEAGE_MAX_EPOCHS;

/// The life under which the committer writes.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    pub(crate) number: u64,
    pub(crate) epoch: Epoch,
    /// The oldest life that is remembered; first writes up to it say nothing that anyone can ask.
    pub(crate) oldest: u64,
}

/// Begins a life and forgets the oldest beyond the bound.
pub(crate) fn begin(tables: &mut Writing<'_>, epoch: Epoch) -> Result<Life, Failed> {
    let number = tables.epochs.last()?.map_or(0, |(last, _)| last.value() + 1);
    tables.epochs.insert(number, epoch.as_str())?;
    while tables.epochs.len()? > u64::try_from(LINEAGE_MAX_EPOCHS).unwrap_or(u64::MAX) {
        tables.epochs.pop_first()?;
    }
    let oldest = tables.epochs.first()?.map_or(number, |(first, _)| first.value());
    Ok(Life { number, epoch, oldest })
}

/// The epoch of the latest life.
pub(crate) fn current(epochs: &impl ReadableTable<u64, &'static str>) -> Result<Epoch, Failed> {
    let (_, epoch) = epochs.last()?.ok_or(Failed::Damaged("there is no epoch"))?;
    Epoch::parse(epoch.value()).map_err(|_| Failed::Damaged("an epoch cannot be read"))
}

/// The number of an epoch's life, if it is remembered.
pub(crate) fn number_of(
    epochs: &impl ReadableTable<u64, &'static str>,
    epoch: &Epoch,
) -> Result<Option<u64>, Failed> {
    for life in epochs.iter()?.rev() {
        let (number, known) = life?;
        if known.value() == epoch.as_str() {
            return Ok(Some(number.value()));
        }
    }
    Ok(None)
}
