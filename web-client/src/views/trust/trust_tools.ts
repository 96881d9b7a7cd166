import type { ReadonlySignal } from '@preact/signals';
import type { TrustState } from '../../trust/keeper.ts';

/** What pages show of who may sign, and what a person can say about it. */
export interface TrustTools {
  readonly state: ReadonlySignal<TrustState>;
  /** The person compared the fingerprint. */
  readonly confirm: () => Promise<void>;
  /** The person asked about a link to another campaign's key. */
  readonly linkSeen: () => Promise<void>;
  /** Asks the service who may sign now. */
  readonly refresh: () => Promise<void>;
}
