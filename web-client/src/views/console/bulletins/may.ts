import type { Member } from '../../../model/session.ts';
import type { Bulletin } from '../../../protocol/api.gen.ts';

/** What somebody may do to a bulletin now. The service decides; this says what is worth a button. */
export type Deed = 'approve' | 'cancel' | 'correct' | 'edit' | 'follow-up' | 'override' | 'reject' | 'submit' | 'withdraw';

export function deedsOf(bulletin: Bulletin, { id, roles }: Member): readonly Deed[] {
  const [isSender, isApprover, isAdmin] = [roles.includes('sender'), roles.includes('approver'), roles.includes('admin')];
  const writes = isSender || isApprover;
  const deeds: Deed[] = [];
  const add = (may: boolean, deed: Deed): void => {
    if (may) deeds.push(deed);
  };
  switch (bulletin.state) {
    case 'draft':
      add(isSender, 'submit');
      add(isSender, 'edit');
      add(writes, 'cancel');
      return deeds;
    case 'awaiting_approval':
      add(isApprover && !bulletin.authors.includes(id), 'approve');
      add(isApprover, 'reject');
      add(isSender, 'edit');
      add(writes, 'cancel');
      add(isApprover || isAdmin, 'override');
      return deeds;
    case 'scheduled':
      add(isSender, 'edit');
      add(writes, 'cancel');
      return deeds;
    case 'sending':
      add(writes, 'withdraw');
      return deeds;
    case 'sent':
      add(isSender, 'correct');
      add(isSender, 'follow-up');
      add(writes, 'withdraw');
      return deeds;
    case 'corrected':
      add(isSender, 'follow-up');
      return deeds;
    case 'cancelled':
    case 'expired':
    case 'withdrawn':
      return deeds;
  }
}

export function mayApprove(bulletin: Bulletin, member: Member): boolean {
  return bulletin.state === 'awaiting_approval' && deedsOf(bulletin, member).includes('approve');
}

/** Whether anybody may have got it. One that expired may never have gone. */
export function hasGone({ state, sent_at_ms: sentAt }: Bulletin): boolean {
  switch (state) {
    case 'sending':
    case 'sent':
    case 'corrected':
    case 'withdrawn':
      return true;
    case 'expired':
      return sentAt !== undefined;
    case 'draft':
    case 'awaiting_approval':
    case 'scheduled':
    case 'cancelled':
      return false;
  }
}
