import { signal, type ReadonlySignal } from '@preact/signals';
import type { ApiAnswer, Failure } from '../../account/api.ts';
import type { Confirmed } from '../../account/passkeys.ts';
import type { Session } from '../../model/session.ts';
import type { Passkey, PasskeyList } from '../../protocol/api.gen.ts';
import { Asking } from './asking.ts';

export type Listed =
  | { readonly kind: 'loading' }
  | { readonly kind: 'listed'; readonly passkeys: readonly Passkey[] }
  | { readonly kind: 'failed'; readonly why: Failure };

/** How it goes with what was asked last of a passkey that is there. */
export type Changing = { readonly kind: 'idle' | 'removed' | 'renamed' | 'working' } | { readonly kind: 'failed'; readonly why: Failure };

export interface OwnPasskeys {
  list(): Promise<ApiAnswer<PasskeyList>>;
  add(name: string): Promise<Confirmed>;
  rename(id: string, name: string): Promise<ApiAnswer<Passkey>>;
  remove(id: string): Promise<ApiAnswer<null>>;
}

/** One's own passkeys, as one sees and changes them. */
export class AccountModel {
  readonly adding = new Asking();
  readonly listed: ReadonlySignal<Listed>;
  readonly changing: ReadonlySignal<Changing>;
  readonly #passkeys: OwnPasskeys;
  readonly #confirmed: (session: Session) => void;
  readonly #listed = signal<Listed>({ kind: 'loading' });
  readonly #changing = signal<Changing>({ kind: 'idle' });

  constructor(passkeys: OwnPasskeys, confirmed: (session: Session) => void) {
    this.#passkeys = passkeys;
    this.#confirmed = confirmed;
    this.listed = this.#listed;
    this.changing = this.#changing;
  }

  async load(): Promise<void> {
    const answer = await this.#passkeys.list();
    // What was read stays in sight where reading it again fails.
    if (answer.kind === 'ok') this.#listed.value = { kind: 'listed', passkeys: answer.value.passkeys };
    else if (this.#listed.value.kind !== 'listed') this.#listed.value = { kind: 'failed', why: answer.why };
  }

  async add(name: string): Promise<void> {
    this.#changing.value = { kind: 'idle' };
    await this.adding.run(async () => this.#passkeys.add(name), this.#confirmed);
    if (this.adding.state.value.kind === 'done') await this.load();
  }

  async rename(id: string, name: string): Promise<void> {
    if (this.#changing.value.kind === 'working') return;
    this.#changing.value = { kind: 'working' };
    const answer = await this.#passkeys.rename(id, name);
    this.#changing.value = answer.kind === 'ok' ? { kind: 'renamed' } : { kind: 'failed', why: answer.why };
    await this.load();
  }

  async remove(id: string): Promise<void> {
    if (this.#changing.value.kind === 'working') return;
    this.#changing.value = { kind: 'working' };
    const answer = await this.#passkeys.remove(id);
    // Removed on another device meanwhile, it is gone as well.
    const isDone = answer.kind === 'ok' || answer.why === 'passkey_unknown';
    this.#changing.value = isDone ? { kind: 'removed' } : { kind: 'failed', why: answer.why };
    await this.load();
  }
}
