import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake_clock.ts';
import { claimsOf, Prover } from './prover.ts';

const ORIGIN = 'https://campaign.example';
let clock: FakeClock;
let pair: CryptoKeyPair;
let ids: number;

beforeEach(async () => {
  clock = new FakeClock(1_700_000_000_900);
  pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
  ids = 0;
});

const prover = (key: CryptoKeyPair | null = pair): Prover =>
  new Prover({ keys: { current: async () => key }, clock, randomId: () => `id-${(ids += 1)}`, origin: ORIGIN });

const bytes = (part: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (each) => each.codePointAt(0) ?? 0);

/** What a proof says, if its signature is the key's. */
async function read(proof: string | null): Promise<readonly unknown[]> {
  const [header = '', claims = '', signature = ''] = (proof ?? '').split('.');
  const signed = new TextEncoder().encode(`${header}.${claims}`);
  expect(await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, pair.publicKey, bytes(signature), signed)).toBe(true);
  return [header, claims].map((part): unknown => JSON.parse(new TextDecoder().decode(bytes(part))));
}

describe('a proof', () => {
  it('says for which request it is, when it was made and which it is, signed by the device', async () => {
    expect(await read(await prover().prove('POST', '/v1/admit'))).toEqual([
      { typ: 'dpop+jwt', alg: 'ES256' },
      { htm: 'POST', htu: `${ORIGIN}/v1/admit`, iat: 1_700_000_000, jti: 'id-1' },
    ]);
  });

  it('is another one each time', async () => {
    const one = prover();
    const made = [await one.prove('POST', '/v1/admit'), await one.prove('POST', '/v1/admit')];
    expect(new Set(made).size).toBe(2);
    expect((await read(made[1] ?? null))[1]).toMatchObject({ jti: 'id-2' });
  });

  it("goes by the service's time once that was said, for a device whose clock is wrong", async () => {
    const one = prover();
    await one.prove('POST', '/v1/admit', 1_700_000_600_900);
    clock.advance(5_000);
    expect((await read(await one.prove('POST', '/v1/admit')))[1]).toMatchObject({ iat: 1_700_000_605 });
  });

  it('is not made by a device without a key', async () => {
    expect(await prover(null).prove('POST', '/v1/admit')).toBeNull();
  });

  it('is for an address without its question and fragment', () => {
    expect(claimsOf('GET', `${ORIGIN}/v1/x?y=1#z`, 1_999, 'i')).toEqual({ htm: 'GET', htu: `${ORIGIN}/v1/x`, iat: 1, jti: 'i' });
  });
});
