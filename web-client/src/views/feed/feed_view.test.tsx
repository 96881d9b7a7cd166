import { signal, type Signal } from '@preact/signals';
import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BulletinEntry, Entry } from '../../model/entry.ts';
import type { LinkState } from '../../model/link_state.ts';
import type { ServiceStatus } from '../../protocol/parse_service_status.ts';
import type { FeedSnapshot } from '../../sync/feed.ts';
import { settle } from '../../testing/settle.ts';
import { FeedView } from './feed_view.tsx';

const NOW = new Date(2026, 10, 23, 14, 5).getTime();
const NORTH = 'bulletins:region.north';
const idOf = (n: number): string => `b${n.toString(16).padStart(31, '0')}`;

let feed: Signal<FeedSnapshot>;
let service: Signal<ServiceStatus>;
let seen: Signal<ReadonlySet<string>>;

function entry(n: number, change: Partial<BulletinEntry> & { urgent?: boolean } = {}): BulletinEntry {
  const { urgent = false, ...rest } = change;
  const id = rest.id ?? idOf(n);
  const bulletin = { id, kind: 'alert', urgency: urgent ? 'urgent' : 'normal', texts: { en: { title: `T${n}`, body: 'Text.' } } } as const;
  return { kind: 'bulletin', id, channel: 'bulletins:all', generation: 0, offset: n, arrivedAt: n, postedAt: NOW - 720_000, bulletin, ...rest };
}

function show(entries: readonly Entry[], link: LinkState = { kind: 'live' }): void {
  feed = signal<FeedSnapshot>({ entries, link, visit: { leftAt: null, caughtUpAt: null } });
  render(
    <FeedView
      channels={[
        { name: 'bulletins:all', mayPost: false },
        { name: NORTH, mayPost: false },
      ]}
      feed={feed}
      service={service}
      waiting={signal(null)}
      now={signal(NOW)}
      saved={{ has: () => false, toggle: () => {} }}
      tools={{
        file: async () => await Promise.reject(new Error('nothing is loaded')),
        isAcknowledged: (id) => seen.value.has(id),
        acknowledge: (id) => (seen.value = new Set([...seen.value, id])),
      }}
    />,
    document.body,
  );
}

const text = (selector: string): (string | undefined)[] => [...document.querySelectorAll(selector)].map((each) => each.textContent?.trim());

beforeEach(() => {
  service = signal<ServiceStatus>({ posture: 'normal', message: null });
  seen = signal<ReadonlySet<string>>(new Set());
});

afterEach(() => render(null, document.body));

describe('what is urgent', () => {
  it('is pinned until the reader says that they have seen it', async () => {
    show([entry(1, { urgent: true }), entry(2)]);
    expect(text('.pin-title')).toEqual(['T1']);
    document.querySelector<HTMLButtonElement>('.pin button')?.click();
    await settle();
    expect(seen.value).toEqual(new Set([idOf(1)]));
    expect(text('.pin-title')).toEqual([]);
    expect(text('.seen')).toEqual(['✓ You said that you have seen this.']);
  });

  it('is pinned no longer when it is over, withdrawn, or a word of a member', () => {
    const over = entry(1, { urgent: true });
    const withdrawn = entry(2, { urgent: true });
    const withdrawal = entry(3, { id: `${idOf(2)}.withdrawn` });
    show([
      { ...withdrawal, bulletin: { ...withdrawal.bulletin, references: [{ id: idOf(2), how: 'withdraws' }] } },
      withdrawn,
      { ...over, bulletin: { ...over.bulletin, expiresAt: NOW } },
      entry(4, { id: 'said by a member', urgent: true }),
    ]);
    expect(text('.pin-title')).toEqual([]);
  });

  it('does not push everything else out of sight', () => {
    show([1, 2, 3, 4, 5].map((n) => entry(n, { urgent: true })));
    expect(text('.pin-title')).toHaveLength(3);
    expect(document.body.textContent).toContain('and 2 more below');
  });
});

describe('the board', () => {
  it('shows one channel when its chip is chosen, and counts what comes into others meanwhile', async () => {
    show([entry(2, { channel: NORTH }), entry(1)]);
    const chip = (name: string) => [...document.querySelectorAll<HTMLButtonElement>('.filter button')].find(({ textContent }) => textContent?.startsWith(name));
    expect(text('.filter button')).toEqual(['All', 'Everyone', 'North']);
    chip('North')?.click();
    await settle();
    expect(text('h2')).toEqual(['T2']);
    feed.value = { ...feed.value, entries: [entry(3, { arrivedAt: Date.now() + 1_000 }), ...feed.value.entries] };
    await settle();
    expect(text('h2')).toEqual(['T2']);
    expect(chip('Everyone')?.textContent).toBe('Everyone 1 new');
    chip('All')?.click();
    await settle();
    expect(text('h2')).toEqual(['T3', 'T2', 'T1']);
    expect(chip('Everyone')?.textContent?.trim()).toBe('Everyone');
  });

  it('leaves what the members of a team say to the page of the teams', () => {
    show([entry(1), entry(2, { channel: 'teams:press' }), entry(3, { channel: 'teams:press', id: 'a word' })]);
    expect(text('h2')).toEqual(['T1', 'T2']);
  });

  it('says how slow it is while the service is pressed', () => {
    service.value = { posture: 'elevated', message: null };
    show([entry(1)]);
    expect(text('.chip-words')).toEqual(['Live, but slowNewest from 12 minutes ago']);
  });

  it('says what is missing while it is fetched, and that it is gone when it does not come', () => {
    const gap = { kind: 'gap', id: 'g', channel: 'bulletins:all', generation: 0, offset: 0, arrivedAt: 0 } as const;
    show([entry(1), gap], { kind: 'catching-up', done: 1, of: 4 });
    expect(text('.aside-gap')).toEqual(['3 are missing here. Fetching them …']);
    show([entry(1), gap]);
    expect(text('.aside-gap')).toEqual(['Some older messages are no longer kept.']);
  });

  it('says as of when it is without a connection', () => {
    show([entry(1)], { kind: 'offline', savedAsOf: NOW });
    expect(text('.banner')[0]).toContain('saved on this device as of 14:05');
  });
});
