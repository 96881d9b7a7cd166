import { signal, type ReadonlySignal } from '@preact/signals';
import type { Clock } from '../../platform/clock.ts';

const MINUTE_MS = 60_000;

/** The time as far as words like "today" need it: it moves once a minute. */
export function minuteSignal(clock: Clock): ReadonlySignal<number> {
  const now = signal(clock.now());
  const tick = (): void => {
    now.value = clock.now();
    clock.after(MINUTE_MS, tick);
  };
  clock.after(MINUTE_MS, tick);
  return now;
}
