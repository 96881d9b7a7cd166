import { signal, type ReadonlySignal } from '@preact/signals';

/** The question whether it is them, for whatever wants to be confirmed. What wants it meanwhile waits for the same answer. */
export class StepUp {
  readonly isAsked: ReadonlySignal<boolean>;
  readonly #isAsked = signal(false);
  #waiting: ((isConfirmed: boolean) => void)[] = [];

  constructor() {
    this.isAsked = this.#isAsked;
  }

  ask(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#isAsked.value = true;
    });
  }

  answer(isConfirmed: boolean): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#isAsked.value = false;
    for (const resolve of waiting) resolve(isConfirmed);
  }
}
