import type { LocalValues } from '../platform/local_values.ts';
import type { DeviceKeyStore } from '../storage/device_key_store.ts';
import { HAS_KEY } from './proving.ts';

/** What the service learns of a key: its public half (RFC 7517). */
export interface PublicKey {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

/** The one key of this device. Its private half never leaves the browser: not even this page can read it. */
export class DeviceKeys {
  readonly #store: DeviceKeyStore;
  readonly #values: LocalValues;

  constructor(store: DeviceKeyStore, values: LocalValues) {
    this.#store = store;
    this.#values = values;
  }

  async current(): Promise<CryptoKeyPair | null> {
    return this.#store.load();
  }

  /**
   * The key to hand over, made if there is none, or anew for somebody who comes in anew. It is kept before it is handed
   * over: were the answer lost, the service would know a key that this device has not.
   */
  async offer(isAnew: boolean): Promise<PublicKey> {
    const kept = isAnew ? null : await this.#store.load();
    const pair = kept ?? (await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']));
    if (kept === null) await this.#store.keep(pair);
    this.#values.set(HAS_KEY, '1');
    const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', pair.publicKey);
    return { kty: 'EC', crv: 'P-256', x, y };
  }

  async forget(): Promise<void> {
    await this.#store.remove();
    this.#values.remove(HAS_KEY);
  }
}
