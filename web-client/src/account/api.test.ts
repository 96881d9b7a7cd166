import { describe, expect, it } from 'vitest';
import { Api, type StepUp } from './api.ts';
import type { HttpAnswer, HttpRequest } from './http.ts';
import type { SessionAnswer } from './session_source.ts';

const UNAUTHORIZED: HttpAnswer = { kind: 'problem', code: 'unauthorized', askAgainMs: 0 };
const STEP_UP: HttpAnswer = { kind: 'problem', code: 'step_up_needed', askAgainMs: 0 };
const DONE: HttpAnswer = { kind: 'ok', body: { done: true } };

function session(token: string): SessionAnswer {
  return { kind: 'session', session: { member: { id: 'm', name: null, roles: [] }, token, postsForMs: 1, channels: [] } };
}

function apiWith(answers: HttpAnswer[], renewed: SessionAnswer, stepUp?: StepUp): { api: Api; asked: HttpRequest[] } {
  const asked: HttpRequest[] = [];
  const http = async (request: HttpRequest): Promise<HttpAnswer> => {
    asked.push(request);
    return answers.shift() ?? UNAUTHORIZED;
  };
  return { api: new Api(http, { current: async () => session('old'), renew: async () => renewed }, stepUp), asked };
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

describe('what wants to be confirmed', () => {
  const request = { method: 'POST', path: '/v1/x', idempotencyKey: 'k' } as const;

  it('is done once more, as the same request, after the member confirmed that it is them', async () => {
    let questions = 0;
    const { api, asked } = apiWith([STEP_UP, DONE], session('new'), async () => {
      questions += 1;
      return true;
    });
    expect(await api.ask(request, (body) => body)).toMatchObject({ kind: 'ok', value: { done: true } });
    expect([questions, asked.length]).toEqual([1, 2]);
    expect(asked[1]).toEqual(asked[0]);
  });

  it('is asked for once only, whatever the service says then', async () => {
    let questions = 0;
    const { api, asked } = apiWith([STEP_UP, STEP_UP, DONE], session('new'), async () => {
      questions += 1;
      return true;
    });
    expect(await api.tell(request)).toMatchObject({ kind: 'failed', why: 'step_up_needed' });
    expect([questions, asked.length]).toEqual([1, 2]);
  });

  it.each([async () => false, undefined])('is not done when the member says no, or cannot be asked', async (stepUp) => {
    const { api, asked } = apiWith([STEP_UP, DONE], session('new'), stepUp);
    expect(await api.tell(request)).toMatchObject({ kind: 'failed', why: 'step_up_needed' });
    expect(asked).toHaveLength(1);
  });
});
