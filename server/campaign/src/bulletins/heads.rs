//! The newest signed bulletin in each channel, so that whoever signs the next one can name it. Nobody has to believe this:
//! a browser verifies what it is given here, and readers see whether what is named was there.

use super::{Bulletins, clockwork::Work};
use crate::Away;
use crate::audience::Routes;
use crate::bulletin::{AnyBulletin, Signed};
use crate::kept::{self, Kept};
use protocol::{ChannelName, Timestamp};
use std::time::Duration;
use storage::records::COMMIT_MAX_WRITES;
use storage::{Expect, RecordKind};

impl Bulletins {
    /// What was published last and signed in a channel, as far as it is kept.
    pub async fn head(&self, channel: &ChannelName, now: Timestamp) -> Result<Option<Signed>, Away> {
        let key = kept::key(RecordKind::BulletinHead, channel.as_str())?;
        let kept: Option<Kept<Signed>> = kept::get(&*self.records, &key, now).await?;
        Ok(kept.map(|kept| kept.value))
    }

    /// What was just published is the newest in its channels, if it is signed; for as long as their logs have it.
    pub async fn keep_heads(&self, work: &Work, kept_for: Duration, now: Timestamp) -> Result<(), Away> {
        let (Work::Send(id, Routes::Channels(channels), _)
        | Work::TellWithdrawn(id, Routes::Channels(channels), _)) = work
        else {
            return Ok(());
        };
        let Some(Kept { value, .. }) = self.get(id, now).await? else { return Ok(()) };
        let signed = match (work, &value) {
            (Work::TellWithdrawn(..), AnyBulletin::Withdrawn(withdrawn)) => withdrawn.signed(),
            _ => value.core().signed.as_ref(),
        };
        let Some(signed) = signed else { return Ok(()) };
        let ends = Some(now.after(kept_for));
        for channels in channels.chunks(COMMIT_MAX_WRITES) {
            let mut writes = Vec::new();
            for channel in channels {
                let key = kept::key(RecordKind::BulletinHead, channel.as_str())?;
                writes.push(kept::put(key, Expect::Any, signed, ends)?);
            }
            self.records.commit(writes, now).await?;
        }
        Ok(())
    }
}
