import type { ReadonlySignal } from '@preact/signals';
import type { Signature } from '../../../model/signed.ts';
import type { Bulletin } from '../../../protocol/api.gen.ts';
import type { Holder } from '../../../trust/manifest.ts';
import type { Outcome } from '../../../trust/next_manifest.ts';
import type { OwnKey } from '../../../trust/own_key.ts';
import type { AuthorSignature, Signing } from '../../../trust/signer.ts';
import type { TrustTools } from '../../trust/trust_tools.ts';

/** What the console knows of who may sign, and what it signs with. */
export interface ConsoleTrust extends TrustTools {
  readonly submit: (bulletin: Bulletin) => Promise<Signing<AuthorSignature>>;
  readonly withdraw: (bulletin: Bulletin) => Promise<Signing<AuthorSignature>>;
  readonly approve: (bulletin: Bulletin) => Promise<Signing<Signature>>;
  /** The key of this browser; `null`: it has none. */
  readonly ownKey: ReadonlySignal<OwnKey | null>;
  /** As what the list of who may sign has that key; `null`: not at all. */
  readonly holder: ReadonlySignal<Holder | null>;
  /** Whether this browser can keep a key. */
  readonly mayHaveKey: () => Promise<boolean>;
  readonly makeKey: () => Promise<void>;
  readonly removeKey: () => Promise<void>;
  /** What would become of what a file offers. */
  readonly check: (value: unknown) => Promise<Outcome>;
}
