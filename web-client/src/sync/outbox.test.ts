import { beforeEach, describe, expect, it } from 'vitest';
import type { MessageLetter } from '../model/letter.ts';
import type { OutboxItem } from '../model/outbox_item.ts';
import { MemoryOutboxStore } from '../storage/outbox_store.ts';
import { FakeClock } from '../testing/fake_clock.ts';
import { settle } from '../testing/settle.ts';
import type { PublishAnswer } from './link.ts';
import { MAX_POSTED, Outbox } from './outbox.ts';

const POSTED: PublishAnswer = { kind: 'posted', position: { epoch: 'e', offset: 1 }, isDurable: true };
let store: MemoryOutboxStore;
let clock: FakeClock;
let sent: string[];
let answers: ((item: OutboxItem) => Promise<PublishAnswer>)[];

beforeEach(() => {
  store = new MemoryOutboxStore();
  clock = new FakeClock();
  sent = [];
  answers = [];
});

function open(): Outbox<MessageLetter> {
  const outbox = new Outbox({
    store,
    carries: (letter) => letter.kind === 'message',
    clock,
    random: () => 0,
    randomId: () => 'fresh',
    changed: () => {},
    publish: async (item) => {
      sent.push(item.id);
      return (await answers.shift()?.(item)) ?? POSTED;
    },
  });
  outbox.memberChanged('m_1');
  return outbox;
}

const message = (id: string): MessageLetter => ({
  kind: 'message',
  channel: 'c',
  bulletin: { id, kind: 'update', texts: { en: { title: id, body: 'b' } } },
});
const states = (outbox: Outbox<MessageLetter>): string[] => outbox.items.map(({ state }) => state.kind);
const answer = (value: PublishAnswer) => async (): Promise<PublishAnswer> => value;
const never = async (): Promise<PublishAnswer> => new Promise(() => {});

describe('the outbox', () => {
  it('keeps a post until there is a connection, then sends it once', async () => {
    const outbox = open();
    await outbox.add('a', message('a'));
    expect(states(outbox)).toEqual(['waiting']);
    outbox.connectionChanged(true);
    expect(states(outbox)).toEqual(['sending']);
    await settle();
    expect(states(outbox)).toEqual(['posted']);
    outbox.connectionChanged(false);
    outbox.connectionChanged(true);
    await settle();
    expect(sent).toEqual(['a']);
  });

  it('sends in the order of writing, one at a time', async () => {
    const outbox = open();
    await outbox.add('a', message('a'));
    clock.advance(1);
    await outbox.add('b', message('b'));
    answers = [never];
    outbox.connectionChanged(true);
    await settle();
    expect(sent).toEqual(['a']);
    expect(states(outbox)).toEqual(['sending', 'waiting']);
  });

  it('sends again, under the same id, what was not answered when the page closed', async () => {
    const first = open();
    await first.load();
    answers = [never];
    first.connectionChanged(true);
    await first.add('a', message('a'));
    await settle();
    expect(states(first)).toEqual(['sending']);

    const second = open();
    await second.load();
    expect(states(second)).toEqual(['waiting']);
    second.connectionChanged(true);
    await settle();
    expect(sent).toEqual(['a', 'a']);
    expect(states(second)).toEqual(['posted']);
  });

  it('waits longer after each failure and stays first in line', async () => {
    const outbox = open();
    answers = [answer({ kind: 'again' }), answer({ kind: 'again' })];
    outbox.connectionChanged(true);
    await outbox.add('a', message('a'));
    await outbox.add('b', message('b'));
    await settle();
    expect(sent).toEqual(['a']);
    expect(clock.waiting).toBe(1);
    clock.advance(60_000);
    await settle();
    expect(sent).toEqual(['a', 'a']);
    clock.advance(60_000);
    await settle();
    expect(sent).toEqual(['a', 'a', 'a', 'b']);
    expect(states(outbox)).toEqual(['posted', 'posted']);
  });

  it('sends again, under the same id, when the service said and not before', async () => {
    const outbox = open();
    answers = [answer({ kind: 'again', retryAfterMs: 30_000 })];
    outbox.connectionChanged(true);
    await outbox.add('a', message('a'));
    await outbox.add('b', message('b'));
    await settle();
    expect(states(outbox)).toEqual(['waiting', 'waiting']);
    clock.advance(29_999);
    await settle();
    expect(sent).toEqual(['a']);
    clock.advance(1);
    await settle();
    expect(sent).toEqual(['a', 'a', 'b']);
    expect(states(outbox)).toEqual(['posted', 'posted']);
  });

  it('waits for as long as the service said although the connection comes back', async () => {
    const outbox = open();
    answers = [answer({ kind: 'again', retryAfterMs: 30_000 })];
    outbox.connectionChanged(true);
    await outbox.add('a', message('a'));
    await settle();
    clock.advance(10_000);
    outbox.connectionChanged(false);
    outbox.connectionChanged(true);
    await settle();
    expect(sent).toEqual(['a']);
    clock.advance(20_000);
    await settle();
    expect(sent).toEqual(['a', 'a']);
    expect(states(outbox)).toEqual(['posted']);
  });

  it('is not answered about more than one post at a time, whatever the service would allow', async () => {
    const outbox = open();
    let waiting = 0;
    const one = async (): Promise<PublishAnswer> => {
      waiting += 1;
      expect(waiting).toBe(1);
      await settle();
      waiting -= 1;
      return POSTED;
    };
    answers = [one, one, one];
    for (const id of ['a', 'b', 'c']) await outbox.add(id, message(id));
    outbox.connectionChanged(true);
    for (let i = 0; i < 5; i += 1) await settle();
    expect(sent).toEqual(['a', 'b', 'c']);
  });

  it('tries at once when the connection comes back', async () => {
    const outbox = open();
    answers = [answer({ kind: 'again' })];
    outbox.connectionChanged(true);
    await outbox.add('a', message('a'));
    await settle();
    outbox.connectionChanged(false);
    outbox.connectionChanged(true);
    await settle();
    expect(states(outbox)).toEqual(['posted']);
  });

  it('shows a refusal, goes on with the next, and can be asked again', async () => {
    const outbox = open();
    answers = [answer({ kind: 'refused', code: 103 })];
    await outbox.add('a', message('a'));
    await outbox.add('b', message('b'));
    outbox.connectionChanged(true);
    await settle();
    expect(states(outbox)).toEqual(['refused', 'posted']);
    await outbox.retry('a');
    await settle();
    expect(states(outbox)).toEqual(['posted', 'posted']);
  });

  it('holds a post only once, and gives up none that is on its way', async () => {
    const outbox = open();
    await outbox.add('a', message('a'));
    await outbox.add('a', message('a'));
    await outbox.discard('a');
    expect(outbox.items.length).toBe(1);
  });

  it('goes on while the store fails, and only a new post needs it', async () => {
    const outbox = open();
    answers = [answer({ kind: 'again' })];
    await outbox.add('a', message('a'));
    await outbox.add('b', message('b'));
    store.put = async () => Promise.reject(new Error('quota'));
    store.add = async () => Promise.reject(new Error('quota'));
    outbox.connectionChanged(true);
    await settle();
    clock.advance(60_000);
    await settle();
    expect(sent).toEqual(['a', 'a', 'b']);
    expect(states(outbox)).toEqual(['posted', 'posted']);
    await expect(outbox.add('d', message('d'))).rejects.toThrow('quota');
  });

  it('sends under a fresh id what another tab posted something else under', async () => {
    await open().add('a', message('a'));
    const second = open();
    await second.add('a', message('Other'));
    expect((await store.all()).map(({ id }) => id)).toEqual(['a', 'fresh']);
    second.connectionChanged(true);
    await settle();
    expect(sent).toEqual(['fresh']);
  });

  it('neither shows nor sends for the next member what the last one wrote', async () => {
    const outbox = open();
    await outbox.add('a', message('a'));
    outbox.memberChanged(null);
    outbox.connectionChanged(true);
    await settle();
    expect(outbox.items).toEqual([]);
    outbox.memberChanged('m_2');
    await settle();
    expect([outbox.items, sent]).toEqual([[], []]);

    const reloaded = open();
    await reloaded.load();
    reloaded.memberChanged('m_2');
    reloaded.connectionChanged(true);
    await settle();
    expect([reloaded.items, sent]).toEqual([[], []]);
  });

  it('lets the oldest posted ones go', async () => {
    const outbox = open();
    outbox.connectionChanged(true);
    for (let n = 0; n < MAX_POSTED + 3; n += 1) {
      await outbox.add(`n${n}`, message(`n${n}`));
      await settle();
    }
    expect(outbox.items.length).toBe(MAX_POSTED);
    expect((await store.all()).length).toBe(MAX_POSTED);
  });
});
