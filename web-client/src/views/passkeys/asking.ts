import { signal, type ReadonlySignal } from '@preact/signals';
import type { Confirmed, PasskeyFailure } from '../../account/passkeys.ts';
import type { Session } from '../../model/session.ts';

export type AskingState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'working' }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly why: PasskeyFailure };

/** One dialog of the browser for a passkey, and how it goes. While it is open no second one is. */
export class Asking {
  readonly state: ReadonlySignal<AskingState>;
  readonly #state = signal<AskingState>({ kind: 'idle' });

  constructor() {
    this.state = this.#state;
  }

  /** `then` has the session, once it is there. */
  async run(ask: () => Promise<Confirmed>, then: (session: Session) => Promise<void> | void): Promise<void> {
    if (this.#state.value.kind === 'working') return;
    this.#state.value = { kind: 'working' };
    // The code of the ceremony may not come: then it is as if nobody had answered.
    const answer = await ask().catch((): Confirmed => ({ kind: 'failed', why: 'unreachable' }));
    if (answer.kind === 'confirmed') await then(answer.session);
    this.#state.value = answer.kind === 'confirmed' ? { kind: 'done' } : answer;
  }
}
