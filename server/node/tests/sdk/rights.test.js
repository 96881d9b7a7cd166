// @ts-check
// What one may read and post.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { member, reading, refusal, say } from './support/member.js';
import { serving } from './support/server.js';

describe('posting', () => {
  const server = serving();

  /**
   * Both ways of publishing, which know the same rights.
   *
   * @param {import('centrifuge').Centrifuge} sender
   * @param {string} channel
   * @param {number} code
   */
  async function isRefused(sender, channel, code) {
    await assert.rejects(sender.publish(channel, 1), { code });
    await assert.rejects(say(sender, { channel, data: 1 }), { code });
  }

  it('to the bulletins is for senders, not for activists', async (t) => {
    const activist = await member(t, server, { sub: 'm_1', role: 'activist' });
    await isRefused(activist, 'bulletins:all', 103);
    const organiser = await member(t, server, { sub: 'm_2', role: 'organiser' });
    const { publications } = await reading(activist, 'bulletins:all');
    await organiser.publish('bulletins:all', 'march!');
    assert.equal((await publications.atLeast(1))[0]?.data, 'march!');
  });

  it('to a channel that the campaign does not have gets 102', async (t) => {
    const organiser = await member(t, server, { sub: 'm_1', role: 'organiser' });
    for (const channel of ['nowhere', 'teams:', 'teams:a:b', 'bulletins:', 'inbox#', 'service:other']) {
      await isRefused(organiser, channel, 102);
    }
  });

  it('is nothing for an observer, not even in an own team', async (t) => {
    const observer = await member(t, server, { sub: 'm_1', role: 'observer', teams: ['watched'] });
    for (const channel of ['bulletins:all', 'teams:watched', 'inbox#m_2']) await isRefused(observer, channel, 103);
  });

  it('to a team is for its members', async (t) => {
    const inside = await member(t, server, { sub: 'm_1', teams: ['leaflets'] });
    const outside = await member(t, server, { sub: 'm_2', teams: ['press'], role: 'organiser' });
    assert.equal((await say(inside, { channel: 'teams:leaflets', data: 1 })).offset, 1);
    await isRefused(outside, 'teams:leaflets', 103);
  });

  it('to the service’s status is for the server alone', async (t) => {
    for (const role of ['activist', 'organiser', 'admin']) {
      await isRefused(await member(t, server, { sub: 'm_1', role }), 'service:status', 103);
    }
  });

  it('to an inbox is for organisers, and its owner reads it', async (t) => {
    const owner = await member(t, server, { sub: 'm_1' });
    const { publications } = await reading(owner, 'inbox#m_1');
    await isRefused(await member(t, server, { sub: 'm_2' }), 'inbox#m_1', 103);
    const organiser = await member(t, server, { sub: 'm_3', role: 'organiser' });
    await organiser.publish('inbox#m_1', 'for you');
    assert.equal((await publications.atLeast(1))[0]?.data, 'for you');
  });
});

describe('reading', () => {
  const server = serving();

  /**
   * Subscribing, asking for history and asking how many there are, which know the same rights.
   *
   * @param {import('centrifuge').Centrifuge} reader
   * @param {string} channel
   * @param {number} code
   */
  async function isRefused(reader, channel, code) {
    assert.equal(await refusal(reader, channel), code, channel);
    await assert.rejects(reader.history(channel, { limit: 1 }), { code });
    await assert.rejects(reader.presenceStats(channel), { code });
  }

  it('a team is for its members', async (t) => {
    await isRefused(await member(t, server, { sub: 'm_1', teams: ['press'] }), 'teams:leaflets', 103);
  });

  it('a team is not for organisers who are not in it', async (t) => {
    await isRefused(await member(t, server, { sub: 'm_1', role: 'organiser' }), 'teams:leaflets', 103);
  });

  it('an inbox is for its owner, not even for organisers', async (t) => {
    await isRefused(await member(t, server, { sub: 'm_1' }), 'inbox#m_2', 103);
    await isRefused(await member(t, server, { sub: 'm_1', role: 'organiser' }), 'inbox#m_2', 103);
  });

  it('a region is for its members', async (t) => {
    await isRefused(await member(t, server, { sub: 'm_1' }), 'bulletins:region.north', 103);
  });

  it('a channel that the campaign does not have gets 102', async (t) => {
    await isRefused(await member(t, server, { sub: 'm_1' }), 'nowhere', 102);
  });

  it('a channel whose name has a character that none has gets 107', async (t) => {
    await isRefused(await member(t, server, { sub: 'm_1' }), 'teams:a*', 107);
  });

  it('the service’s status comes by itself, so that asking for it gets 105', async (t) => {
    assert.equal(await refusal(await member(t, server, { sub: 'm_1' }), 'service:status'), 105);
  });
});
