import { beforeEach, expect, it } from 'vitest';
import type { Ceremony } from '../platform/web_authn.ts';
import type { HttpAnswer, HttpRequest } from './http.ts';
import { signInByPasskey, type SignInParts } from './passkey_sign_in.ts';

const KEY = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' } as const;
const BEGUN: HttpAnswer = { kind: 'ok', body: { id: 'w/1', options: { challenge: 'x' } } };
const signedIn = (isBound: boolean): HttpAnswer => ({
  kind: 'ok',
  body: {
    session: {
      member: { id: 'm_1', name: 'Eleri', roles: ['activist'] },
      access_token: 'new',
      expires_in_s: 600,
      channels: [],
      passkeys: { required: isBound, count: 0, is_bound: isBound },
    },
  },
});

let answers: HttpAnswer[];
let asked: HttpRequest[];
let keys: string[];
let shown: Ceremony;
let parts: SignInParts;

beforeEach(() => {
  answers = [BEGUN];
  asked = [];
  keys = [];
  shown = { kind: 'done', credential: { id: 'cred' } };
  parts = {
    http: async (request) => {
      asked.push(request);
      return answers.shift() ?? { kind: 'unreachable' };
    },
    ceremonies: async () => ({ obstacle: () => null, show: async () => shown }),
    keys: async () => ({
      async offer() {
        keys.push('offered');
        return KEY;
      },
      async forget() {
        keys.push('forgotten');
      },
    }),
  };
});

it('signs an activist in, whose device is bound to no key', async () => {
  answers.push(signedIn(false));
  expect(await signInByPasskey(parts)).toMatchObject({ kind: 'confirmed', session: { token: 'new', member: { id: 'm_1' } } });
  expect(asked.map(({ path }) => path)).toEqual(['/v1/passkeys/sign-ins', '/v1/passkeys/sign-ins/w%2F1']);
  expect(asked[1]?.body).toEqual({ credential: { id: 'cred' }, device_key: KEY });
  expect(keys).toEqual(['offered', 'forgotten']);
});

it('keeps the key to which an organiser’s device is bound', async () => {
  answers.push(signedIn(true));
  await signInByPasskey(parts);
  expect(keys).toEqual(['offered']);
});

it('makes no key, and asks no more, where nobody confirms', async () => {
  shown = { kind: 'failed', why: 'not-shown' };
  expect(await signInByPasskey(parts)).toEqual({ kind: 'failed', why: 'not-shown' });
  expect([keys, asked.length]).toEqual([[], 1]);
});

it('forgets the key when it is refused', async () => {
  answers.push({ kind: 'problem', code: 'credential_refused', askAgainMs: 0 });
  expect(await signInByPasskey(parts)).toMatchObject({ kind: 'failed', why: 'credential_refused' });
  expect(keys).toEqual(['offered', 'forgotten']);
});
