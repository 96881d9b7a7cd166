import { describe, expect, it } from 'vitest';
import type { LocalValues } from '../platform/local_values.ts';
import type { HttpAnswer, HttpRequest } from './http.ts';
import { HAS_KEY, proving } from './proving.ts';

const DONE: HttpAnswer = { kind: 'ok', body: null };
const PROOF_NEEDED: HttpAnswer = { kind: 'problem', code: 'proof_needed', askAgainMs: 0, saidAt: 7_000 };
const ADMIT: HttpRequest = { method: 'POST', path: '/v1/admit' };

function provingHttp(answers: HttpAnswer[], { hasKey = true, load = true, key = true } = {}) {
  const kept = new Map(hasKey ? [[HAS_KEY, '1']] : []);
  const values: LocalValues = { get: (name) => kept.get(name) ?? null, set: () => {}, remove: () => {} };
  const asked: (string | undefined)[] = [];
  let loads = 0;
  const http = proving(
    async ({ proof }) => {
      asked.push(proof);
      return answers.shift() ?? PROOF_NEEDED;
    },
    values,
    async () => {
      loads += 1;
      if (!load) throw new Error('no connection');
      return { prove: async (method, path, saidAt) => (key ? `${method} ${path} ${saidAt ?? 'now'}` : null) };
    },
  );
  return { http, asked, loads: () => loads };
}

describe('what a device asks', () => {
  it('goes as it is where no key was ever made, and nothing is loaded', async () => {
    const { http, asked, loads } = provingHttp([DONE], { hasKey: false });
    expect(await http(ADMIT)).toEqual(DONE);
    expect([asked, loads()]).toEqual([[undefined], 0]);
  });

  it('shows its key where it has one', async () => {
    const { http, asked } = provingHttp([DONE]);
    await http(ADMIT);
    expect(asked).toEqual(['POST /v1/admit now']);
  });

  it("is asked once more with the service's time, and not a third time", async () => {
    const { http, asked } = provingHttp([]);
    expect(await http(ADMIT)).toEqual(PROOF_NEEDED);
    expect(asked).toEqual(['POST /v1/admit now', 'POST /v1/admit 7000']);
  });

  it('shows a key of which only the browser still knows', async () => {
    const { http, asked } = provingHttp([PROOF_NEEDED, DONE], { hasKey: false });
    expect(await http(ADMIT)).toEqual(DONE);
    expect(asked).toEqual([undefined, 'POST /v1/admit 7000']);
  });

  it('says that there is none when the key is lost', async () => {
    const { http } = provingHttp([], { hasKey: false, key: false });
    expect(await http(ADMIT)).toEqual(PROOF_NEEDED);
  });

  it('is not answered when what makes proofs cannot be loaded', async () => {
    const { http, asked } = provingHttp([DONE], { load: false });
    expect(await http(ADMIT)).toEqual({ kind: 'unreachable' });
    expect(asked).toEqual([]);
  });
});
