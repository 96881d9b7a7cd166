import { signal, type ReadonlySignal } from '@preact/signals';
import type { LocalValues } from '../../../platform/local_values.ts';

/** The first steps of the runbook, in their order. */
export const STEPS = ['see', 'decide', 'members', 'provider', 'campaign', 'hash', 'report', 'after'] as const;
export type Step = (typeof STEPS)[number];

const KEY = 'holdfast.checklist';

/** What whoever is on duty has done already, kept on this device. */
export class ChecklistModel {
  readonly done: ReadonlySignal<ReadonlySet<Step>>;
  readonly #values: LocalValues;
  readonly #done = signal<ReadonlySet<Step>>(new Set());

  constructor(values: LocalValues) {
    this.#values = values;
    const kept = (values.get(KEY) ?? '').split(' ');
    this.#done.value = new Set(STEPS.filter((step) => kept.includes(step)));
    this.done = this.#done;
  }

  tick(step: Step, isDone: boolean): void {
    const done = new Set(this.#done.value);
    if (isDone) done.add(step);
    else done.delete(step);
    this.#keep(done);
  }

  startAgain(): void {
    this.#keep(new Set());
  }

  #keep(done: ReadonlySet<Step>): void {
    this.#done.value = done;
    this.#values.set(KEY, [...done].join(' '));
  }
}
