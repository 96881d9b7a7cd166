import { signal, type ReadonlySignal } from '@preact/signals';
import type { LocalValues } from '../../../platform/local_values.ts';

const PREPARED_KEY = 'holdfast.prepared';
export const PREPARED_MAX = 20;

/** Answers that an organiser keeps on this device to use again, the latest first. */
export class PreparedAnswers {
  readonly texts: ReadonlySignal<readonly string[]>;
  readonly #values: LocalValues;
  readonly #texts = signal<readonly string[]>([]);

  constructor(values: LocalValues) {
    this.#values = values;
    this.texts = this.#texts;
    this.#texts.value = read(values.get(PREPARED_KEY));
  }

  /** The same again moves up; of more than the bound the oldest goes. */
  add(text: string): void {
    const words = text.trim();
    if (words !== '') this.#keep([words, ...this.#texts.value.filter((each) => each !== words)].slice(0, PREPARED_MAX));
  }

  remove(text: string): void {
    this.#keep(this.#texts.value.filter((each) => each !== text));
  }

  #keep(texts: readonly string[]): void {
    this.#texts.value = texts;
    this.#values.set(PREPARED_KEY, JSON.stringify(texts));
  }
}

function read(text: string | null): readonly string[] {
  try {
    const kept: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(kept) ? kept.filter((each) => typeof each === 'string').slice(0, PREPARED_MAX) : [];
  } catch {
    return [];
  }
}
