import { signal } from '@preact/signals';
import { render, type ComponentChild } from 'preact';
import { afterEach, describe, expect, it } from 'vitest';
import type { JoinState } from '../account/join.ts';
import type { Bulletin } from '../model/bulletin.ts';
import type { Entry } from '../model/entry.ts';
import type { LinkState } from '../model/link_state.ts';
import { settle } from '../testing/settle.ts';
import { language } from '../words/translator.ts';
import { JoinView } from './join/join_view.tsx';
import { BulletinCard } from './shared/bulletin_card.tsx';
import { LinkChip } from './shared/link_chip.tsx';
import { Noticeboard } from './shared/noticeboard.tsx';

const NOW = new Date(2026, 10, 23, 14, 5).getTime();

afterEach(() => {
  render(null, document.body);
  language.value = 'en';
});

function show(view: ComponentChild): HTMLElement {
  render(view, document.body);
  return document.body;
}

describe('a bulletin card', () => {
  const hostile: Bulletin = {
    id: 'a',
    kind: 'alert',
    texts: { en: { title: '<img src=x onerror=alert(1)>', body: 'See https://example.org <b>now</b>' } },
  };

  it('shows text as text and links as links', () => {
    const body = show(<BulletinCard bulletin={hostile} channel="bulletins:all" language="en" time="Now" />);
    expect(body.querySelector('img, b')).toBeNull();
    expect(body.querySelector('h2')?.textContent).toBe('<img src=x onerror=alert(1)>');
    expect(body.querySelector('a')?.getAttribute('rel')).toContain('noopener');
    expect(body.querySelector('.badge')?.textContent).toBe('Urgent');
  });

  it.each(['', ' ', '\uFEFF'])('has no heading where its title has no words: %j', (title) => {
    const bulletin: Bulletin = { id: 'a', kind: 'update', texts: { en: { title, body: 'Text.' } } };
    const body = show(<BulletinCard bulletin={bulletin} channel="bulletins:all" language="en" time="Now" />);
    expect(body.querySelector('h2')).toBeNull();
    expect(body.querySelector('.card-title')?.textContent).toBe(title);
  });

  it('says in which language it is when the reader chose another', () => {
    language.value = 'cy';
    const body = show(<BulletinCard bulletin={hostile} channel="bulletins:all" language="cy" time="Nawr" />);
    expect(body.querySelector('[lang]')?.getAttribute('lang')).toBe('en');
    expect(body.textContent).toContain('Yn Saesneg yn unig');
  });
});

describe('the chip', () => {
  it.each([
    [{ kind: 'live' }, 'Live'],
    [{ kind: 'catching-up', done: 12, of: 1_500 }, 'Catching up: 12 of 1,500'],
    [{ kind: 'offline', savedAsOf: NOW }, 'OfflineSaved as of 14:05'],
    [{ kind: 'connecting', savedAsOf: null }, 'Connecting'],
    [{ kind: 'signed-out' }, 'Signed out'],
  ] as [LinkState, string][])('says %j as "%s"', (link, words) => {
    expect(show(<LinkChip link={link} now={NOW} />).textContent).toBe(words);
  });
});

describe('the noticeboard', () => {
  const entry = (n: number): Entry => ({
    kind: 'bulletin',
    id: `n${n}`,
    channel: 'bulletins:all',
    generation: 0,
    offset: n,
    arrivedAt: n,
    postedAt: NOW,
    bulletin: { id: `n${n}`, kind: 'update', texts: { en: { title: `Title ${n}`, body: '' } } },
  });
  const board = (entries: readonly Entry[], leftAt: number | null = null) => (
    <Noticeboard entries={entries} visit={{ leftAt, caughtUpAt: 99 }} isCatchingUp={false} now={NOW} labelledBy="x" />
  );

  it('says that there is nothing yet', () => {
    expect(show(board([])).textContent).toContain('No bulletins yet');
  });

  it('draws the line above what came while the reader was away', () => {
    const body = show(board([entry(3), entry(2), entry(1)], 1));
    const log = body.querySelector('[role=log]');
    expect([...(log?.children ?? [])].map((child) => child.querySelector('h2')?.textContent ?? child.textContent)).toEqual([
      '2 new since you left',
      'Title 3',
      'Title 2',
      'Earlier',
      'Title 1',
    ]);
  });

  it('never hides a gap or a message that it cannot show', () => {
    const gap: Entry = { kind: 'gap', id: 'g', channel: 'c', generation: 0, offset: 0, arrivedAt: 0 };
    const odd: Entry = { kind: 'unreadable', id: 'u', channel: 'c', generation: 0, offset: 1, arrivedAt: 0, postedAt: 0 };
    const text = show(board([odd, gap])).textContent;
    expect(text).toContain('A message this app cannot show');
    expect(text).toContain('Some older messages are no longer kept');
  });

  it('shows older ones when asked', async () => {
    const body = show(board(Array.from({ length: 60 }, (_, n) => entry(60 - n))));
    expect(body.querySelectorAll('h2').length).toBe(50);
    const button = body.querySelector('button');
    expect(button?.textContent).toBe('Show 10 older bulletins');
    button?.click();
    await settle();
    expect(body.querySelectorAll('h2').length).toBe(60);
  });
});

describe('the join page', () => {
  it.each([
    [{ kind: 'ready' }, 'You are invited'],
    [{ kind: 'interrupted', why: 'offline' }, 'No connection'],
    [{ kind: 'interrupted', why: 'busy' }, 'The service is very busy'],
    [{ kind: 'refused', why: 'expired' }, 'This invite has expired'],
    [{ kind: 'refused', why: 'used-up' }, 'This invite is used up'],
    [{ kind: 'refused', why: 'revoked' }, 'This invite was withdrawn'],
    [{ kind: 'refused', why: 'unknown' }, 'This invite is not known'],
    [{ kind: 'no-invite' }, 'This link has no invite in it'],
  ] as [JoinState, string][])('says %j as "%s"', (state, title) => {
    const body = show(<JoinView state={signal(state)} isMember={false} redeem={() => {}} />);
    expect(body.querySelector('h1')?.textContent).toBe(title);
  });
});
