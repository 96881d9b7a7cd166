'use strict';

const { setTimeout: sleep } = require('node:timers/promises');
const { CHANNEL } = require('./settings.js');

const JOIN_PATIENCE_MS = 10_000;
/** How many bulletins a member missed before it came: few, so that a long history does not become the load. */
const MISSED = 20;

/** Joins, reads until `end` and then asks whether that was everything. Artillery counts what it throws. */
async function attend({ connection, token, opening, end, measure }) {
  const reader = { last: 0, since: 0, measure };
  connection.onPublication = (publication) => read(reader, publication);

  const failure = await Promise.race([
    join(connection, token, reader),
    connection.closed,
    sleep(JOIN_PATIENCE_MS, 'not joined in time', { ref: false }),
  ]);
  if (failure) throw new Error(`join: ${failure}`);
  measure.time('join_ms', performance.now() - opening);
  measure.count('joined', 1);

  const lost = await Promise.race([connection.closed, sleep(end - Date.now())]);
  if (lost) {
    measure.count('lost', 1);
    throw new Error(`member: ${lost}`);
  }
  await leave(connection, reader);
}

/** Gives what went wrong, if anything did. */
async function join(connection, token, reader) {
  const connected = await connection.ask({ connect: { token } });
  if (connected.error) return connected.error.message;
  const { history: top, error } = await connection.ask({ history: { channel: CHANNEL, limit: 0 } });
  if (error) return error.message;
  reader.last = Math.max(0, top.offset - MISSED);
  reader.since = Date.now();
  const position = { recover: true, epoch: top.epoch, offset: reader.last };
  const { subscribe, error: refusal } = await connection.ask({ subscribe: { channel: CHANNEL, ...position } });
  if (refusal) return refusal.message;
  return subscribe.recovered ? undefined : 'not recovered';
}

function read(reader, { offset, data }) {
  const { measure } = reader;
  measure.count('received', 1);
  if (offset <= reader.last) return measure.count('repeats', 1);
  if (offset > reader.last + 1) measure.count('gaps', offset - reader.last - 1);
  reader.last = offset;
  // What was missed before joining says nothing about how fast bulletins travel.
  if (data.at >= reader.since) measure.time('delivery_ms', Date.now() - data.at);
}

// Gaps show what is missing between bulletins; only the log's newest offset shows what is missing behind the last.
async function leave(connection, reader) {
  const { history: top, error } = await connection.ask({ history: { channel: CHANNEL, limit: 0 } });
  if (error) throw new Error(`member: ${error.message}`);
  reader.measure.count('missing', Math.max(0, top.offset - reader.last));
  if (top.offset === reader.last) reader.measure.count('complete', 1);
}

module.exports = { attend };
