import { describe, expect, it } from 'vitest';
import { letterTo } from '../model/thread.ts';
import type { OutboxItem } from '../model/outbox_item.ts';
import type { ReplyLetter } from '../model/letter.ts';
import { Api } from './api.ts';
import type { HttpAnswer, HttpRequest } from './http.ts';
import { Replies } from './replies.ts';
import type { SessionAnswer } from './session_source.ts';

const ANSWER: SessionAnswer = {
  kind: 'session',
  session: { member: { id: 'm_1', name: null, roles: ['activist'] }, token: 'token', postsForMs: 60_000, channels: [] },
};
const BULLETIN = `b${'1'.repeat(31)}`;

function service(answer: HttpAnswer) {
  const requests: HttpRequest[] = [];
  const http = async (request: HttpRequest): Promise<HttpAnswer> => {
    requests.push(request);
    return answer;
  };
  return { requests, replies: new Replies(new Api(http, { current: async () => ANSWER, renew: async () => ANSWER })) };
}

function item(letter: ReplyLetter): OutboxItem<ReplyLetter> {
  return { id: 'id-1', author: 'm_1', letter, createdAt: 1, state: { kind: 'waiting' } };
}

describe('a reply', () => {
  it.each([
    ['anything', letterTo({ kind: 'general' }, 'Hello'), { text: 'Hello', id: 'id-1' }],
    ['a bulletin', letterTo({ kind: 'bulletin', id: BULLETIN }, 'Hello'), { text: 'Hello', id: 'id-1', bulletin: BULLETIN }],
    ['a complaint', letterTo({ kind: 'complaint' }, 'Hello'), { text: 'Hello', id: 'id-1', about: 'complaint' }],
  ])('about %s goes under its id', async (_about, letter, body) => {
    const { requests, replies } = service({ kind: 'ok', body: { conversation: 'm_1~general', id: 'id-1', at_ms: 9 } });
    expect(await replies.send(item(letter))).toEqual({ kind: 'posted', position: null, isDurable: true, at: 9 });
    expect(requests.map(({ method, path, body: sent }) => [method, path, sent])).toEqual([['POST', '/v1/replies', body]]);
  });

  it.each([
    [{ kind: 'problem', code: 'too_many_requests', askAgainMs: 3_000 }, 3_000],
    [{ kind: 'waiting', waiting: { position: 3, waitMs: 60_000 }, askAgainMs: 5_000 }, 5_000],
    [{ kind: 'unreachable' }, 0],
  ] as [HttpAnswer, number][])('that the service did not take is sent again, no sooner than it said', async (answer, ms) => {
    const { replies } = service(answer);
    expect(await replies.send(item(letterTo({ kind: 'general' }, 'Hello')))).toEqual({ kind: 'again', retryAfterMs: ms });
  });

  it('that the service will not have is not sent again', async () => {
    const { replies } = service({ kind: 'problem', code: 'too_many_unanswered', askAgainMs: 0 });
    const answer = await replies.send(item(letterTo({ kind: 'general' }, 'Hello')));
    expect(answer).toEqual({ kind: 'refused', code: 'too_many_unanswered' });
  });
});

describe('a list of conversations', () => {
  it('is read without those that this app cannot read', async () => {
    const texts = [{ from: 'organiser', text: 'Yes', at_ms: 5 }];
    const whole = { id: `m_1~${BULLETIN}`, about: 'reply', bulletin: BULLETIN, state: 'closed', count: 1, texts };
    const { requests, replies } = service({ kind: 'ok', body: { conversations: [whole, { id: 'm_1~later' }], next: 'n' } });
    const answer = await replies.page('a b');
    expect(requests[0]?.path).toBe('/v1/me/conversations?after=a%20b');
    expect(answer.kind === 'ok' && answer.value).toEqual({
      conversations: [
        {
          id: `m_1~${BULLETIN}`,
          topic: { kind: 'bulletin', id: BULLETIN },
          isOpen: false,
          acknowledgeBy: null,
          count: 1,
          texts: [{ from: 'organiser', id: null, text: 'Yes', at: 5 }],
        },
      ],
      next: 'n',
    });
  });
});
