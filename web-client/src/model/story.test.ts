import { describe, expect, it } from 'vitest';
import type { Reference } from './bulletin.ts';
import type { BulletinEntry, Entry } from './entry.ts';
import { board, type BoardItem } from './story.ts';
import { timeline } from './timeline.ts';

const idOf = (letter: string): string => `b${letter.repeat(31)}`;

function entry(letter: string, offset: number, references: readonly Reference[] = [], channel = 'bulletins:all'): BulletinEntry {
  const isWithdrawal = references.some(({ how }) => how === 'withdraws');
  const id = isWithdrawal ? `${idOf(letter)}.withdrawn` : idOf(letter);
  const bulletin = { id, kind: isWithdrawal ? 'cancel' : 'update', texts: { en: { title: letter, body: '' } }, references } as const;
  return { kind: 'bulletin', id, channel, generation: 0, offset, arrivedAt: offset, postedAt: offset * 1_000, bulletin };
}

const corrects = (letter: string): Reference => ({ id: idOf(letter), how: 'corrects' });
const withdraws = (letter: string): Reference => ({ id: idOf(letter), how: 'withdraws' });

/** A line for each item: what is read where. */
function read(entries: readonly Entry[]): string[] {
  return board(timeline(entries)).map((item: BoardItem) => {
    if (item.kind === 'note') return `${item.what} ${item.story.first.bulletin.texts.en?.title}`;
    if (item.kind !== 'bulletin') return item.kind;
    const was = item.earlier.map(({ bulletin }) => bulletin.texts.en?.title).join('');
    return `${item.current.bulletin.texts.en?.title}${was === '' ? '' : ` was ${was}`}${item.withdrawal === null ? '' : ', withdrawn'}`;
  });
}

describe('what became of a bulletin', () => {
  it('stands where the first version was, and is told of where it happened', () => {
    expect(read([entry('a', 1), entry('d', 2), entry('c', 3, [corrects('a')])])).toEqual(['corrected a', 'd', 'c was a']);
    expect(read([entry('a', 1), entry('d', 2), entry('a', 3, [withdraws('a')])])).toEqual(['withdrawn a', 'd', 'a, withdrawn']);
  });

  it('needs no word where it would stand next to the bulletin itself', () => {
    expect(read([entry('a', 1), entry('c', 2, [corrects('a')]), entry('c', 3, [withdraws('c')])])).toEqual(['c was a, withdrawn']);
  });

  it('holds through corrections of corrections, in whatever order they came', () => {
    const all = [entry('a', 1), entry('d', 2), entry('b', 3, [corrects('a')]), entry('c', 4, [corrects('b')])];
    const expected = ['corrected a', 'corrected a', 'd', 'c was ab'];
    expect(read(all)).toEqual(expected);
    expect(read(all.toReversed())).toEqual(expected);
  });

  it('stands by itself where the first version is not on this device', () => {
    expect(read([entry('c', 2, [corrects('a')])])).toEqual(['c']);
    expect(read([entry('a', 2, [withdraws('a')])])).toEqual(['a']);
  });

  it('is found by its id through other channels', () => {
    expect(read([entry('a', 1, [], 'bulletins:region.north'), entry('c', 2, [corrects('a')], 'inbox#m')])).toEqual(['c was a']);
  });

  it('comes to an end where references go in a circle', () => {
    expect(read([entry('a', 1, [corrects('b')]), entry('b', 2, [corrects('a')])])).toHaveLength(1);
    expect(read([entry('a', 1, [corrects('a')])])).toEqual(['a']);
  });

  it('arrived when its latest part did', () => {
    const [story] = board(timeline([entry('a', 1), entry('c', 7, [corrects('a')])]));
    expect(story?.arrivedAt).toBe(7);
  });
});
