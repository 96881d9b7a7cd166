import { describe, expect, it } from 'vitest';
import { PREPARED_MAX, PreparedAnswers } from './prepared_answers.ts';

function open(kept = new Map<string, string>()): PreparedAnswers {
  return new PreparedAnswers({ get: (key) => kept.get(key) ?? null, set: (key, value) => void kept.set(key, value), remove: (key) => void kept.delete(key) });
}

describe('prepared answers', () => {
  it('are kept, each once, the latest first', () => {
    const kept = new Map<string, string>();
    const answers = open(kept);
    for (const text of ['One', ' Two ', 'One', ' ']) answers.add(text);
    expect(open(kept).texts.value).toEqual(['One', 'Two']);
    answers.remove('Two');
    expect(open(kept).texts.value).toEqual(['One']);
  });

  it('are bounded, and none where what was kept cannot be read', () => {
    const answers = open();
    for (let at = 0; at < 2 * PREPARED_MAX; at += 1) answers.add(`Answer ${at}`);
    expect(answers.texts.value).toHaveLength(PREPARED_MAX);
    expect(open(new Map([['holdfast.prepared', '{"a":']])).texts.value).toEqual([]);
  });
});
