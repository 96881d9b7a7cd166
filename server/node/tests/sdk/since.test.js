// @ts-check
// A subscription that begins where an app that kept its position left off.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { member, numbers, range, reading, sayNumbers } from './support/member.js';
import { serving } from './support/server.js';

describe('a subscription with a position', () => {
  const server = serving();

  it('begins right after it', async (t) => {
    const reader = await member(t, server, { sub: 'm_1', teams: ['kept'] });
    const stored = await sayNumbers(reader, 'teams:kept', 1, 10);
    const { state, publications } = await reading(reader, 'teams:kept', { since: stored[3] ?? null });
    assert.deepEqual([state.wasRecovering, state.recovered], [true, true]);
    assert.deepEqual(state.data, { top: 10 });
    assert.deepEqual(numbers(await publications.atLeast(6)), range(5, 10));
  });

  it('begins with nothing if it is the top', async (t) => {
    const reader = await member(t, server, { sub: 'm_1', teams: ['top'] });
    const stored = await sayNumbers(reader, 'teams:top', 1, 10);
    const { state, publications } = await reading(reader, 'teams:top', { since: stored[9] ?? null });
    assert.deepEqual([state.recovered, state.hasRecoveredPublications], [true, false]);
    await sayNumbers(reader, 'teams:top', 11, 11);
    assert.deepEqual(numbers(await publications.atLeast(1)), [11]);
  });

  it('begins with the first of all if the position is empty', async (t) => {
    const reader = await member(t, server, { sub: 'm_1', teams: ['all'] });
    await sayNumbers(reader, 'teams:all', 1, 650);
    const { state, publications } = await reading(reader, 'teams:all', { since: { offset: 0, epoch: '' } });
    assert.equal(state.recovered, true);
    await sayNumbers(reader, 'teams:all', 651, 660);
    assert.deepEqual(numbers(await publications.atLeast(660)), range(1, 660));
  });

  it('begins with the first of all if the channel was empty when the position was kept', async (t) => {
    const reader = await member(t, server, { sub: 'm_1', teams: ['early'] });
    const { epoch, offset } = await reader.history('teams:early', { limit: 0 });
    await sayNumbers(reader, 'teams:early', 1, 3);
    const { state, publications } = await reading(reader, 'teams:early', { since: { epoch, offset } });
    assert.equal(state.recovered, true);
    assert.deepEqual(numbers(await publications.atLeast(3)), range(1, 3));
  });

  it('begins after an offset in whatever epoch there is, if it names none', async (t) => {
    const reader = await member(t, server, { sub: 'm_1', teams: ['any'] });
    await sayNumbers(reader, 'teams:any', 1, 5);
    const { state, publications } = await reading(reader, 'teams:any', { since: { offset: 2, epoch: '' } });
    assert.equal(state.recovered, true);
    assert.deepEqual(numbers(await publications.atLeast(3)), range(3, 5));
  });

  for (const [what, since] of Object.entries({
    'is of an epoch that nobody knows': { offset: 2, epoch: 'unknown' },
    'is of an epoch that cannot be one': { offset: 2, epoch: 'an epoch: with blanks' },
    'is beyond the top': { offset: 99, epoch: '' },
  })) {
    it(`begins at the top and says that something is lost if it ${what}`, async (t) => {
      const team = what.replaceAll(' ', '-');
      const reader = await member(t, server, { sub: 'm_1', teams: [team] });
      await sayNumbers(reader, `teams:${team}`, 1, 5);
      const { state, publications } = await reading(reader, `teams:${team}`, { since });
      assert.deepEqual([state.wasRecovering, state.recovered, state.hasRecoveredPublications], [true, false, false]);
      assert.equal(state.streamPosition?.offset, 5);
      await sayNumbers(reader, `teams:${team}`, 6, 6);
      assert.deepEqual(numbers(await publications.atLeast(1)), [6]);
    });
  }

  it('asks the app for its state again if it cannot go on from it and the app can load it', async (t) => {
    const reader = await member(t, server, { sub: 'm_1', teams: ['state'] });
    const stored = await sayNumbers(reader, 'teams:state', 1, 5);
    const states = [{ offset: 2, epoch: 'unknown' }, { offset: 3, epoch: stored[2]?.epoch ?? '' }];
    const getState = async () => states.shift() ?? { offset: 0, epoch: '' };
    const { state, publications } = await reading(reader, 'teams:state', { getState });
    assert.deepEqual([states, state.wasRecovering, state.recovered], [[], true, true]);
    assert.deepEqual(numbers(await publications.atLeast(2)), [4, 5]);
  });
});
