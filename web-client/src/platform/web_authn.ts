import { startAuthentication, startRegistration } from '@simplewebauthn/browser';
import type { PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/browser';
import { ceremonyFailure, obstacle, type CeremonyFailure } from '../model/ceremony.ts';
import type { Clock } from './clock.ts';

export type Ceremony =
  /** The credential as JSON, for the service alone. */
  { readonly kind: 'done'; readonly credential: unknown } | { readonly kind: 'failed'; readonly why: CeremonyFailure };

/** What the browser's own dialogs for passkeys came to. */
export class WebAuthn {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Why nobody need be asked here. */
  obstacle(): CeremonyFailure | null {
    return obstacle({ hostname: location.hostname, isSecure: isSecureContext, hasWebAuthn: 'PublicKeyCredential' in globalThis });
  }

  /** Makes a passkey. `options` as the service gave them (`PublicKeyCredentialCreationOptionsJSON`). */
  async make(options: unknown): Promise<Ceremony> {
    return this.#run('make', options, async () => startRegistration({ optionsJSON: options as PublicKeyCredentialCreationOptionsJSON }));
  }

  /** Shows a passkey. `options` as the service gave them (`PublicKeyCredentialRequestOptionsJSON`). */
  async show(options: unknown): Promise<Ceremony> {
    return this.#run('show', options, async () => startAuthentication({ optionsJSON: options as PublicKeyCredentialRequestOptionsJSON }));
  }

  async #run(what: 'make' | 'show', options: unknown, ask: () => Promise<unknown>): Promise<Ceremony> {
    const begun = this.#clock.now();
    try {
      return { kind: 'done', credential: await ask() };
    } catch (error) {
      return { kind: 'failed', why: ceremonyFailure(what, error, this.#clock.now() - begun, options) };
    }
  }
}
