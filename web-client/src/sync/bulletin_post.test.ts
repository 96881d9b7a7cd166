import { beforeEach, describe, expect, it } from 'vitest';
import { Api } from '../account/api.ts';
import { Bulletins } from '../account/bulletins.ts';
import type { HttpAnswer, HttpRequest } from '../account/http.ts';
import type { BulletinLetter } from '../model/letter.ts';
import type { OutboxItem } from '../model/outbox_item.ts';
import type { Bulletin } from '../protocol/api.gen.ts';
import { postBulletin } from './bulletin_post.ts';

const ID = `b${'0'.repeat(31)}`;
const OTHER = `b${'1'.repeat(31)}`;
const letter: BulletinLetter = {
  kind: 'bulletin',
  content: { kind: 'update', texts: { en: { title: 'T', body: 'B.' } }, audience: {} },
  sendAt: null,
  draft: null,
};
const bulletin: Bulletin = {
  id: ID, state: 'draft', revision: 1, authors: ['m_1'], content: letter.content, created_at_ms: 1, needs: 'one_person',
};

let asked: HttpRequest[];
let answers: HttpAnswer[];

beforeEach(() => {
  asked = [];
  answers = [];
});

const SESSION = {
  kind: 'session',
  session: { member: { id: 'm_1', name: null, roles: [] }, token: 't', postsForMs: 1, channels: [] },
} as const;
const bulletins = new Bulletins(
  new Api(
    async (request) => {
      asked.push(request);
      return answers.shift() ?? { kind: 'unreachable' };
    },
    { current: async () => SESSION, renew: async () => SESSION },
  ),
);
const post = postBulletin(bulletins);
const item = (change: Partial<BulletinLetter> = {}): OutboxItem<BulletinLetter> => ({
  id: ID, author: 'm_1', letter: { ...letter, ...change }, createdAt: 0, state: { kind: 'sending' },
});
const is = (change: Partial<Bulletin> = {}): HttpAnswer => ({ kind: 'ok', body: { ...bulletin, ...change } });
const problem = (code: Extract<HttpAnswer, { kind: 'problem' }>['code'], askAgainMs = 0): HttpAnswer => ({ kind: 'problem', code, askAgainMs });
const HELD = { kind: 'posted', position: null, isDurable: true };
const paths = (): string[] => asked.map(({ method, path }) => `${method} ${path}`);

describe('handing a bulletin over', () => {
  it('begins it under its own id, then submits the revision that it got', async () => {
    answers = [is({ revision: 4 }), is({ state: 'awaiting_approval' })];
    expect(await post(item({ sendAt: { local: '2027-05-06T18:00', zone: 'Europe/London' } }))).toEqual(HELD);
    expect(paths()).toEqual(['POST /v1/bulletins', `POST /v1/bulletins/${ID}/submit`]);
    expect(asked[0]?.body).toEqual({ id: ID, content: letter.content, send_at: { local: '2027-05-06T18:00', zone: 'Europe/London' } });
    expect(asked[1]?.body).toEqual({ revision: 4 });
  });

  it('is done when an earlier try had got through, whatever became of it', async () => {
    answers = [is({ state: 'sent' })];
    expect(await post(item())).toEqual(HELD);
    answers = [is({ returned: 'The wrong day.' })];
    expect(await post(item())).toEqual(HELD);
    expect(paths()).toEqual(['POST /v1/bulletins', 'POST /v1/bulletins']);
  });

  it('is tried again where nobody answered or the service is busy, and not before it asked', async () => {
    expect(await post(item())).toEqual({ kind: 'again' });
    answers = [problem('too_many_requests', 2_000)];
    expect(await post(item())).toEqual({ kind: 'again', retryAfterMs: 2_000 });
    answers = [{ kind: 'waiting', waiting: { position: 4, waitMs: 9_000 }, askAgainMs: 5_000 }];
    expect(await post(item())).toEqual({ kind: 'again', retryAfterMs: 5_000 });
    answers = [is(), problem('unavailable')];
    expect(await post(item())).toEqual({ kind: 'again' });
  });

  it('is refused with the word of the service', async () => {
    answers = [problem('bulletin_content')];
    expect(await post(item())).toEqual({ kind: 'refused', code: 'bulletin_content' });
    answers = [is(), problem('language_missing')];
    expect(await post(item())).toEqual({ kind: 'refused', code: 'language_missing' });
  });
});

describe('handing a change over', () => {
  const change = item({ draft: { id: OTHER, revision: 2 } });

  it('changes the revision that was seen, then submits the new one', async () => {
    answers = [is({ id: OTHER, revision: 3 }), is({ id: OTHER, state: 'scheduled' })];
    expect(await post(change)).toEqual(HELD);
    expect(paths()).toEqual([`PUT /v1/bulletins/${OTHER}`, `POST /v1/bulletins/${OTHER}/submit`]);
    expect(asked[0]?.body).toEqual({ revision: 2, content: letter.content });
    expect(asked[1]?.body).toEqual({ revision: 3 });
  });

  it('goes on where its own answer got lost', async () => {
    const kept = { ...letter.content, texts: { en: { title: 'T', body: 'B\\.' } }, urgency: 'normal' as const };
    answers = [problem('changed_meanwhile'), is({ id: OTHER, revision: 3, content: kept }), is({ id: OTHER, state: 'scheduled' })];
    expect(await post(change)).toEqual(HELD);
    expect(paths().at(-1)).toBe(`POST /v1/bulletins/${OTHER}/submit`);
  });

  it('does not write over what somebody else wrote meanwhile', async () => {
    const theirs = { ...letter.content, texts: { en: { title: 'Theirs', body: 'B.' } } };
    answers = [problem('changed_meanwhile'), is({ id: OTHER, revision: 3, content: theirs })];
    expect(await post(change)).toEqual({ kind: 'refused', code: 'changed_meanwhile' });
  });
});

describe('handing a bulletin over where organisers sign', () => {
  const WITH = { statement: '{}', key: 'k', signature: 's' };
  const signing = postBulletin(bulletins, async () => ({ kind: 'signed', with: WITH }));

  it('submits it with the signature of its author', async () => {
    answers = [is(), is({ state: 'awaiting_approval' })];
    expect(await signing(item())).toEqual(HELD);
    expect(asked[1]?.body).toEqual({ revision: 1, signed: WITH });
  });

  it.each([
    ['another word', { texts: { en: { title: 'T', body: 'Not B.' } } }],
    ['another figure', { texts: { en: { title: 'T', body: 'B 1.5.' } } }],
    ['another audience', { audience: { regions: ['north'] } }],
    ['a link', { links: [{ url: 'https://example.org/' }] }],
    ['another hour at which it is over', { expires_at: 5 }],
  ])('hands nothing in when the service made %s of it', async (_name, change) => {
    answers = [is({ content: { ...letter.content, ...change } })];
    expect(await signing(item())).toEqual({ kind: 'refused', code: 'said_otherwise' });
    expect(paths()).toEqual(['POST /v1/bulletins']);
  });

  it('takes it as its own when the service has only tidied it', async () => {
    answers = [is({ content: { ...letter.content, texts: { en: { title: 'T', body: '**B.**\n' } } } }), is({ state: 'awaiting_approval' })];
    expect(await signing(item())).toEqual(HELD);
  });

  it('says why it cannot sign, and keeps what was written; what may pass is tried again', async () => {
    answers = [is(), is()];
    const cannot = (why: 'heads_unknown' | 'no_key') => postBulletin(bulletins, async () => ({ kind: 'cannot', why }));
    expect(await cannot('no_key')(item())).toEqual({ kind: 'refused', code: 'no_key' });
    expect(await cannot('heads_unknown')(item())).toEqual({ kind: 'again' });
    expect(paths()).toEqual(['POST /v1/bulletins', 'POST /v1/bulletins']);
  });
});
