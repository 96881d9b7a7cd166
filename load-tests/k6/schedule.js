import exec from 'k6/execution';
import { attend } from './member.js';
import { send } from './sender.js';
import { tokenOf } from './settings.js';
import { until } from './time.js';

/** How long members stay behind the last bulletin, to be given it. */
const QUIET_S = 5;

/** Everybody joins at a rate, whoever waits for whom; one sends, and all leave together. */
export function schedule({ members, rate, seconds, sendsAfterAllJoined, perSecond }) {
  tokenOf(members - 1); // rather now than when the last of them comes
  const joining = Math.ceil(members / rate);
  const quietBefore = sendsAfterAllJoined ? joining + QUIET_S : 0;
  const sends = quietBefore + seconds;
  const leaves = sends + QUIET_S;

  return {
    scenarios: {
      members: {
        executor: 'constant-arrival-rate',
        exec: 'member',
        rate: members,
        timeUnit: `${joining}s`,
        duration: `${joining}s`,
        preAllocatedVUs: members,
        gracefulStop: `${leaves + 30}s`,
      },
      sender: {
        executor: 'per-vu-iterations',
        exec: 'sender',
        vus: 1,
        iterations: 1,
        maxDuration: `${leaves + 30}s`,
      },
    },
    // All of k6's virtual users share one clock only through what setup gives them.
    setup: () => ({ began: Date.now() }),
    member: ({ began }) => attend(tokenOf(exec.scenario.iterationInTest), began + leaves * 1000),
    sender: async ({ began }) => {
      await until(began + quietBefore * 1000);
      await send(perSecond, began + sends * 1000);
    },
  };
}
