// One bulletin a second to everybody who reads the channel.
import { thresholds } from './metrics.js';
import { schedule } from './schedule.js';
import { number } from './settings.js';

const broadcast = schedule({
  members: number('MEMBERS', 1000),
  rate: number('RATE', 100),
  seconds: number('SECONDS', 30),
  sendsAfterAllJoined: true,
  perSecond: 1,
});

export const options = { scenarios: broadcast.scenarios, thresholds };
export const setup = broadcast.setup;
export const member = broadcast.member;
export const sender = broadcast.sender;
