// @ts-check
// What was missed while the network was away comes afterwards: nothing is missing, nothing comes twice.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BreakableWire } from './support/breakable_wire.js';
import { event } from './support/deadline.js';
import { Gathered } from './support/gathered.js';
import { client, member, numbers, range, reading, sayNumbers } from './support/member.js';
import { serving } from './support/server.js';

describe('after a cut connection', () => {
  const server = serving();

  it('a subscription goes on with what it missed', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['cut'] });
    const wire = await BreakableWire.to(t, server);
    const reader = await member(t, server, { sub: 'm_2', teams: ['cut'] }, { through: wire });
    const { sub, publications } = await reading(reader, 'teams:cut');
    await sayNumbers(sender, 'teams:cut', 1, 3);
    await publications.atLeast(3);
    const lost = event(reader, 'connecting');
    wire.cut();
    await lost;
    await sayNumbers(sender, 'teams:cut', 4, 6);
    const subscribed = event(sub, 'subscribed');
    wire.mend();
    const { wasRecovering, recovered, hasRecoveredPublications } = await subscribed;
    assert.deepEqual([wasRecovering, recovered, hasRecoveredPublications], [true, true, true]);
    await sayNumbers(sender, 'teams:cut', 7, 9);
    const seen = await publications.atLeast(9);
    assert.deepEqual(numbers(seen), range(1, 9));
    assert.deepEqual(seen.map(({ offset }) => offset), range(1, 9));
  });

  it('a subscription that missed nothing says so', async (t) => {
    const wire = await BreakableWire.to(t, server);
    const reader = await member(t, server, { sub: 'm_2', teams: ['calm'] }, { through: wire });
    await reader.publish('teams:calm', { n: 1 });
    const { sub, publications } = await reading(reader, 'teams:calm');
    const subscribed = event(sub, 'subscribed');
    const lost = event(reader, 'connecting');
    wire.cut();
    await lost;
    wire.mend();
    const { wasRecovering, recovered, hasRecoveredPublications } = await subscribed;
    assert.deepEqual([wasRecovering, recovered, hasRecoveredPublications], [true, true, false]);
    assert.deepEqual(publications.items, []);
  });

  it('a subscription gets a thousand that it missed, once and in order, with more coming meanwhile', async (t) => {
    // Two, because one connection may not say so much at once.
    const sender = await member(t, server, { sub: 'm_1', teams: ['many'] });
    const another = await member(t, server, { sub: 'm_3', teams: ['many'] });
    const wire = await BreakableWire.to(t, server);
    const reader = await member(t, server, { sub: 'm_2', teams: ['many'] }, { through: wire });
    const { publications } = await reading(reader, 'teams:many');
    await sayNumbers(sender, 'teams:many', 1, 1);
    await publications.atLeast(1);
    const lost = event(reader, 'connecting');
    wire.cut();
    await lost;
    await sayNumbers(sender, 'teams:many', 2, 700);
    await sayNumbers(another, 'teams:many', 701, 1_001);
    wire.mend();
    await sayNumbers(another, 'teams:many', 1_002, 1_200);
    assert.deepEqual(numbers(await publications.atLeast(1_200)), range(1, 1_200));
  });

  it('a subscription that is cut again while it catches up still gets each once and in order', async (t) => {
    // Two, because one connection may not say so much at once.
    const sender = await member(t, server, { sub: 'm_1', teams: ['worn'] });
    const another = await member(t, server, { sub: 'm_3', teams: ['worn'] });
    const wire = await BreakableWire.to(t, server);
    const reader = await member(t, server, { sub: 'm_2', teams: ['worn'] }, { through: wire });
    const { publications } = await reading(reader, 'teams:worn');
    const lost = event(reader, 'connecting');
    wire.cut();
    await lost;
    const text = 'x'.repeat(500);
    await sayNumbers(sender, 'teams:worn', 1, 750, { text });
    await sayNumbers(another, 'teams:worn', 751, 1_500, { text });
    // More than one reply, so that each connection gets somewhere, and less than all.
    wire.bytesEach = 300_000;
    wire.mend();
    assert.deepEqual(numbers(await publications.atLeast(1_500)), range(1, 1_500));
    assert.ok(wire.worn >= 2, `cut ${wire.worn} times`);
  });

  it('many subscriptions each get what they missed', async (t) => {
    const teams = range(1, 20).map((n) => `t${n}`);
    const sender = await member(t, server, { sub: 'm_1', teams });
    const wire = await BreakableWire.to(t, server);
    const reader = await member(t, server, { sub: 'm_2', teams }, { through: wire });
    const all = await Promise.all(teams.map((team) => reading(reader, `teams:${team}`)));
    const lost = event(reader, 'connecting');
    wire.cut();
    await lost;
    for (const team of teams) await sayNumbers(sender, `teams:${team}`, 1, 10);
    wire.mend();
    for (const { publications } of all) assert.deepEqual(numbers(await publications.atLeast(10)), range(1, 10));
  });

  it('server-side subscriptions go on with what they missed, also with more than a reply holds', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['listed', 'also'] });
    const wire = await BreakableWire.to(t, server);
    const token = await server.token({ sub: 'm_2', channels: ['teams:listed', 'teams:also'] });
    const reader = client(t, wire, { token });
    const listed = new Gathered();
    const also = new Gathered();
    reader.on('publication', (publication) => {
      if (publication.channel === 'teams:listed') listed.add(publication);
      if (publication.channel === 'teams:also') also.add(publication);
    });
    const connected = event(reader, 'connected');
    reader.connect();
    await connected;
    await sayNumbers(sender, 'teams:listed', 1, 5);
    await sayNumbers(sender, 'teams:also', 1, 5);
    await Promise.all([listed.atLeast(5), also.atLeast(5)]);
    const lost = event(reader, 'connecting');
    wire.cut();
    await lost;
    await sayNumbers(sender, 'teams:listed', 6, 700);
    await sayNumbers(sender, 'teams:also', 6, 10);
    /** @type {Gathered<import('centrifuge').ServerSubscribedContext>} */
    const states = new Gathered();
    reader.on('subscribed', (state) => states.add(state));
    wire.mend();
    await states.atLeast(3);
    for (const state of states.items) assert.deepEqual([state.wasRecovering, state.recovered], [true, true], state.channel);
    await sayNumbers(sender, 'teams:listed', 701, 710);
    assert.deepEqual(numbers(await listed.atLeast(710)), range(1, 710));
    assert.deepEqual(numbers(await also.atLeast(10)), range(1, 10));
  });
});
