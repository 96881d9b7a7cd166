import { beforeEach, describe, expect, it } from 'vitest';
import { emptyDesk } from '../../../model/desk.ts';
import type { BulletinLetter } from '../../../model/letter.ts';
import type { OutboxItem } from '../../../model/outbox_item.ts';
import type { Bulletin } from '../../../protocol/api.gen.ts';
import { ComposeModel, namedAudience } from './compose_model.ts';
import { readDesk } from './kept_desk.ts';

const NOW = new Date(2026, 10, 26, 12, 0).getTime();
const bulletin: Bulletin = {
  id: 'b_sent',
  state: 'sent',
  revision: 1,
  authors: ['m_1'],
  created_at_ms: 1,
  needs: 'two_people',
  content: { kind: 'alert', urgency: 'urgent', texts: { en: { title: 'Polls close at 10', body: 'Not at 9.' } }, audience: {} },
};

let kept: Map<string, string>;
let handed: { id: string; letter: BulletinLetter }[];
let ids: number;
let storeWorks: boolean;

beforeEach(() => {
  kept = new Map();
  handed = [];
  ids = 0;
  storeWorks = true;
});

function open(isInOutbox: (id: string) => boolean = () => false): ComposeModel {
  return new ComposeModel({
    values: {
      get: (key) => kept.get(key) ?? null,
      set: (key, value) => void kept.set(key, value),
      remove: (key) => void kept.delete(key),
    },
    newId: () => `id ${(ids += 1)}`,
    zone: 'Europe/London',
    now: () => NOW,
    hand: async (id, letter) => {
      if (!storeWorks) throw new Error('full');
      handed.push({ id, letter });
    },
    isInOutbox,
  });
}

describe('composing', () => {
  it('keeps the desk over a reload', () => {
    const model = open();
    model.write('cy', { title: 'Helo' });
    model.address({ scope: 'some', regions: ['gwynedd'] });
    expect(open().desk.value).toEqual(model.desk.value);
  });

  it('hands a finished one over and begins the next under a new id', async () => {
    const model = open();
    model.write('en', { title: 'T', body: 'B' });
    expect(await model.hand()).toBe(true);
    expect(handed).toMatchObject([{ id: 'id 1', letter: { kind: 'bulletin', draft: null, sendAt: null, content: { texts: { en: { title: 'T', body: 'B' } } } } }]);
    expect(model.isBlank.value).toBe(true);
    expect(model.desk.value.id).toBe('id 2');
  });

  it('hands over once when the button is pressed twice', async () => {
    const model = open();
    model.write('en', { title: 'T', body: 'B' });
    await Promise.all([model.hand(), model.hand()]);
    expect(handed.length).toBe(1);
  });

  it('keeps what is written where the device cannot keep the letter', async () => {
    const model = open();
    model.write('en', { title: 'T', body: 'B' });
    storeWorks = false;
    expect(await model.hand()).toBe(false);
    expect(model.problem.value).toBe('not-kept');
    expect(model.desk.value.texts.en.title).toBe('T');
  });

  it('does not edit what the outbox already has', () => {
    open().write('en', { title: 'T', body: 'B' });
    const model = open((id) => id === 'id 1');
    expect(model.isBlank.value).toBe(true);
    expect(model.desk.value.id).not.toBe('id 1');
  });

  it('says what is missing, until something is written', async () => {
    const model = open();
    expect(await model.hand()).toBe(false);
    expect(model.problem.value).toEqual({ kind: 'empty' });
    model.write('en', { title: 'T' });
    expect(model.problem.value).toBeNull();
  });

  it('begins anew when what was kept cannot be read, and keeps what can be', () => {
    kept.set('holdfast.draft', '{"id":3}');
    expect(open().isBlank.value).toBe(true);
    kept.set('holdfast.draft', '{"id":"a","channel":"bulletins:all","texts":{"en":{"title":"Older"}},"kind":"nonsense"}');
    const model = open();
    expect([model.desk.value.id, model.desk.value.kind]).toEqual(['a', 'update']);
    expect(model.desk.value.texts.cy).toEqual({ title: '', body: '' });
    expect(model.desk.value.texts.en.title).toBe('Older');
  });

  it('goes on under a fresh id where another tab has the desk', async () => {
    const here = open();
    here.write('en', { title: 'T', body: 'B' });
    const there = open();
    await here.hand();
    there.write('en', { title: 'Other' });
    await there.hand();
    expect(new Set(handed.map(({ id }) => id)).size).toBe(2);
  });

  it('shows no desk of one member to the next', () => {
    const first = open();
    first.memberChanged('m_1');
    first.write('en', { title: 'Private' });
    first.memberChanged(null);
    first.memberChanged('m_1');
    expect(first.desk.value.texts.en.title).toBe('Private');

    const reloaded = open();
    for (const model of [first, reloaded]) {
      model.memberChanged('m_2');
      expect(model.isBlank.value).toBe(true);
    }
    expect(kept.get('holdfast.draft')).not.toContain('Private');
  });

  it('makes no test urgent', () => {
    const model = open();
    model.change({ urgency: 'urgent' });
    model.choose('test');
    expect(model.desk.value.urgency).toBe('normal');
  });
});

describe('what is laid on the desk', () => {
  it('is a fresh correction with its prepared words, once', () => {
    const model = open();
    const correction: Bulletin = { ...bulletin, id: 'b_new', state: 'draft', corrects: 'b_sent' };
    model.edit(correction);
    expect(model.desk.value.texts.en.title).toBe('Correction: Polls close at 10');
    expect(model.desk.value.draft).toEqual({ id: 'b_new', revision: 1, corrects: 'b_sent', needsTwo: true });
    model.edit({ ...correction, revision: 2 });
    expect(model.desk.value.texts.en.title).toBe('Polls close at 10');
  });

  it('is handed over as a change of what it was', async () => {
    const model = open();
    model.edit({ ...bulletin, id: 'b_draft', state: 'draft', revision: 5 });
    await model.hand();
    expect(handed).toMatchObject([{ id: 'id 2', letter: { draft: { id: 'b_draft', revision: 5 } } }]);
  });

  it('is a word to those whom another did not reach, which can go as it is', async () => {
    const model = open();
    model.followUp(bulletin, 'acknowledged');
    expect(namedAudience(model.desk.value)).toMatchObject({ not_reached: { bulletin: 'b_sent', stage: 'acknowledged' } });
    expect(await model.hand()).toBe(true);
    expect(handed[0]?.letter.content.references).toEqual(['b_sent']);
  });

  it('is what was refused, under a new id', async () => {
    const model = open();
    const content: BulletinLetter['content'] = { kind: 'update', texts: { en: { title: 'T', body: 'B' } } };
    const letter: BulletinLetter = { kind: 'bulletin', content, sendAt: { local: '2027-05-06T18:00', zone: 'Europe/Paris' }, draft: null };
    model.takeBack({ id: 'refused', author: 'm_1', letter, createdAt: 0, state: { kind: 'refused', code: 'bulletin_content' } }, null);
    expect(model.desk.value).toMatchObject({ draft: null, sendAt: '2027-05-06T18:00', zone: 'Europe/Paris' });
    expect(model.desk.value.id).not.toBe('refused');
    await model.hand();
    expect(handed[0]?.letter.sendAt).toEqual(letter.sendAt);
  });
});

describe('a change that was overtaken', () => {
  const content: BulletinLetter['content'] = { kind: 'update', texts: { en: { title: 'Mine', body: 'B' } } };
  const item: OutboxItem<BulletinLetter> = {
    id: 'refused',
    author: 'm_1',
    letter: { kind: 'bulletin', content, sendAt: null, draft: { id: 'b_draft', revision: 2 } },
    createdAt: 0,
    state: { kind: 'refused', code: 'changed_meanwhile' },
  };

  it('comes back as a change of the newest', () => {
    const model = open();
    model.takeBack(item, { ...bulletin, id: 'b_draft', state: 'draft', revision: 3, corrects: 'b_sent' });
    expect(model.desk.value.draft).toEqual({ id: 'b_draft', revision: 3, corrects: 'b_sent', needsTwo: true });
    expect(model.desk.value.texts.en.title).toBe('Mine');
    model.takeBack(item, null);
    expect(model.desk.value.draft).toMatchObject({ id: 'b_draft', revision: 2 });
  });

  it('comes back as a new one where the first can be changed no more', () => {
    const model = open();
    model.takeBack(item, { ...bulletin, id: 'b_draft', state: 'cancelled', revision: 3 });
    expect(model.desk.value.draft).toBeNull();
  });
});

describe('what was kept', () => {
  it('is read back as it was', () => {
    const desk = { ...emptyDesk('a', 'UTC'), references: ['b1'], sendAt: '2027-05-06T18:00' };
    expect(readDesk(JSON.stringify({ ...desk, author: 'm_1' }))).toEqual({ desk, author: 'm_1' });
    expect(readDesk(null)).toBeNull();
    expect(readDesk('no JSON')).toBeNull();
  });
});
