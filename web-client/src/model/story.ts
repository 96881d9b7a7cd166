import type { Bulletin } from './bulletin.ts';
import type { BulletinEntry, Entry, GapEntry, UnreadableEntry } from './entry.ts';

/** A bulletin with all that became of it on this device. It stands where its first version stands. */
export interface Story {
  readonly kind: 'bulletin';
  /** The id of its first version. */
  readonly id: string;
  readonly first: BulletinEntry;
  /** What holds now; the first itself if nothing corrected it. */
  readonly current: BulletinEntry;
  /** What held before, the oldest first. */
  readonly earlier: readonly BulletinEntry[];
  /** What took it back. */
  readonly withdrawal: BulletinEntry | null;
  /** When the latest of it came to this device. */
  readonly arrivedAt: number;
}

/** Says, at the time of a change, that something further down was changed. */
export interface Note {
  readonly kind: 'note';
  readonly id: string;
  readonly what: 'corrected' | 'withdrawn';
  readonly entry: BulletinEntry;
  readonly story: Story;
  readonly arrivedAt: number;
}

export type BoardItem = GapEntry | Note | Story | UnreadableEntry;

/** What of a timeline stands on the noticeboard, in the same order, newest first. */
export function board(newestFirst: readonly Entry[]): BoardItem[] {
  const stories = storiesOf(newestFirst);
  const items = newestFirst.map((entry): BoardItem => {
    if (entry.kind !== 'bulletin') return entry;
    const story = stories.get(entry.id);
    if (story === undefined) return storyOf(entry, [], null);
    if (story.first === entry) return story;
    const what = story.withdrawal === entry ? 'withdrawn' : 'corrected';
    return { kind: 'note', id: entry.id, what, entry, story, arrivedAt: entry.arrivedAt };
  });
  return items.filter((item, at) => !(item.kind === 'note' && leadsNextDoor(items, at)));
}

/** Each story under the id of its first version, of each correction, and of what withdrew it. */
export function storiesOf(entries: readonly Entry[]): ReadonlyMap<string, Story> {
  const byId = new Map<string, BulletinEntry>();
  for (const entry of entries) if (entry.kind === 'bulletin') byId.set(entry.id, entry);
  const members = new Map<BulletinEntry, BulletinEntry[]>();
  for (const entry of byId.values()) {
    const first = firstOf(entry, byId);
    const group = members.get(first);
    if (group === undefined) members.set(first, [entry]);
    else group.push(entry);
  }
  const stories = new Map<string, Story>();
  for (const [first, group] of members) {
    const isWithdrawal = (entry: BulletinEntry): boolean => entry !== first && refersTo(entry.bulletin, 'withdraws') !== null;
    const versions = group.filter((entry) => !isWithdrawal(entry)).sort((a, b) => depth(a, byId) - depth(b, byId) || a.postedAt - b.postedAt);
    const story = storyOf(first, versions, group.find(isWithdrawal) ?? null);
    for (const entry of group) stories.set(entry.id, story);
  }
  return stories;
}

function storyOf(first: BulletinEntry, versions: readonly BulletinEntry[], withdrawal: BulletinEntry | null): Story {
  const current = versions.at(-1) ?? first;
  const arrivedAt = Math.max(current.arrivedAt, withdrawal?.arrivedAt ?? 0);
  return { kind: 'bulletin', id: first.id, first, current, earlier: versions.slice(0, -1), withdrawal, arrivedAt };
}

function refersTo({ references }: Bulletin, how: 'corrects' | 'withdraws'): string | null {
  return references?.find((reference) => reference.how === how)?.id ?? null;
}

/** What it changed, if that is here. */
function before(entry: BulletinEntry, byId: ReadonlyMap<string, BulletinEntry>): BulletinEntry | undefined {
  const id = refersTo(entry.bulletin, 'withdraws') ?? refersTo(entry.bulletin, 'corrects');
  return id === null ? undefined : byId.get(id);
}

function pathOf(entry: BulletinEntry, byId: ReadonlyMap<string, BulletinEntry>): Set<BulletinEntry> {
  const path = new Set<BulletinEntry>();
  // Whoever refers in a circle is followed once around.
  for (let at: BulletinEntry | undefined = entry; at !== undefined && !path.has(at); at = before(at, byId)) path.add(at);
  return path;
}

function firstOf(entry: BulletinEntry, byId: ReadonlyMap<string, BulletinEntry>): BulletinEntry {
  const path = [...pathOf(entry, byId)];
  const last = path.at(-1) ?? entry;
  const next = before(last, byId);
  if (next === undefined) return last;
  // In a circle nothing is first: the least id is as good as any, and the same for all of it.
  const circle = path.slice(path.indexOf(next));
  return circle.reduce((least, each) => (each.id < least.id ? each : least), last);
}

function depth(entry: BulletinEntry, byId: ReadonlyMap<string, BulletinEntry>): number {
  return pathOf(entry, byId).size;
}

/** Whether only notes of the same story are between the note and its story. */
function leadsNextDoor(items: readonly BoardItem[], at: number): boolean {
  const note = items[at];
  if (note?.kind !== 'note') return false;
  const next = items.slice(at + 1).find((item) => !(item.kind === 'note' && item.story === note.story));
  return next === note.story;
}
