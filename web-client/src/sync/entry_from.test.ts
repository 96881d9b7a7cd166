import { describe, expect, it } from 'vitest';
import { NOTHING_READ } from '../model/position.ts';
import { receivedEntry } from './entry_from.ts';

const id = `b${'0'.repeat(31)}`;
const received = (said: string, isFromService: boolean) =>
  receivedEntry(
    'teams:north',
    NOTHING_READ,
    {
      data: { id: said, kind: 'cancel', texts: { en: { title: 'T', body: 'B' } }, references: [{ id, how: 'withdraws' }] },
      isFromService,
      offset: 7,
      postedAt: 1,
    },
    2,
  );

describe('a publication', () => {
  it('of the service is what it says', () => {
    expect(received(`${id}.withdrawn`, true)).toMatchObject({ id: `${id}.withdrawn`, bulletin: { references: [{ id, how: 'withdraws' }] } });
  });

  it.each([id, `${id}.withdrawn`])('of a member is not the bulletin whose id it says: %s', (said) => {
    const entry = received(said, false);
    expect(entry).toMatchObject({ id: 'said teams:north 0 7', bulletin: { references: [] } });
  });

  it('of a member keeps an id of its own', () => {
    expect(received('a word', false).id).toBe('a word');
  });
});
