import { beforeEach, describe, expect, it } from 'vitest';
import type { ApiAnswer, Failure } from '../../../account/api.ts';
import type { Conversation, ConversationText } from '../../../protocol/api.gen.ts';
import { ANSWER_MAX_CHARS, ConversationModel } from './conversation_model.ts';
import { KeptAnswers } from './kept_answers.ts';

const ME = 'm_me';
let values: Map<string, string>;
let kept: Conversation;
let ids: number;
/** What the next requests come to, instead of an answer. `lost`: it is done, and nobody hears of it. */
let failing: (Failure | 'lost' | null)[];
let asked: string[];

beforeEach(() => {
  values = new Map();
  ids = 0;
  failing = [];
  asked = [];
  kept = {
    id: 'm~general',
    about: 'reply',
    member: 'm',
    state: 'open',
    assignee: null,
    bulletin: null,
    unanswered: 1,
    revision: 1,
    count: 1,
    texts: [text('r1', 'Hello?')],
  };
});

function text(id: string, words: string, by: string | null = null): ConversationText {
  return { id, text: words, by, from: by === null ? 'member' : 'organiser', at_ms: 1 };
}

function open(): ConversationModel {
  const failed = (why: Failure): ApiAnswer<never> => ({ kind: 'failed', why, askAgainMs: 0 });
  const ok = <T>(value: T): ApiAnswer<T> => ({ kind: 'ok', value, tag: `"${kept.revision}"` });
  const change = <T>(what: string, tag: string, done: () => T): ApiAnswer<T> => {
    asked.push(what);
    const fate = failing.shift() ?? null;
    if (fate !== null && fate !== 'lost') return failed(fate);
    if (tag !== `"${kept.revision}"`) return failed('changed_meanwhile');
    kept = { ...kept, revision: kept.revision + 1 };
    const value = done();
    return fate === 'lost' ? failed('unreachable') : ok(value);
  };
  const values_ = { get: (key: string) => values.get(key) ?? null, set: (key: string, value: string) => void values.set(key, value), remove: (key: string) => void values.delete(key) };
  return new ConversationModel(
    kept.id,
    ME,
    {
      read: async () => ok(kept),
      async answer(_id, words, key, tag) {
        // As the service does: the same again is the same answer.
        if (kept.texts.some(({ id }) => id === key)) return ok({ conversation: kept.id, id: key, at_ms: 1 });
        return change(`answer ${key} to ${tag}`, tag, () => {
          kept = { ...kept, unanswered: 0, texts: [...kept.texts, text(key, words, ME)] };
          return { conversation: kept.id, id: key, at_ms: 1 };
        });
      },
      assign: async (_id, member, tag) => change('assign', tag, () => (kept = { ...kept, assignee: member })),
      setState: async (_id, state, tag) => change(state, tag, () => (kept = { ...kept, state })),
    },
    new KeptAnswers(values_, ME, () => `key${(ids += 1)}`),
  );
}

/** Somebody else did something. */
function meanwhile(change: Partial<Conversation>): void {
  kept = { ...kept, ...change, revision: kept.revision + 1 };
}

describe('an answer', () => {
  it('is kept at each keystroke, and gone when it was given', async () => {
    const model = open();
    await model.refresh();
    model.write('At ten.');
    expect(open().text.value).toBe('At ten.');
    await model.send();
    expect(kept.texts.at(-1)).toMatchObject({ text: 'At ten.', by: ME });
    expect(model.text.value).toBe('');
    expect(values.size).toBe(0);
    expect(model.doing.value).toEqual({ kind: 'done', what: 'answered' });
  });

  it('is one, though its first try was taken and nobody heard of it', async () => {
    const model = open();
    await model.refresh();
    model.write('Once.');
    failing = ['lost'];
    await model.send();
    expect(model.doing.value).toEqual({ kind: 'unsent', why: 'unreachable' });
    await model.refresh();
    expect(kept.texts.filter(({ text }) => text === 'Once.')).toHaveLength(1);
    expect(model.doing.value).toEqual({ kind: 'done', what: 'answered' });
  });

  it('goes on by itself after a reload, and never past what its writer has not read', async () => {
    const model = open();
    await model.refresh();
    model.write('At ten.');
    failing = ['unreachable'];
    await model.send();
    meanwhile({ texts: [...kept.texts, text('o1', 'At nine.', 'm_other')] });
    const reloaded = open();
    await reloaded.refresh();
    expect(reloaded.text.value).toBe('At ten.');
    expect(reloaded.doing.value.kind).toBe('overtaken');
    expect(kept.texts.at(-1)?.text).toBe('At nine.');
    await reloaded.send();
    expect(kept.texts.at(-1)?.text).toBe('At ten.');
  });

  it('is another one when it was changed after a try', async () => {
    const model = open();
    await model.refresh();
    model.write('One');
    failing = ['unreachable', null];
    await model.send();
    model.write('Two');
    await model.send();
    expect(asked).toEqual(['answer key1 to "1"', 'answer key2 to "1"']);
  });

  it('shows what somebody answered meanwhile, and is sent when its writer wants it all the same', async () => {
    const model = open();
    await model.refresh();
    model.write('At ten.');
    meanwhile({ texts: [...kept.texts, text('o1', 'At nine.', 'm_other')] });
    await model.send();
    expect(model.doing.value).toEqual({ kind: 'overtaken', meanwhile: 'answered' });
    expect(model.text.value).toBe('At ten.');
    await model.send();
    expect(kept.texts.map(({ text }) => text)).toEqual(['Hello?', 'At nine.', 'At ten.']);
  });

  it('says that somebody wrote while it was written', async () => {
    const model = open();
    await model.refresh();
    model.write('At ten.');
    meanwhile({ texts: [...kept.texts, text('r2', 'Never mind.')] });
    await model.refresh();
    expect(model.news.value).toBe('written');
    model.write('');
    expect(model.news.value).toBeNull();
  });

  it('is not put back to an older state by an answer that came late', async () => {
    const model = open();
    await model.refresh();
    const older = kept;
    meanwhile({ texts: [...kept.texts, text('a1', 'At ten.', 'other')] });
    await model.refresh();
    const newest = kept;
    kept = older;
    await model.refresh();
    expect(model.shown.value).toMatchObject({ conversation: { revision: newest.revision } });
  });

  it('is as long as may be, in characters as people count them', async () => {
    const model = open();
    await model.refresh();
    model.write('🙂'.repeat(ANSWER_MAX_CHARS + 1));
    await model.send();
    model.write('   ');
    await model.send();
    expect(asked).toEqual([]);
    model.write('🙂'.repeat(ANSWER_MAX_CHARS));
    await model.send();
    expect(asked).toHaveLength(1);
  });

  it('of one organiser is not shown to the next on the same device', () => {
    open().write('Private.');
    const others = new KeptAnswers({ get: (key) => values.get(key) ?? null, set: () => {}, remove: () => {} }, 'm_next', () => 'k');
    expect(others.get(kept.id)).toBeNull();
  });
});

describe('a conversation', () => {
  it.each([
    [{ assignee: 'm_other' }, 'assigned'],
    [{ state: 'closed' as const }, 'closed'],
    [{ texts: [text('r1', 'Hello?'), text('r2', 'More.')] }, 'written'],
    [{}, 'changed'],
  ])('is not closed over what somebody else did: %j', async (change, word) => {
    const model = open();
    await model.refresh();
    meanwhile(change);
    await model.setState('closed');
    expect(model.doing.value).toEqual({ kind: 'overtaken', meanwhile: word });
    expect(kept.revision).toBe(2);
  });

  it('keeps its texts in sight when it is handled', async () => {
    const model = open();
    await model.refresh();
    await model.assign(ME);
    expect(model.shown.value).toMatchObject({ kind: 'shown', conversation: { assignee: ME, texts: [{ text: 'Hello?' }] } });
    expect(model.doing.value).toEqual({ kind: 'done', what: 'assigned' });
    await model.setState('closed');
    expect(model.shown.value).toMatchObject({ tag: '"3"' });
  });

  it('says that a complaint is answered first', async () => {
    const model = open();
    await model.refresh();
    failing = ['complaint_unanswered'];
    await model.setState('closed');
    expect(model.doing.value).toEqual({ kind: 'failed', why: 'complaint_unanswered' });
  });
});
