// @ts-check
// Beginning to read while others speak: nothing falls between the beginning and what comes after it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { member, numbers, range, reading, sayNumbers } from './support/member.js';
import { serving } from './support/server.js';

const COUNT = 600;
const READERS = 10;

describe('a subscription that is made while others speak', () => {
  const server = serving();

  it('misses nothing after the top that it was told', async (t) => {
    const who = { sub: 'm_1', teams: ['live'] };
    const readers = await Promise.all(range(1, READERS).map(() => member(t, server, who)));
    const sender = await member(t, server, who);
    const { publications: clock } = await reading(sender, 'teams:live');
    const said = sayNumbers(sender, 'teams:live', 1, COUNT);
    const screens = [];
    for (const reader of readers) {
      await clock.atLeast((screens.length * COUNT) / READERS);
      screens.push(await reading(reader, 'teams:live'));
    }
    await said;
    for (const { state, publications } of screens) {
      const top = state.streamPosition?.offset ?? COUNT;
      assert.deepEqual(numbers(await publications.atLeast(COUNT - top)), range(top + 1, COUNT));
    }
  });

  it('from the very beginning gets everything once and in order', async (t) => {
    const who = { sub: 'm_1', teams: ['all'] };
    const readers = await Promise.all(range(1, READERS).map(() => member(t, server, who)));
    const sender = await member(t, server, who);
    const { publications: clock } = await reading(sender, 'teams:all');
    const said = sayNumbers(sender, 'teams:all', 1, COUNT);
    const since = { offset: 0, epoch: '' };
    const screens = [];
    for (const reader of readers) {
      await clock.atLeast((screens.length * COUNT) / READERS);
      screens.push(await reading(reader, 'teams:all', { since }));
    }
    await said;
    for (const { publications } of screens) {
      assert.deepEqual(numbers(await publications.atLeast(COUNT)), range(1, COUNT));
    }
  });
});
