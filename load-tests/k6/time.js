import { setTimeout } from 'k6/timers';

/** Waits until that time, in milliseconds of the wall clock. */
export function until(time) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, time - Date.now())));
}
