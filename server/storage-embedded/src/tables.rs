//! The schema. A change that older versions would misread raises [`SCHEMA`].

use crate::error::Failed;
use redb::{ReadableTable, Table, TableDefinition, WriteTransaction};

/// The version of the schema.
pub(crate) const SCHEMA: u64 = 1;
/// Where [`META`] keeps it.
pub(crate) const SCHEMA_KEY: &str = "schema";
/// Where [`META`] keeps the last version that a record got.
pub(crate) const RECORD_VERSION_KEY: &str = "record-version";
/// Where [`META`] keeps how many bytes of messages there are.
pub(crate) const KEPT_KEY: &str = "kept-bytes";
/// The end of a record that has none.
pub(crate) const NEVER: u64 = u64::MAX;

/// Numbers of the store as a whole.
pub(crate) const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");
/// Life → epoch, the latest [`storage::history::LINEAGE_MAX_EPOCHS`].
pub(crate) const EPOCHS: TableDefinition<'_, u64, &str> = TableDefinition::new("epochs");
/// Channel → top offset, oldest kept offset (one more than the top if none is kept).
pub(crate) const CHANNELS: TableDefinition<'_, &str, (u64, u64)> = TableDefinition::new("channels");
/// Channel, offset → stored publication.
pub(crate) const LOG: TableDefinition<'_, (&str, u64), &[u8]> = TableDefinition::new("log");
/// Channel, life → the first offset that the life wrote.
pub(crate) const FIRST_WRITES: TableDefinition<'_, (&str, u64), u64> = TableDefinition::new("first-writes");
/// Channel, scope of an idempotency key → offset, time, SHA-256 of the payload.
pub(crate) const KEYS: TableDefinition<'_, (&str, &str), (u64, u64, &[u8; 32])> =
    TableDefinition::new("keys");
/// Time, channel, scope: what is to be forgotten from [`KEYS`] first.
pub(crate) const KEYS_BY_TIME: TableDefinition<'_, (u64, &str, &str), ()> =
    TableDefinition::new("keys-by-time");
/// Kind, id → version, end, bytes.
pub(crate) const RECORDS: TableDefinition<'_, (&str, &str), (u64, u64, &[u8])> =
    TableDefinition::new("records");
/// End, kind, id: what is to be removed from [`RECORDS`] first.
pub(crate) const RECORDS_BY_END: TableDefinition<'_, (u64, &str, &str), ()> =
    TableDefinition::new("records-by-end");

/// All tables, open in one write transaction.
pub(crate) struct Writing<'t> {
    pub(crate) meta: Table<'t, &'static str, u64>,
    pub(crate) epochs: Table<'t, u64, &'static str>,
    pub(crate) channels: Table<'t, &'static str, (u64, u64)>,
    pub(crate) log: Table<'t, (&'static str, u64), &'static [u8]>,
    pub(crate) first_writes: Table<'t, (&'static str, u64), u64>,
    pub(crate) keys: Table<'t, (&'static str, &'static str), (u64, u64, &'static [u8; 32])>,
    pub(crate) keys_by_time: Table<'t, (u64, &'static str, &'static str), ()>,
    pub(crate) records: Table<'t, (&'static str, &'static str), (u64, u64, &'static [u8])>,
    pub(crate) records_by_end: Table<'t, (u64, &'static str, &'static str), ()>,
}

impl<'t> Writing<'t> {
    /// Opens all tables; those that do not exist yet are made.
    pub(crate) fn open(transaction: &'t WriteTransaction) -> Result<Self, Failed> {
        Ok(Self {
            meta: transaction.open_table(META)?,
            epochs: transaction.open_table(EPOCHS)?,
            channels: transaction.open_table(CHANNELS)?,
            log: transaction.open_table(LOG)?,
            first_writes: transaction.open_table(FIRST_WRITES)?,
            keys: transaction.open_table(KEYS)?,
            keys_by_time: transaction.open_table(KEYS_BY_TIME)?,
            records: transaction.open_table(RECORDS)?,
            records_by_end: transaction.open_table(RECORDS_BY_END)?,
        })
    }
}

/// What [`CHANNELS`] says of one channel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) top: u64,
    pub(crate) oldest: u64,
}

impl Extent {
    /// A channel that is not there yet is empty.
    pub(crate) fn of(
        channels: &impl ReadableTable<&'static str, (u64, u64)>,
        channel: &str,
    ) -> Result<Self, Failed> {
        let (top, oldest) = channels.get(channel)?.map_or((0, 1), |extent| extent.value());
        Ok(Self { top, oldest })
    }
}
