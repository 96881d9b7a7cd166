import { isBulletinId, isWithdrawalId } from './bulletin.ts';
import type { BulletinEntry, Entry } from './entry.ts';

export function isTeam(channel: string): boolean {
  return channel.startsWith('teams:');
}

/** Whether it is what members of a team say to each other: bulletins for a team come in the same channel. */
export function isTalk(entry: Entry): boolean {
  return isTeam(entry.channel) && !(entry.kind === 'bulletin' && isFromOrganisers(entry));
}

/** Nobody but the service gives such an id. */
export function isFromOrganisers({ bulletin: { id } }: BulletinEntry): boolean {
  return isBulletinId(id) || isWithdrawalId(id);
}
