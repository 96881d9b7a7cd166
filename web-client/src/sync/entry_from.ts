import { isBulletinId, isWithdrawalId, type Bulletin } from '../model/bulletin.ts';
import type { Entry, GapEntry } from '../model/entry.ts';
import type { Bookmark } from '../model/position.ts';
import { parseBulletin } from '../protocol/parse_bulletin.ts';
import type { ReceivedPublication } from './link.ts';

/** What a publication becomes on the noticeboard; one that cannot be read still has its place there. */
export function receivedEntry(channel: string, bookmark: Bookmark, received: ReceivedPublication, arrivedAt: number): Entry {
  const offset = received.offset ?? bookmark.position.offset;
  const { generation } = bookmark;
  const placed = { channel, generation, offset, arrivedAt, postedAt: received.postedAt ?? arrivedAt };
  const parsed = parseBulletin(received.data);
  if (parsed === null) return { kind: 'unreadable', id: `unreadable ${channel} ${generation} ${offset}`, ...placed };
  const bulletin = received.isFromService ? parsed : wordOfMember(parsed, `said ${channel} ${generation} ${offset}`);
  const { author } = received;
  return { kind: 'bulletin', id: bulletin.id, bulletin, ...placed, ...(author === undefined ? {} : { author }) };
}

/** Nobody takes back, corrects or takes the place of a bulletin by saying its id. */
function wordOfMember(bulletin: Bulletin, ownId: string): Bulletin {
  const { signed: _unchecked, ...said } = bulletin;
  const posesAsBulletin = isBulletinId(said.id) || isWithdrawalId(said.id);
  return { ...said, id: posesAsBulletin ? ownId : said.id, references: [] };
}

/** Named by its place, so that being told twice of one gap shows it once. */
export function gapEntry(channel: string, { generation, position }: Bookmark, arrivedAt: number): GapEntry {
  const { offset } = position;
  return { kind: 'gap', id: `gap ${channel} ${generation} ${offset}`, channel, generation, offset, arrivedAt };
}
