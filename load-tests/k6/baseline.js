// A quiet day: members come while one sender posts three bulletins a second.
import { thresholds } from './metrics.js';
import { schedule } from './schedule.js';
import { number } from './settings.js';

const day = schedule({
  members: number('MEMBERS', 200),
  rate: number('RATE', 50),
  seconds: number('SECONDS', 30),
  sendsAfterAllJoined: false,
  perSecond: 3,
});

export const options = { scenarios: day.scenarios, thresholds };
export const setup = day.setup;
export const member = day.member;
export const sender = day.sender;
