import type { LocalValues } from '../platform/local_values.ts';
import { isRecord } from '../protocol/shape.ts';

/** An invite on its way. The attempt makes a repeated redeem the same redeem, so that a retry never uses it twice. */
export interface PendingInvite {
  readonly token: string;
  readonly attempt: string;
  /** Of the campaign's key, if the link had it. */
  readonly fingerprint: string | null;
}

const KEY = 'holdfast.pending_invite';

export class PendingInvites {
  readonly #values: LocalValues;
  readonly #randomId: () => string;

  constructor(values: LocalValues, randomId: () => string) {
    this.#values = values;
    this.#randomId = randomId;
  }

  /** Keeps the token of a link that was opened; an empty one means the page was reloaded. */
  open(token: string, fingerprint: string | null = null): PendingInvite | null {
    const kept = this.#load();
    if (token === '' || (kept?.token === token && kept.fingerprint === fingerprint)) return kept;
    // The same attempt, whatever else the link says: a repeat never uses the invite twice.
    const pending = { token, attempt: kept?.token === token ? kept.attempt : this.#randomId(), fingerprint };
    this.#values.set(KEY, JSON.stringify(pending));
    return pending;
  }

  close(): void {
    this.#values.remove(KEY);
  }

  #load(): PendingInvite | null {
    const text = this.#values.get(KEY);
    if (text === null) return null;
    try {
      const value: unknown = JSON.parse(text);
      return isRecord(value) && typeof value['token'] === 'string' && typeof value['attempt'] === 'string'
        ? { token: value['token'], attempt: value['attempt'], fingerprint: typeof value['fingerprint'] === 'string' ? value['fingerprint'] : null }
        : null;
    } catch {
      return null;
    }
  }
}
