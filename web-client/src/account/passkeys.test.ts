import { beforeEach, describe, expect, it } from 'vitest';
import type { CeremonyFailure } from '../model/ceremony.ts';
import { FakeApi } from '../testing/fake_api.ts';
import type { Ceremony } from '../platform/web_authn.ts';
import type { HttpAnswer, HttpRequest } from './http.ts';
import { Passkeys } from './passkeys.ts';

const SESSION = { member: { id: 'm_1', name: null, roles: ['admin'] }, access_token: 'new', expires_in_s: 600, channels: [] };
const BEGUN: HttpAnswer = { kind: 'ok', body: { id: 'c/1', options: { challenge: 'x' } } };
const DONE: HttpAnswer = { kind: 'ok', body: { session: SESSION, passkey: { id: 'p_1' } } };
const KEY = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' } as const;

let answers: HttpAnswer[];
let asked: HttpRequest[];
let steps: string[];
let ceremony: Ceremony;
let obstacle: CeremonyFailure | null;
let api: FakeApi;
let passkeys: Passkeys;

beforeEach(() => {
  answers = [BEGUN, DONE];
  asked = [];
  steps = [];
  ceremony = { kind: 'done', credential: { id: 'cred' } };
  obstacle = null;
  api = new FakeApi();
  const held = (name: string) => async (options: unknown): Promise<Ceremony> => {
    steps.push(`${name} ${JSON.stringify(options)}`);
    return ceremony;
  };
  passkeys = new Passkeys({
    http: async (request) => {
      asked.push(request);
      steps.push(`${request.method} ${request.path}`);
      return answers.shift() ?? { kind: 'unreachable' };
    },
    api,
    ceremonies: async () => ({ obstacle: () => obstacle, make: held('make'), show: held('show') }),
    keys: async () => ({
      async offer(isAnew) {
        steps.push(isAnew ? 'new key' : 'key');
        return KEY;
      },
    }),
  });
});

describe('a passkey', () => {
  it('is made, and the key of the device handed over with it', async () => {
    expect(await passkeys.makeFirst('Chrome, Android')).toMatchObject({ kind: 'confirmed', session: { token: 'new' } });
    expect(steps).toEqual(['POST /v1/passkeys/registrations', 'make {"challenge":"x"}', 'new key', 'POST /v1/passkeys/registrations/c%2F1']);
    expect(asked.map(({ body }) => body)).toEqual([{ name: 'Chrome, Android' }, { credential: { id: 'cred' }, device_key: KEY }]);
  });

  it('of an activist binds the device to no key', async () => {
    const unbound = new Passkeys({
      http: async (request) => {
        asked.push(request);
        return DONE;
      },
      api: { ask: async (_, parse) => ({ kind: 'ok', value: parse({ id: 'c', options: {} }) ?? never(), tag: null }), tell: api.tell.bind(api) },
      ceremonies: async () => ({ obstacle: () => null, make: async () => ceremony, show: async () => ceremony }),
      keys: null,
    });
    expect(await unbound.add('Phone')).toMatchObject({ kind: 'confirmed' });
    expect(asked.map(({ body }) => body)).toEqual([{ credential: { id: 'cred' } }]);
  });

  it('is made by a code from another admin, by a device that belongs to nobody', async () => {
    expect(await passkeys.recover('Chrome', 'code-1')).toMatchObject({ kind: 'confirmed' });
    expect(asked[0]?.body).toEqual({ name: 'Chrome', code: 'code-1' });
  });

  it('is added beside another one as what has to be confirmed first', async () => {
    api.answers({ id: 'c', options: {} });
    answers = [DONE];
    expect(await passkeys.add('Chrome')).toMatchObject({ kind: 'confirmed' });
    expect(api.paths).toEqual(['POST /v1/passkeys/registrations']);
    expect(steps).toContain('key');
  });

  it('confirms that it is its member, with the key that the device has', async () => {
    expect(await passkeys.confirm('step_up')).toMatchObject({ kind: 'confirmed' });
    expect(steps).toEqual(['POST /v1/passkeys/assertions', 'show {"challenge":"x"}', 'key', 'POST /v1/passkeys/assertions/c%2F1']);
    expect(asked[0]?.body).toEqual({ purpose: 'step_up' });
  });

  it('changes nothing when the browser says no: no key is made, and the service is not asked again', async () => {
    ceremony = { kind: 'failed', why: 'cancelled' };
    expect(await passkeys.makeFirst('Chrome')).toEqual({ kind: 'failed', why: 'cancelled' });
    expect(steps).toHaveLength(2);
  });

  it('is not begun where there can be none', async () => {
    obstacle = 'bare-address';
    expect(await passkeys.makeFirst('Chrome')).toEqual({ kind: 'failed', why: 'bare-address' });
    expect(await passkeys.confirm('sign_in')).toEqual({ kind: 'failed', why: 'bare-address' });
    expect(steps).toEqual([]);
  });

  it.each([
    [[], 'unreachable'],
    [[BEGUN], 'unreachable'],
    [[{ kind: 'ok', body: { id: 'c' } }], 'unreadable'],
    [[BEGUN, { kind: 'problem', code: 'credential_refused', askAgainMs: 0 }], 'credential_refused'],
  ] as const)('is not taken for shown when the service answers %j', async (said, why) => {
    answers = [...said];
    expect(await passkeys.confirm('sign_in')).toMatchObject({ kind: 'failed', why });
  });

  it('is listed with when it was made and used', async () => {
    const list = { passkeys: [{ id: 'p'.repeat(22), name: 'Phone', created_at_ms: 5, last_used_at_ms: null, organises: true }] };
    api.answers(list);
    expect(await passkeys.list()).toMatchObject({ value: list });
  });
});

function never(): never {
  throw new Error('not understood');
}
