import { beforeEach, describe, expect, it } from 'vitest';
import { Api } from '../../account/api.ts';
import type { HttpAnswer, HttpRequest } from '../../account/http.ts';
import type { SessionAnswer } from '../../account/session_source.ts';
import { isNameTooLong, MeModel } from './me_model.ts';

const SESSION: SessionAnswer = {
  kind: 'session',
  session: { member: { id: 'm_1', name: null, roles: ['activist'] }, token: 'token', postsForMs: 60_000, channels: [] },
};
const MEMBER = { id: 'm_1', name: 'Eleri', standing: 'active', roles: ['activist'], regions: [], teams: [], joined_at_ms: 1, devices: 1, revision: 2 };

let answers: HttpAnswer[];
let requests: HttpRequest[];
let happened: string[];
let model: MeModel;

beforeEach(() => {
  answers = [];
  requests = [];
  happened = [];
  const http = async (request: HttpRequest): Promise<HttpAnswer> => {
    requests.push(request);
    return answers.shift() ?? { kind: 'unreachable' };
  };
  model = new MeModel({
    api: new Api(http, { current: async () => SESSION, renew: async () => SESSION }),
    randomId: () => 'random',
    origin: 'https://holdfast.example',
    ended: async () => void happened.push('ended'),
    named: async (name) => void happened.push(`named ${name}`),
    saveFile: (name, file) => happened.push(`saved ${name} of ${file.size}`),
  });
});

describe('one’s own things', () => {
  it('take the name that the service kept', async () => {
    answers = [{ kind: 'ok', body: MEMBER }];
    await model.rename('  Eleri');
    expect(requests[0]).toMatchObject({ method: 'PATCH', path: '/v1/me', body: { name: '  Eleri' } });
    expect(happened).toEqual(['named Eleri']);
    expect(model.naming.state.value).toEqual({ kind: 'done' });
  });

  it('say why a name was not kept, and change nothing', async () => {
    await model.rename('Eleri');
    expect(happened).toEqual([]);
    expect(model.naming.state.value).toEqual({ kind: 'failed', why: 'unreachable' });
  });

  it('have a code with a link that carries it behind #, where no server sees it', async () => {
    answers = [{ kind: 'ok', body: { code: 'ABCD-2345', expires_at_ms: 9 } }];
    await model.makeCode();
    expect(model.code.value).toEqual({ code: 'ABCD-2345', link: 'https://holdfast.example/join#transfer=ABCD-2345', expiresAt: 9 });
    expect(requests[0]?.idempotencyKey).toBe('random');
  });

  it('lose a device that was signed out', async () => {
    const device = (id: string) => ({ id, since_ms: 1, seen_ms: 2, stolen: false, this: id === 'd_1' });
    answers = [
      { kind: 'ok', body: { devices: [device('d_1'), device('d_2')] } },
      { kind: 'ok', body: null },
    ];
    await model.readDevices();
    await model.signOutDevice('d_2');
    expect(requests[1]).toMatchObject({ method: 'DELETE', path: '/v1/me/devices/d_2' });
    expect(model.devices.value?.map(({ id }) => id)).toEqual(['d_1']);
  });

  it.each([
    ['leaving', (it: MeModel) => it.leave(), 'POST', '/v1/me/leave'],
    ['erasing', (it: MeModel) => it.erase(), 'DELETE', '/v1/me'],
    ['signing out everywhere', (it: MeModel) => it.signOutAll(), 'DELETE', '/v1/me/devices'],
  ] as const)('end on this device by %s, once the service has said so', async (_what, does, method, path) => {
    await does(model);
    expect(happened).toEqual([]);
    answers = [{ kind: 'ok', body: null }];
    await does(model);
    expect(requests[1]).toMatchObject({ method, path });
    expect(happened).toEqual(['ended']);
  });

  it('stay when the last admin wants to go', async () => {
    answers = [{ kind: 'problem', code: 'last_admin', askAgainMs: 0 }];
    await model.erase();
    expect(model.going.state.value).toEqual({ kind: 'failed', why: 'last_admin' });
    expect(happened).toEqual([]);
  });

  it('come as a file', async () => {
    answers = [{ kind: 'ok', body: new Blob(['{"member":{}}']) }];
    await model.exportData();
    expect(happened).toEqual(['saved my-data.json of 13']);
  });

  it('are not asked for twice at once', async () => {
    answers = [{ kind: 'ok', body: null }];
    await Promise.all([model.leave(), model.leave()]);
    expect(requests).toHaveLength(1);
  });
});

describe('a name', () => {
  it('is measured in bytes, as the service does', () => {
    expect(isNameTooLong('x'.repeat(128))).toBe(false);
    expect(isNameTooLong('ŵ'.repeat(65))).toBe(true);
  });
});
