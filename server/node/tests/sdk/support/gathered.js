// @ts-check
// What came, in the order it came, and a way to wait for more of it.

import { within } from './deadline.js';

/** @template T */
export class Gathered {
  /** @type {T[]} */
  items = [];
  /** @type {Set<() => void>} */
  #watchers = new Set();

  /** @param {T} item */
  add(item) {
    this.items.push(item);
    for (const look of this.#watchers) look();
  }

  /**
   * Waits until so many came; answers all that came.
   *
   * @param {number} count
   * @param {number} [ms]
   * @returns {Promise<T[]>}
   */
  async atLeast(count, ms) {
    return this.until((items) => items.length >= count, `${count} items`, ms);
  }

  /**
   * Waits until what came fulfils a condition.
   *
   * @param {(items: T[]) => boolean} condition
   * @param {string} what
   * @param {number} [ms]
   * @returns {Promise<T[]>}
   */
  async until(condition, what, ms) {
    /** @type {() => void} */
    let look = () => {};
    const fulfilled = new Promise((resolve) => {
      look = () => {
        if (condition(this.items)) resolve(undefined);
      };
    });
    this.#watchers.add(look);
    look();
    try {
      await within(fulfilled, what, ms);
    } catch (error) {
      throw new Error(`${what}: only ${this.items.length} came`, { cause: error });
    } finally {
      this.#watchers.delete(look);
    }
    return this.items;
  }
}
