import { signal, type ReadonlySignal } from '@preact/signals';
import type { ApiAnswer, Failure } from '../../account/api.ts';

export type ActionState = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly why: Failure } | { readonly kind: 'idle' } | { readonly kind: 'working' };

/** One thing that a member asks of the service, and how it goes. While it goes on it is not asked for again. */
export class Action {
  readonly state: ReadonlySignal<ActionState>;
  readonly #state = signal<ActionState>({ kind: 'idle' });

  constructor() {
    this.state = this.#state;
  }

  /** Its answer, or `null`: it failed, or is under way already. */
  async run<T>(ask: () => Promise<ApiAnswer<T>>): Promise<{ readonly value: T } | null> {
    if (this.#state.value.kind === 'working') return null;
    this.#state.value = { kind: 'working' };
    const answer = await ask();
    this.#state.value = answer.kind === 'ok' ? { kind: 'done' } : { kind: 'failed', why: answer.why };
    return answer.kind === 'ok' ? { value: answer.value } : null;
  }

  reset(): void {
    if (this.#state.value.kind !== 'working') this.#state.value = { kind: 'idle' };
  }
}
