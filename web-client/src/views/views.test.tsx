import { signal } from '@preact/signals';
import { render, type ComponentChild } from 'preact';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { JoinState } from '../account/join.ts';
import type { Bulletin } from '../model/bulletin.ts';
import type { BulletinEntry, Entry } from '../model/entry.ts';
import type { LinkState } from '../model/link_state.ts';
import { settle } from '../testing/settle.ts';
import { language } from '../words/translator.ts';
import { JoinView } from './join/join_view.tsx';
import { ServiceCard } from './me/service_card.tsx';
import { BulletinCard } from './shared/bulletin_card.tsx';
import type { BulletinTools } from './shared/bulletin_tools.ts';
import { LinkChip } from './shared/link_chip.tsx';
import { Noticeboard } from './shared/noticeboard.tsx';
import { ServiceNotices } from './shared/service_notices.tsx';
import { WaitingNotice } from './shared/waiting_notice.tsx';
import { WaitingPage } from './shared/waiting_page.tsx';

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

describe('what became of a bulletin', () => {
  const first: BulletinEntry = {
    kind: 'bulletin',
    id: `b${'1'.repeat(31)}`,
    channel: 'bulletins:all',
    generation: 0,
    offset: 1,
    arrivedAt: 1,
    postedAt: NOW,
    bulletin: { id: `b${'1'.repeat(31)}`, kind: 'alert', urgency: 'urgent', expiresAt: NOW + 60_000, texts: { en: { title: 'Polls', body: '**Not** at 9.' } } },
  };
  const next = (id: string, how: 'corrects' | 'withdraws', title: string): BulletinEntry => ({
    ...first,
    id,
    offset: first.offset + 1,
    postedAt: NOW + 1,
    bulletin: { ...first.bulletin, id, texts: { en: { title, body: 'Words of it.' } }, references: [{ id: first.id, how }] },
  });
  const cardOf = (entries: readonly Entry[], now = NOW, tools?: BulletinTools) =>
    show(
      <Noticeboard
        entries={entries}
        visit={{ leftAt: null, caughtUpAt: null }}
        isCatchingUp={false}
        now={now}
        labelledBy="x"
        {...(tools === undefined ? {} : { tools })}
      />,
    ).querySelector('article');

  it('is Markdown as elements, urgent in words, and until when', () => {
    const card = cardOf([first]);
    expect(card?.querySelector('.card-body strong')?.textContent).toBe('Not');
    expect(card?.querySelector('.badge')?.textContent).toBe('Urgent');
    expect(card?.textContent).toContain('Until 14:06');
  });

  it('is said where it is over, and nobody is asked any more', () => {
    const tools = { file: async () => await Promise.reject(new Error()), isAcknowledged: () => false, acknowledge: () => {} };
    const over = cardOf([first], NOW + 60_000, tools);
    expect(over?.className).toContain('card-expired');
    expect(over?.textContent).toContain('Over since 14:06');
    expect(over?.querySelector('button')).toBeNull();
    expect(cardOf([first], NOW, tools)?.querySelector('button')?.textContent).toBe('I have seen this');
  });

  it('is said in its place when it was corrected, with what changed for who asks', () => {
    const card = cardOf([next(`b${'2'.repeat(31)}`, 'corrects', 'Polls close'), first]);
    expect(card?.querySelector('h2')?.textContent).toBe('Polls close');
    expect(card?.textContent).toContain('Corrected 14:05');
    expect(card?.querySelector('summary')?.textContent).toBe('What changed');
  });

  it('is said in its place when it was withdrawn, with what it said for who asks', () => {
    const card = cardOf([next(`${first.id}.withdrawn`, 'withdraws', 'Withdrawn: Polls'), first]);
    expect(card?.textContent).toContain('Withdrawn 14:05');
    expect(card?.querySelector('.card-body')?.textContent).toBe('Words of it.');
    expect(card?.querySelector('details strong')?.textContent).toBe('Not');
    expect(card?.className).not.toContain('urgent');
  });
});

describe('what is said of the service', () => {
  it('is nothing while all is well', () => {
    const body = show(<ServiceNotices service={{ posture: 'normal', message: null }} storageWorks />);
    expect(body.textContent).toBe('');
  });

  it('is plain words, what the admins say as text, and where to read more', () => {
    const service = { posture: 'under_attack', message: '<b>We</b> are at it.' } as const;
    const body = show(<ServiceNotices service={service} storageWorks />);
    expect(body.querySelector('[role=status]')?.textContent).toContain('nothing is lost');
    expect(body.querySelector('.banner-message')?.textContent).toBe('<b>We</b> are at it.');
    expect(body.querySelector('a')?.getAttribute('href')).toBe('/status?lang=en');
    language.value = 'cy';
    show(<ServiceNotices service={{ posture: 'normal', message: 'Popeth yn iawn.' }} storageWorks />);
    expect(body.querySelector('a')?.getAttribute('href')).toBe('/status?lang=cy');
  });

  it.each([
    [true, 'Thank you.'],
    [false, 'could not be told'],
  ])('a member can say that it is slow, and is told whether it was heard: %s', async (isHeard, words) => {
    let said = 0;
    const sayItIsSlow = async (): Promise<boolean> => {
      said += 1;
      return isHeard;
    };
    const body = show(<ServiceCard sayItIsSlow={sayItIsSlow} />);
    body.querySelector('button')?.click();
    await settle();
    expect(body.querySelector('[role=status]')?.textContent).toContain(words);
    expect(said).toBe(1);
  });
});

describe('the chip', () => {
  it.each([
    [{ kind: 'live' }, 'Live'],
    [{ kind: 'catching-up', done: 12, of: 1_500 }, 'Catching up: 12 of 1,500'],
    [{ kind: 'offline', savedAsOf: NOW }, 'OfflineSaved as of 14:05'],
    [{ kind: 'connecting', savedAsOf: null }, 'Connecting'],
    [{ kind: 'waiting', savedAsOf: NOW }, 'Waiting to come inSaved as of 14:05'],
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

describe('the waiting room', () => {
  const place = (position: number | null, seconds: number) => ({ position, waitMs: seconds * 1_000 });

  it.each([
    ['en', place(1, 0), 'You are number 1. Less than a minute.'],
    ['en', place(412, 59), 'You are number 412. Less than a minute.'],
    ['en', place(412, 60), 'You are number 412. About 1 minute.'],
    ['en', place(12_345, 61), 'You are number 12,345. About 2 minutes.'],
    ['en', place(12_345, 3_599), 'You are number 12,345. About 60 minutes.'],
    ['en', place(99_999, 3_600), 'You are number 99,999. More than an hour.'],
    ['en', place(null, 5), ' Less than a minute.'],
    ['cy', place(412, 59), 'Chi yw rhif 412. Llai na munud.'],
    ['cy', place(412, 120), 'Chi yw rhif 412. Tua 2 funud.'],
    ['cy', place(412, 3_600), 'Chi yw rhif 412. Mwy nag awr.'],
  ] as const)('says in %s of %j "%s"', (chosen, waiting, words) => {
    language.value = chosen;
    expect(show(<WaitingPage waiting={waiting} />).querySelector('.waiting-place')?.textContent).toBe(words);
  });

  it('shows each answer, and reads out only what is news', () => {
    const places = [place(412, 400), place(400, 390), place(390, 460), place(200, 200), place(190, 190), place(90, 90), place(40, 40), place(9, 9)];
    const shown = places.map((waiting) => {
      const body = show(<WaitingNotice waiting={waiting} meanwhile="Read." />);
      return [body.querySelector('.waiting-place')?.textContent, body.querySelector('[role=status]')?.textContent];
    });
    expect(shown.map(([seen]) => seen?.match(/number (\d+)/)?.[1])).toEqual(['412', '400', '390', '200', '190', '90', '40', '9']);
    expect(shown.map(([, said]) => said?.match(/number (\d+)/)?.[1])).toEqual(['412', '412', '412', '200', '200', '90', '40', '40']);
  });
});

describe('the join page', () => {
  const join = { isMember: false, isMove: false, signOnRefusal: null, passkey: null, signOn: { ask: async () => null, address: '/v1/oidc/start' }, redeem: () => {}, enterCode: () => {}, chooseLanguage: () => {} };

  it.each([
    [{ kind: 'ready' }, 'You are invitedMae gwahoddiad i chi'],
    [{ kind: 'awaiting' }, 'Somebody has yet to let you in'],
    [{ kind: 'refused', why: 'code-unknown' }, 'This code is not known'],
    [{ kind: 'interrupted', why: 'offline' }, 'No connection'],
    [{ kind: 'interrupted', why: 'busy' }, 'The service is very busy'],
    [{ kind: 'waiting', waiting: { position: 1, waitMs: 1 } }, 'Many people are coming in. You have a place.'],
    [{ kind: 'refused', why: 'expired' }, 'This invite has expired'],
    [{ kind: 'refused', why: 'used-up' }, 'This invite is used up'],
    [{ kind: 'refused', why: 'revoked' }, 'This invite was withdrawn'],
    [{ kind: 'refused', why: 'unknown' }, 'This invite is not known'],
    [{ kind: 'no-invite' }, 'This link has no invite in it'],
  ] as [JoinState, string][])('says %j as "%s"', (state, title) => {
    const body = show(<JoinView {...join} state={signal(state)} />);
    expect(body.querySelector('h1')?.textContent).toBe(title);
  });

  it('says why the sign-on let nobody in, and offers it again under its name', async () => {
    const signOn = { ask: async () => 'Campaign account', address: '/v1/oidc/start?return=/' };
    const body = show(<JoinView {...join} state={signal({ kind: 'no-invite' })} signOnRefusal="no_invite" signOn={signOn} />);
    expect(body.querySelector('h1')?.textContent).toBe('Ask for an invite');
    const link = (): string | null | undefined => body.querySelector('a[href="/v1/oidc/start?return=/"]')?.textContent;
    await vi.waitFor(() => expect(link()).toBe('Sign in with Campaign account'));
  });

  it('asks for a language and nothing else, and joins in it', () => {
    const chosen: string[] = [];
    const view = <JoinView {...join} state={signal({ kind: 'ready' })} chooseLanguage={(each) => chosen.push(each)} redeem={() => chosen.push('joined')} />;
    const body = show(view);
    expect(body.querySelectorAll('input, select, textarea')).toHaveLength(0);
    body.querySelector<HTMLButtonElement>('[lang=cy] button')?.click();
    expect(chosen).toEqual(['cy', 'joined']);
  });
});
