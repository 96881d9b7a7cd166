import { signal, type ReadonlySignal } from '@preact/signals';
import type { Api, Failure } from '../../../account/api.ts';
import { parseAuditHead, parseVerification, type AuditHead, type Verification } from './audit_shape.ts';
import { checkHead, type Signed } from './check_head.ts';
import type { KeptHeads } from './kept_heads.ts';

export type HeadState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly why: Failure }
  | { readonly kind: 'read'; readonly head: AuditHead; readonly signed: Signed; readonly readAt: number };

export type VerificationState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'working' }
  | { readonly kind: 'failed'; readonly why: Failure }
  | { readonly kind: 'done'; readonly verification: Verification };

/** Whether the audit is what it was: by the service, and by what this device kept. */
export class VerifyModel {
  readonly head: ReadonlySignal<HeadState>;
  readonly kept: ReadonlySignal<readonly AuditHead[]>;
  readonly verification: ReadonlySignal<VerificationState>;
  readonly #api: Pick<Api, 'ask'>;
  readonly #heads: KeptHeads;
  readonly #subtle: SubtleCrypto | undefined;
  readonly #now: () => number;
  readonly #head = signal<HeadState>({ kind: 'loading' });
  readonly #kept = signal<readonly AuditHead[]>([]);
  readonly #verification = signal<VerificationState>({ kind: 'idle' });

  constructor(api: Pick<Api, 'ask'>, heads: KeptHeads, subtle: SubtleCrypto | undefined, now: () => number) {
    this.#api = api;
    this.#heads = heads;
    this.#subtle = subtle;
    this.#now = now;
    this.head = this.#head;
    this.kept = this.#kept;
    this.verification = this.#verification;
  }

  /** Reads the signed head, and keeps it on this device unless its signature is wrong. */
  async readHead(): Promise<void> {
    this.#kept.value = this.#heads.all();
    this.#head.value = { kind: 'loading' };
    const answer = await this.#api.ask({ method: 'GET', path: '/v1/audit/head' }, parseAuditHead);
    if (answer.kind === 'failed') {
      this.#head.value = answer;
      return;
    }
    const signed = await checkHead(answer.value, this.#subtle);
    this.#head.value = { kind: 'read', head: answer.value, signed, readAt: this.#now() };
    if (signed !== 'bad') this.#heads.keep(answer.value);
  }

  async verify(): Promise<void> {
    if (this.#verification.value.kind === 'working') return;
    this.#verification.value = { kind: 'working' };
    const answer = await this.#api.ask({ method: 'GET', path: '/v1/audit/verification' }, parseVerification);
    this.#verification.value = answer.kind === 'ok' ? { kind: 'done', verification: answer.value } : answer;
  }
}
