import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Entered } from '../account/session_source.ts';
import type { SocketPhase } from '../model/link_state.ts';
import type { MessageLetter } from '../model/letter.ts';
import type { OutboxItem } from '../model/outbox_item.ts';
import type { ChannelHandler } from '../sync/link.ts';
import { FakeClock } from '../testing/fake_clock.ts';
import { FakeSocket } from '../testing/fake_socket.ts';
import { settle } from '../testing/settle.ts';
import { isRecord } from '../protocol/shape.ts';
import { Connection } from './connection.ts';

const SESSION = {
  kind: 'session',
  session: { member: { id: 'm_1', name: null, roles: [] }, token: 'token', postsForMs: 600_000, channels: [] },
} as const satisfies Entered;
const CONNECTED = { connect: { client: 'c', version: 'v', ping: 25, pong: true } };
const ITEM: OutboxItem<MessageLetter> = {
  id: 'a',
  author: 'm_1',
  letter: {
    kind: 'message',
    channel: 'bulletins:all',
    bulletin: { id: 'a', kind: 'update', texts: { en: { title: 'T', body: 'B' } } },
  },
  createdAt: 1,
  state: { kind: 'waiting' },
};

let clock: FakeClock;
let phases: SocketPhase[];
let session: Entered | Promise<Entered>;
let shown: unknown[];
let subscribes: Readonly<Record<string, unknown>>[];
let asked: string[];
let announced: unknown[];
let connection: Connection;

beforeEach(() => {
  clock = new FakeClock();
  phases = [];
  asked = [];
  announced = [];
  shown = [];
  subscribes = [];
  session = SESSION;
  FakeSocket.reset();
  connection = new Connection(
    {
      endpoint: 'ws://localhost/connection/websocket',
      clock,
      random: () => 0,
      enter: async (how) => {
        asked.push(how);
        return session;
      },
      phaseChanged: (phase) => void phases.push(phase),
      announced: (channel, data) => void announced.push([channel, data]),
    },
    FakeSocket,
  );
});

afterEach(() => {
  connection.close();
  vi.useRealTimers();
});

function serve(answers: Record<string, unknown>): void {
  FakeSocket.answer = (command) => {
    if (isRecord(command['connect'])) shown.push(command['connect']['token']);
    if (isRecord(command['subscribe'])) subscribes.push(command['subscribe']);
    for (const [name, reply] of Object.entries({ connect: CONNECTED, ...answers })) if (name in command) return reply;
    return { error: { code: 104, message: 'method not found' } };
  };
}

async function open(answers: Record<string, unknown> = {}): Promise<void> {
  serve(answers);
  connection.open();
  await settle();
}

function recorder(): { events: unknown[]; handler: ChannelHandler } {
  const events: unknown[] = [];
  const note = (name: string) => (value?: unknown) => void events.push([name, value]);
  const handler = { subscribing: note('subscribing'), subscribed: note('subscribed'), publication: note('publication'), refused: note('refused') };
  return { events, handler };
}

describe('the connection', () => {
  it('says what it does', async () => {
    await open();
    expect(phases).toEqual(['connecting', 'connected']);
    expect(asked).toEqual(['current']);
  });

  it('is signed out when the device is not known', async () => {
    session = { kind: 'not-joined' };
    await open();
    expect(phases).toEqual(['connecting', 'signed-out']);
  });

  it('is lost, and not signed out, while no session can be had', async () => {
    session = { kind: 'unavailable' };
    await open();
    expect(phases).toEqual(['connecting', 'lost']);
  });

  it('is connecting again when the socket closes', async () => {
    await open();
    FakeSocket.opened[0]?.close(1006);
    await settle();
    expect(phases.at(-1)).toBe('connecting');
  });

  it('starts over with a new token when the server refuses the old one for good', async () => {
    await open();
    FakeSocket.opened[0]?.close(3500, 'invalid token');
    await settle();
    expect(phases.at(-1)).toBe('lost');
    clock.advance(60_000);
    await settle();
    expect(phases.at(-1)).toBe('connected');
    expect(asked).toEqual(['current', 'renew']);
  });
});

describe('who has to ask before they come in', () => {
  /** The SDK chooses its pauses by chance. */
  function pretendTime(): void {
    vi.useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
  }

  /** The next sockets do not open, as when the server refuses them without a word. */
  function refuseSockets(count: number): void {
    const opened = FakeSocket.opened.length;
    FakeSocket.opens = () => FakeSocket.opened.length > opened + count;
  }

  it('is connected when it is their turn, with what they got then', async () => {
    let turn = (_answer: Entered): void => {};
    session = new Promise<Entered>((resolve) => (turn = resolve));
    await open();
    expect([phases, FakeSocket.opened.length]).toEqual([['connecting'], 0]);
    turn({ ...SESSION, session: { ...SESSION.session, token: 'later' } });
    await settle();
    expect(phases).toEqual(['connecting', 'connected']);
    expect(shown).toEqual(['later']);
  });

  it('asks anew when the token is not welcome, once for each time', async () => {
    pretendTime();
    const refused = { error: { code: 109, message: 'token expired' } };
    serve({ connect: refused });
    connection.open();
    await vi.advanceTimersByTimeAsync(60_000);
    // The SDK comes back later and later, and each time with an answer that is newer than the refusal.
    expect(shown.length).toBeGreaterThan(1);
    expect(shown.length).toBeLessThan(20);
    expect(asked).toEqual(['current', ...shown.slice(1).map(() => 'renew')]);
  });

  it('does not ask again while it waits for its turn', async () => {
    pretendTime();
    serve({ connect: { error: { code: 109, message: 'token expired' } } });
    connection.open();
    await vi.advanceTimersByTimeAsync(10);
    session = new Promise<Entered>(() => {});
    await vi.advanceTimersByTimeAsync(600_000);
    expect(asked.at(-1)).toBe('renew');
    const before = asked.length;
    await vi.advanceTimersByTimeAsync(600_000);
    expect(asked.length).toBe(before);
  });

  it('asks in plain HTTP after three sockets that did not open', async () => {
    pretendTime();
    serve({});
    refuseSockets(3);
    connection.open();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(asked).toEqual(['current', 'renew']);
    expect(phases.at(-1)).toBe('connected');
  });

  it('goes on with the old token while nobody can be asked', async () => {
    pretendTime();
    serve({});
    refuseSockets(4);
    connection.open();
    await vi.advanceTimersByTimeAsync(10);
    session = { kind: 'unavailable' };
    await vi.advanceTimersByTimeAsync(20_000);
    expect(asked).toEqual(['current', 'renew']);
    expect([phases.at(-1), shown]).toEqual(['connected', ['token']]);
  });
});

describe('receipts', () => {
  const batch = { received: ['b1'], acknowledged: [] };

  it.each([
    [{ rpc: { data: { status: 'ok' } } }, { kind: 'kept' }],
    [{ rpc: { data: { status: 'later', retry_after_ms: 30_000 } } }, { kind: 'again', retryAfterMs: 30_000 }],
    [{ rpc: { data: { status: 'odd' } } }, { kind: 'again' }],
    [{ error: { code: 107, message: 'bad request' } }, { kind: 'refused' }],
    [{ error: { code: 100, message: 'internal', temporary: true } }, { kind: 'again' }],
  ])('that are answered %j are %j', async (reply, answer) => {
    await open({ rpc: reply });
    expect(await connection.tellReceipts(batch)).toEqual(answer);
  });
});

describe('following', () => {
  const recovered = {
    recoverable: true,
    positioned: true,
    epoch: 'e',
    offset: 4,
    was_recovering: true,
    recovered: true,
    data: { top: 6 },
    publications: [{ offset: 5, time: 1_700_000_000_000, data: { id: 'five' } }],
  };

  it('asks for what came after its place, and where it has none for what comes from now on', async () => {
    connection.follow('bulletins:all', { epoch: 'e', offset: 4 }, recorder().handler);
    connection.follow('inbox#m', { epoch: '', offset: 0 }, recorder().handler);
    await open({ subscribe: { subscribe: recovered } });
    expect(subscribes.map(({ channel, recover, offset }) => [channel, recover, offset])).toEqual([
      ['bulletins:all', true, 4],
      ['inbox#m', undefined, undefined],
    ]);
  });

  it('hears the place, the top, and publications with the time of the server', async () => {
    const { events, handler } = recorder();
    connection.follow('bulletins:all', { epoch: 'e', offset: 4 }, handler);
    await open({ subscribe: { subscribe: recovered } });
    FakeSocket.opened[0]?.receive({ push: { channel: 'bulletins:all', pub: { offset: 6, data: { id: 'six' }, info: { user: 'm_1', client: 'c' } } } });
    await settle();
    expect(events.slice(1)).toEqual([
      ['subscribed', { continued: true, position: { epoch: 'e', offset: 4 }, top: 6 }],
      ['publication', { data: { id: 'five' }, isFromService: true, offset: 5, postedAt: 1_700_000_000_000 }],
      ['publication', { data: { id: 'six' }, isFromService: false, author: 'm_1', offset: 6, postedAt: null }],
    ]);
  });

  it('hears that the server could not continue', async () => {
    const { events, handler } = recorder();
    connection.follow('bulletins:all', { epoch: 'e', offset: 4 }, handler);
    await open({ subscribe: { subscribe: { ...recovered, recovered: false, offset: 9, publications: [] } } });
    expect(events.at(-1)).toEqual(['subscribed', { continued: false, position: { epoch: 'e', offset: 9 }, top: 6 }]);
  });

  it('hears a refusal once, and the connection goes on', async () => {
    const { events, handler } = recorder();
    connection.follow('inbox#other', { epoch: '', offset: 0 }, handler);
    await open({ subscribe: { error: { code: 103, message: 'permission denied' } } });
    expect(events.at(-1)).toEqual(['refused', 103]);
    expect(phases.at(-1)).toBe('connected');
  });
});

describe('what the server tells everyone', () => {
  const status = { recoverable: true, positioned: true, epoch: 'e', offset: 2 };
  const connected = (subscription: object) => ({
    connect: { connect: { ...CONNECTED.connect, subs: { 'service:status': { ...status, ...subscription } } } },
  });
  const latest = { history: { history: { epoch: 'e', offset: 2, publications: [{ offset: 2, data: 'last' }] } } };

  it('is heard from the last word on', async () => {
    await open({ ...connected({}), ...latest });
    FakeSocket.opened[0]?.receive({ push: { channel: 'service:status', pub: { offset: 3, data: 'next' } } });
    await settle();
    expect(announced).toEqual([['service:status', 'last'], ['service:status', 'next']]);
  });

  it('is not asked for again when nothing was missed', async () => {
    const publications = [{ offset: 2, data: 'missed' }];
    await open({ ...connected({ recovered: true, was_recovering: true, publications }), ...latest });
    expect(announced).toEqual([['service:status', 'missed']]);
  });

  it('is not overtaken by an older word', async () => {
    serve({ ...connected({}), ...latest });
    const answer = FakeSocket.answer;
    FakeSocket.answer = (command, socket) => {
      if ('history' in command) socket.receive({ push: { channel: 'service:status', pub: { offset: 3, data: 'next' } } });
      return answer(command, socket);
    };
    connection.open();
    await settle();
    expect(announced).toEqual([['service:status', 'next']]);
  });
});

describe('publishing', () => {
  it('answers the position', async () => {
    await open({ rpc: { rpc: { data: { status: 'ok', epoch: 'e', offset: 7 } } } });
    expect(await connection.publish(ITEM)).toEqual({ kind: 'posted', position: { epoch: 'e', offset: 7 }, isDurable: true });
  });

  it('hears when to send it again', async () => {
    await open({ rpc: { rpc: { data: { status: 'later', credit: 4, retry_after_ms: 8_000 } } } });
    expect(await connection.publish(ITEM)).toEqual({ kind: 'again', retryAfterMs: 8_000 });
  });

  it.each([
    [103, { kind: 'refused', code: 103 }],
    [107, { kind: 'refused', code: 107 }],
    [111, { kind: 'again' }],
    [100, { kind: 'again' }],
  ])('understands error %i', async (code, answer) => {
    await open({ rpc: { error: { code, message: '' } } });
    expect(await connection.publish(ITEM)).toEqual(answer);
  });

  it('sends again what was on its way when the socket closed', async () => {
    await open();
    FakeSocket.answer = (_command, socket) => void socket.close(1006);
    expect(await connection.publish(ITEM)).toEqual({ kind: 'again' });
  });
});
