/** Part of `lib.dom` in later compilers. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(address: string): string }): { createScriptURL(address: string): unknown };
}

/** The one address of code that this page may name in a string. */
export const WORKER_ADDRESS = '/sw.js';

/** The page's only policy of trusted types; it lets through one address. Browsers without such types take it as it is. */
export function trustedWorker(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy('holdfast', {
    createScriptURL(address) {
      if (address !== WORKER_ADDRESS) throw new TypeError('no other code is loaded by name');
      return address;
    },
  });
  return (policy?.createScriptURL(WORKER_ADDRESS) ?? WORKER_ADDRESS) as string;
}
