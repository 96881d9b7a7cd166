/** Whether the browser's database can be relied upon. After its first failure nothing is written to it any more. */
export class Durability {
  readonly #failed: () => void;
  #works = true;

  constructor(failed: () => void) {
    this.#failed = failed;
  }

  /** Does it in the database, or in memory once the database has failed. */
  async attempt<T>(durable: () => Promise<T>, memory: () => Promise<T>): Promise<T> {
    if (this.#works) {
      try {
        return await durable();
      } catch {
        this.fail();
      }
    }
    return memory();
  }

  fail(): void {
    if (!this.#works) return;
    this.#works = false;
    this.#failed();
  }
}
