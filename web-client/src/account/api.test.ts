import { describe, expect, it } from 'vitest';
import { Api } from './api.ts';
import type { HttpAnswer, HttpRequest } from './http.ts';
import type { SessionAnswer } from './session_source.ts';

const UNAUTHORIZED: HttpAnswer = { kind: 'problem', code: 'unauthorized', askAgainMs: 0 };
const DONE: HttpAnswer = { kind: 'ok', body: { done: true } };

function session(token: string): SessionAnswer {
  return { kind: 'session', session: { member: { id: 'm', name: null, roles: [] }, token, postsForMs: 1, channels: [] } };
}

function apiWith(answers: HttpAnswer[], renewed: SessionAnswer): { api: Api; asked: HttpRequest[] } {
  const asked: HttpRequest[] = [];
  const http = async (request: HttpRequest): Promise<HttpAnswer> => {
    asked.push(request);
    return answers.shift() ?? UNAUTHORIZED;
  };
  return { api: new Api(http, { current: async () => session('old'), renew: async () => renewed }), asked };
}

describe('a request', () => {
  it('is made again, once, when what a member may was changed', async () => {
    const { api, asked } = apiWith([UNAUTHORIZED, DONE], session('new'));
    expect(await api.tell({ method: 'DELETE', path: '/v1/x' })).toMatchObject({ kind: 'ok' });
    expect(asked.map(({ token }) => token)).toEqual(['old', 'new']);
  });

  it.each([session('old'), { kind: 'not-joined' } as const])('is not made again where there is nothing new to show', async (renewed) => {
    const { api, asked } = apiWith([UNAUTHORIZED], renewed);
    expect(await api.tell({ method: 'GET', path: '/v1/x' })).toMatchObject({ kind: 'failed', why: 'unauthorized' });
    expect(asked).toHaveLength(1);
  });
});
