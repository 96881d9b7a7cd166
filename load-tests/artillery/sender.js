'use strict';

const { randomUUID } = require('node:crypto');
const { setTimeout: sleep } = require('node:timers/promises');
const { CHANNEL } = require('./settings.js');

/** Publishes so many bulletins a second from `begin` until `end`, whether or not the earlier ones were answered. */
async function send({ connection, token, perSecond, begin, end, measure }) {
  const { error } = await connection.ask({ connect: { token } });
  if (error) throw new Error(`sender: ${error.message}`);

  const run = randomUUID();
  const answers = [];
  for (let n = 0; begin + (n * 1000) / perSecond < end; n += 1) {
    await sleep(Math.max(0, begin + (n * 1000) / perSecond - Date.now()));
    answers.push(publish(connection, `${run}-${n}`, measure));
  }
  await Promise.all(answers);
}

async function publish(connection, key, measure) {
  const asked = performance.now();
  const data = { id: key, texts: { en: 'The march begins at noon at the town hall.' }, at: Date.now() };
  const argument = { channel: CHANNEL, idempotency_key: key, data };
  const { rpc } = await connection.ask({ rpc: { method: 'publish', data: argument } });
  const stored = rpc?.data.status === 'ok' || rpc?.data.status === 'accepted';
  measure.count(stored ? 'published' : 'refused', 1);
  if (stored) measure.time('publish_ms', performance.now() - asked);
}

module.exports = { send };
