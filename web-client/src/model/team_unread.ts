import type { Entry } from './entry.ts';
import { countsAsUnread, type Quiet } from './quiet.ts';
import { isTalk } from './team_talk.ts';

/** Up to where a channel was read on this device. */
export interface ReadMark {
  readonly generation: number;
  readonly offset: number;
}

/** Characters of one message. */
export const MAX_TALK_CHARS = 2_000;

/** All of a team's channel, the oldest first. */
export function talkOf(newestFirst: readonly Entry[], channel: string): readonly Entry[] {
  return newestFirst.filter((entry) => entry.channel === channel).reverse();
}

/** How many messages of others came to a team after the mark. Without a mark it is not known what was read: none. */
export function unreadTalk(entries: readonly Entry[], channel: string, mark: ReadMark | null, own: string, quiet: Quiet): number {
  if (mark === null || !countsAsUnread(quiet, { channel, isUrgent: false })) return 0;
  return entries.filter((entry) => {
    if (entry.channel !== channel || entry.kind === 'gap' || !isTalk(entry)) return false;
    return isAfter(entry, mark) && !(entry.kind === 'bulletin' && entry.author === own);
  }).length;
}

export function isAfter(place: ReadMark, mark: ReadMark): boolean {
  return place.generation > mark.generation || (place.generation === mark.generation && place.offset > mark.offset);
}

/** The furthest place in a channel; `null`: there is nothing. */
export function furthest(entries: readonly Entry[], channel: string): ReadMark | null {
  let found: ReadMark | null = null;
  for (const entry of entries) {
    if (entry.channel !== channel) continue;
    const { generation, offset } = entry;
    if (found === null || isAfter(entry, found)) found = { generation, offset };
  }
  return found;
}
