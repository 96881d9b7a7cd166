import { isUrgent } from './bulletin.ts';
import type { Entry } from './entry.ts';
import { tellingOf, type Quiet } from './quiet.ts';

export interface Absence {
  /** When the reader looked away. */
  readonly since: number;
  /** The member of this device: their own words are no news. */
  readonly own: string;
  readonly quiet: Quiet;
  /** Of the device's day. */
  readonly minute: number;
}

/** The number on the app's icon: what came while nobody looked, as far as this device may tell of it now. */
export function badgeCount(entries: readonly Entry[], { since, own, quiet, minute }: Absence): number {
  return entries.filter((entry) => {
    if (entry.kind !== 'bulletin' || entry.arrivedAt <= since || entry.author === own) return false;
    return tellingOf(quiet, { channel: entry.channel, isUrgent: isUrgent(entry.bulletin) }, minute) === 'tell';
  }).length;
}
