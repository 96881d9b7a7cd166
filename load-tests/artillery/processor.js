'use strict';

const { Connection } = require('./connection.js');
const { Measure } = require('./measure.js');
const { attend } = require('./member.js');
const { send } = require('./sender.js');
const { SENDER_TOKEN, tokenOf } = require('./settings.js');

/** How long members stay behind the last bulletin, to be given it. */
const QUIET_MS = 5000;

const JOINING_MS = 1000 * process.env.JOINING;
const SENDING_MS = 1000 * process.env.SECONDS;

let arrived = 0;
let began;

/** Runs before Artillery opens the socket, so that the time of joining holds the handshake. */
function opening(_socket, context, done) {
  began ??= Date.now();
  context.vars.opening = performance.now();
  context.vars.arrival = arrived;
  arrived += 1;
  done();
}

// A scenario's weight cannot promise exactly one sender, but an arrivalCount is executed in one worker: the first who
// arrives sends, the others read.
async function takePart(context, events) {
  const { arrival, opening, sendsAfterAllJoined, perSecond } = context.vars;
  const connection = new Connection(context.ws);
  const measure = new Measure(events);
  const begin = began + (sendsAfterAllJoined ? JOINING_MS + QUIET_MS : 0);
  const end = begin + SENDING_MS;
  if (arrival === 0) return send({ connection, token: SENDER_TOKEN, perSecond, begin, end, measure });
  return attend({ connection, token: tokenOf(arrival - 1), opening, end: end + QUIET_MS, measure });
}

module.exports = { opening, takePart };
