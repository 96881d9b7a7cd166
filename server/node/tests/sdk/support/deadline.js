// @ts-check
// Waiting with an end: everything that is waited for has a deadline, and a name to fail with.

export const DEADLINE_MS = 10_000;

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {string} what
 * @param {number} [ms]
 * @returns {Promise<T>}
 */
export function within(promise, what, ms = DEADLINE_MS) {
  const { stack } = new Error(`not within ${ms} ms: ${what}`);
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(stack)), ms);
  });
  return Promise.race([promise, /** @type {Promise<never>} */ (late)]).finally(() => clearTimeout(timer));
}

/**
 * The next event of this name.
 *
 * @template {import('centrifuge').EventMap} Events
 * @template {keyof Events & string} Name
 * @param {import('centrifuge').TypedEventEmitter<Events>} emitter
 * @param {Name} name
 * @param {number} [ms]
 * @returns {Promise<Parameters<Events[Name]>[0]>}
 */
export function event(emitter, name, ms = DEADLINE_MS) {
  const next = new Promise((resolve) => {
    emitter.once(name, /** @type {Events[Name]} */ (/** @type {unknown} */ (resolve)));
  });
  return within(next, `event ${name}`, ms);
}
