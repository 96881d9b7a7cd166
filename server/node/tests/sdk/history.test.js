// @ts-check
// Pages of what was said.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { event } from './support/deadline.js';
import { member, numbers, range, sayNumbers } from './support/member.js';
import { serving } from './support/server.js';

const CHANNEL = 'teams:said';
const TOP = 650;

describe('history', () => {
  const server = serving();
  let epoch = '';

  before(async () => {
    const sender = await member({ after() {} }, server, { sub: 'm_sender', teams: ['said'] });
    const [first] = await sayNumbers(sender, CHANNEL, 1, TOP);
    epoch = first?.epoch ?? '';
    sender.disconnect();
  });

  /**
   * @param {import('node:test').TestContext} t
   * @param {import('centrifuge').HistoryOptions} options
   */
  async function asked(t, options) {
    const reader = await member(t, server, { sub: 'm_1', teams: ['said'] });
    return reader.history(CHANNEL, options);
  }

  it('with a limit of 0 says where the top is, and nothing more', async (t) => {
    assert.deepEqual(await asked(t, { limit: 0 }), { publications: [], epoch, offset: TOP });
  });

  it('begins with the oldest', async (t) => {
    const page = await asked(t, { limit: 3 });
    assert.deepEqual(numbers(page.publications), [1, 2, 3]);
    assert.deepEqual([page.epoch, page.offset], [epoch, TOP]);
  });

  it('holds what a live publication holds', async (t) => {
    const { publications } = await asked(t, { limit: 1 });
    assert.deepEqual([publications[0]?.offset, publications[0]?.data, publications[0]?.info?.user], [1, { n: 1 }, 'm_sender']);
  });

  it('goes on after a position', async (t) => {
    const { publications } = await asked(t, { limit: 3, since: { offset: 10, epoch } });
    assert.deepEqual(numbers(publications), [11, 12, 13]);
  });

  it('ends at the top', async (t) => {
    const { publications } = await asked(t, { limit: 10, since: { offset: TOP - 2, epoch } });
    assert.deepEqual(numbers(publications), [TOP - 1, TOP]);
    assert.deepEqual((await asked(t, { limit: 10, since: { offset: TOP, epoch } })).publications, []);
  });

  it('begins with the newest when it is reversed', async (t) => {
    const { publications } = await asked(t, { limit: 3, reverse: true });
    assert.deepEqual(numbers(publications), [TOP, TOP - 1, TOP - 2]);
  });

  it('goes on before a position when it is reversed', async (t) => {
    const { publications } = await asked(t, { limit: 3, reverse: true, since: { offset: 10, epoch } });
    assert.deepEqual(numbers(publications), [9, 8, 7]);
  });

  it('ends with the oldest when it is reversed', async (t) => {
    const { publications } = await asked(t, { limit: 10, reverse: true, since: { offset: 3, epoch } });
    assert.deepEqual(numbers(publications), [2, 1]);
  });

  it('is at most 300 long, however many are asked for', async (t) => {
    for (const limit of [300, 301, 1_000_000, -1]) {
      assert.deepEqual(numbers((await asked(t, { limit })).publications), range(1, 300), `limit ${limit}`);
    }
  });

  it('is whole when it is read page by page', async (t) => {
    const reader = await member(t, server, { sub: 'm_1', teams: ['said'] });
    const all = [];
    for (let offset = 0; offset < TOP; ) {
      const { publications } = await reader.history(CHANNEL, { limit: 100, since: { offset, epoch } });
      assert.notEqual(publications.length, 0);
      all.push(...numbers(publications));
      offset = publications.at(-1)?.offset ?? TOP;
    }
    assert.deepEqual(all, range(1, TOP));
  });

  for (const reverse of [false, true]) {
    const how = reverse ? 'backward' : 'forward';
    it(`${how} from a position of an epoch that nobody knows is refused with 112`, async (t) => {
      await assert.rejects(asked(t, { limit: 3, reverse, since: { offset: 10, epoch: 'unknown' } }), { code: 112 });
    });

    it(`${how} from a position of an epoch that cannot be one is refused with 112`, async (t) => {
      await assert.rejects(asked(t, { limit: 3, reverse, since: { offset: 10, epoch: 'no: epoch' } }), { code: 112 });
    });
  }

  it('of a channel in which nothing was said is empty', async (t) => {
    const reader = await member(t, server, { sub: 'm_1', teams: ['silent'] });
    const page = await reader.history('teams:silent', { limit: 10 });
    assert.deepEqual([page.publications, page.offset], [[], 0]);
    assert.notEqual(page.epoch, '');
  });

  it('is the same through a subscription', async (t) => {
    const reader = await member(t, server, { sub: 'm_1', teams: ['said'] });
    const sub = reader.newSubscription(CHANNEL);
    const subscribed = event(sub, 'subscribed');
    sub.subscribe();
    await subscribed;
    assert.deepEqual(numbers((await sub.history({ limit: 2 })).publications), [1, 2]);
  });
});
