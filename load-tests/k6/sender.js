import { Connection } from './connection.js';
import * as metrics from './metrics.js';
import { CHANNEL, SENDER_TOKEN, TARGET } from './settings.js';
import { until } from './time.js';

/** Publishes so many bulletins a second until `end`, whether or not the earlier ones were answered. */
export async function send(perSecond, end) {
  const connection = new Connection(TARGET);
  const ready = (await connection.opened) && !(await connection.ask({ connect: { token: SENDER_TOKEN } })).error;
  metrics.published.add(ready);
  if (!ready) return connection.close();

  const run = `k6-${Date.now()}-${Math.random().toString(36).slice(2)}`;
  const began = Date.now();
  const answers = [];
  for (let n = 0; began + (n * 1000) / perSecond < end; n += 1) {
    await until(began + (n * 1000) / perSecond);
    answers.push(publish(connection, `${run}-${n}`));
  }
  await Promise.all(answers);
  connection.close();
}

async function publish(connection, key) {
  const at = Date.now();
  const data = { id: key, texts: { en: 'The march begins at noon at the town hall.' }, at };
  const argument = { channel: CHANNEL, idempotency_key: key, data };
  const { rpc } = await connection.ask({ rpc: { method: 'publish', data: argument } });
  const stored = rpc !== undefined && (rpc.data.status === 'ok' || rpc.data.status === 'accepted');
  metrics.published.add(stored);
  if (stored) metrics.publishTime.add(Date.now() - at);
}
