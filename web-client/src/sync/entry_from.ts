import type { Entry, GapEntry } from '../model/entry.ts';
import type { Bookmark } from '../model/position.ts';
import { parseBulletin } from '../protocol/parse_bulletin.ts';
import type { ReceivedPublication } from './link.ts';

/** What a publication becomes on the noticeboard; one that cannot be read still has its place there. */
export function receivedEntry(channel: string, bookmark: Bookmark, received: ReceivedPublication, arrivedAt: number): Entry {
  const offset = received.offset ?? bookmark.position.offset;
  const { generation } = bookmark;
  const placed = { channel, generation, offset, arrivedAt, postedAt: received.postedAt ?? arrivedAt };
  const bulletin = parseBulletin(received.data);
  return bulletin === null
    ? { kind: 'unreadable', id: `unreadable ${channel} ${generation} ${offset}`, ...placed }
    : { kind: 'bulletin', id: bulletin.id, bulletin, ...placed };
}

/** Named by its place, so that being told twice of one gap shows it once. */
export function gapEntry(channel: string, { generation, position }: Bookmark, arrivedAt: number): GapEntry {
  const { offset } = position;
  return { kind: 'gap', id: `gap ${channel} ${generation} ${offset}`, channel, generation, offset, arrivedAt };
}
