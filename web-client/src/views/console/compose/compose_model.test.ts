import { beforeEach, describe, expect, it } from 'vitest';
import type { Bulletin } from '../../../model/bulletin.ts';
import { ComposeModel } from './compose_model.ts';

let kept: Map<string, string>;
let posted: { channel: string; bulletin: Bulletin }[];
let ids: number;

beforeEach(() => {
  kept = new Map();
  posted = [];
  ids = 0;
});

function open(isInOutbox: (id: string) => boolean = () => false): ComposeModel {
  return new ComposeModel({
    values: {
      get: (key) => kept.get(key) ?? null,
      set: (key, value) => void kept.set(key, value),
      remove: (key) => void kept.delete(key),
    },
    randomId: () => `id ${(ids += 1)}`,
    post: async (channel, bulletin) => void posted.push({ channel, bulletin }),
    isInOutbox,
  });
}

describe('composing', () => {
  it('keeps the draft over a reload', () => {
    open().write('cy', { title: 'Helo' });
    expect(open().draft.value.texts.cy.title).toBe('Helo');
    expect(open().draft.value.id).toBe('id 1');
  });

  it('hands a finished draft over and begins the next under a new id', async () => {
    const model = open();
    model.write('en', { title: 'T', body: 'B' });
    expect(await model.post('c')).toBe(true);
    expect(posted).toEqual([{ channel: 'c', bulletin: { id: 'id 1', kind: 'update', texts: { en: { title: 'T', body: 'B' } } } }]);
    expect(model.isBlank.value).toBe(true);
    expect(model.draft.value.id).toBe('id 2');
  });

  it('posts once when the button is pressed twice', async () => {
    const model = open();
    model.write('en', { title: 'T', body: 'B' });
    await Promise.all([model.post('c'), model.post('c')]);
    expect(posted.length).toBe(1);
  });

  it('does not edit what the outbox already has', () => {
    open().write('en', { title: 'T', body: 'B' });
    const model = open((id) => id === 'id 1');
    expect(model.isBlank.value).toBe(true);
    expect(model.draft.value.id).not.toBe('id 1');
  });

  it('says what is missing, until something is written', async () => {
    const model = open();
    expect(await model.post('c')).toBe(false);
    expect(model.problem.value).toEqual({ kind: 'empty' });
    model.write('en', { title: 'T' });
    expect(model.problem.value).toBeNull();
  });

  it('begins anew when what was kept cannot be read', () => {
    kept.set('holdfast.draft', '{"id":3}');
    expect(open().isBlank.value).toBe(true);
  });

  it('goes on under a fresh id where another tab has the desk', async () => {
    const here = open();
    here.write('en', { title: 'T', body: 'B' });
    const there = open();
    await here.post('c');
    there.write('en', { title: 'Other' });
    await there.post('c');
    const ids = posted.map(({ bulletin }) => bulletin.id);
    expect(new Set(ids).size).toBe(2);
  });

  it('shows no draft of one member to the next', () => {
    const first = open();
    first.memberChanged('m_1');
    first.write('en', { title: 'Private' });
    first.memberChanged(null);
    first.memberChanged('m_1');
    expect(first.draft.value.texts.en.title).toBe('Private');

    const reloaded = open();
    for (const model of [first, reloaded]) {
      model.memberChanged('m_2');
      expect(model.isBlank.value).toBe(true);
    }
    expect(kept.get('holdfast.draft')).not.toContain('Private');
  });
});
