import { signal, type ReadonlySignal } from '@preact/signals';
import type { ApiAnswer, Failure } from '../../../account/api.ts';
import type { Confirmed } from '../../../account/passkeys.ts';
import type { Session } from '../../../model/session.ts';
import type { Passkey, PasskeyList } from '../../../protocol/api.gen.ts';
import { Asking } from './asking.ts';

export type Listed =
  | { readonly kind: 'loading' }
  | { readonly kind: 'listed'; readonly passkeys: readonly Passkey[] }
  | { readonly kind: 'failed'; readonly why: Failure };

export type Removing = { readonly kind: 'done' | 'idle' | 'working' } | { readonly kind: 'failed'; readonly why: Failure };

export interface OwnPasskeys {
  list(): Promise<ApiAnswer<PasskeyList>>;
  add(name: string): Promise<Confirmed>;
  remove(id: string): Promise<ApiAnswer<null>>;
}

/** One's own passkeys, as one sees and changes them. */
export class AccountModel {
  readonly adding = new Asking();
  readonly listed: ReadonlySignal<Listed>;
  readonly removing: ReadonlySignal<Removing>;
  readonly #passkeys: OwnPasskeys;
  readonly #confirmed: (session: Session) => void;
  readonly #listed = signal<Listed>({ kind: 'loading' });
  readonly #removing = signal<Removing>({ kind: 'idle' });

  constructor(passkeys: OwnPasskeys, confirmed: (session: Session) => void) {
    this.#passkeys = passkeys;
    this.#confirmed = confirmed;
    this.listed = this.#listed;
    this.removing = this.#removing;
  }

  async load(): Promise<void> {
    const answer = await this.#passkeys.list();
    // What was read stays in sight where reading it again fails.
    if (answer.kind === 'ok') this.#listed.value = { kind: 'listed', passkeys: answer.value.passkeys };
    else if (this.#listed.value.kind !== 'listed') this.#listed.value = { kind: 'failed', why: answer.why };
  }

  async add(name: string): Promise<void> {
    this.#removing.value = { kind: 'idle' };
    await this.adding.run(async () => this.#passkeys.add(name), this.#confirmed);
    if (this.adding.state.value.kind === 'done') await this.load();
  }

  async remove(id: string): Promise<void> {
    if (this.#removing.value.kind === 'working') return;
    this.#removing.value = { kind: 'working' };
    const answer = await this.#passkeys.remove(id);
    // Removed on another device meanwhile, it is gone as well.
    const isDone = answer.kind === 'ok' || answer.why === 'passkey_unknown';
    this.#removing.value = isDone ? { kind: 'done' } : { kind: 'failed', why: answer.why };
    await this.load();
  }
}
