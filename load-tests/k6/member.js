import { Connection } from './connection.js';
import * as metrics from './metrics.js';
import { CHANNEL, TARGET } from './settings.js';
import { until } from './time.js';

const JOIN_PATIENCE_MS = 10000;
/** How many bulletins a member missed before it came: few, so that a long history does not become the load. */
const MISSED = 20;

/** Joins, reads until `end` and then asks whether that was everything. */
export async function attend(token, end) {
  const began = Date.now();
  const connection = new Connection(TARGET);
  const reader = { last: 0, since: began };
  connection.onPublication = (publication) => read(reader, publication);

  const joined = await Promise.race([join(connection, token, reader), until(began + JOIN_PATIENCE_MS)]);
  metrics.joined.add(joined === true);
  if (joined !== true) return connection.close();
  metrics.joinTime.add(Date.now() - began);

  await Promise.race([until(end), connection.closed]);
  await leave(connection, reader);
}

async function join(connection, token, reader) {
  if (!(await connection.opened)) return false;
  if ((await connection.ask({ connect: { token } })).error) return false;
  const { history: top, error } = await connection.ask({ history: { channel: CHANNEL, limit: 0 } });
  if (error) return false;
  reader.last = Math.max(0, top.offset - MISSED);
  reader.since = Date.now();
  const position = { recover: true, epoch: top.epoch, offset: reader.last };
  const { subscribe } = await connection.ask({ subscribe: Object.assign({ channel: CHANNEL }, position) });
  return subscribe !== undefined && subscribe.recovered === true;
}

function read(reader, { offset, data }) {
  metrics.received.add(1);
  if (offset <= reader.last) return metrics.repeats.add(1);
  if (offset > reader.last + 1) metrics.gaps.add(offset - reader.last - 1);
  reader.last = offset;
  // What was missed before joining says nothing about how fast bulletins travel.
  if (data.at >= reader.since) metrics.deliveryTime.add(Date.now() - data.at);
}

// Gaps show what is missing between bulletins; only the log's newest offset shows what is missing behind the last.
async function leave(connection, reader) {
  const { history: top } = await connection.ask({ history: { channel: CHANNEL, limit: 0 } });
  if (top === undefined) metrics.lost.add(1);
  else metrics.missing.add(Math.max(0, top.offset - reader.last));
  metrics.complete.add(top !== undefined && top.offset === reader.last);
  connection.close();
}
