import { describe, expect, it } from 'vitest';
import { keepQuiet, readQuiet } from '../account/quiet_choice.ts';
import { NOT_QUIET } from '../model/quiet.ts';
import { QUIET_KEY, READ_MARKS_KEY } from '../model/kept_keys.ts';
import type { LocalValues } from '../platform/local_values.ts';
import { ReadMarks } from './read_marks.ts';

const TEAM = 'teams:leaflets';

function memory(kept: Readonly<Record<string, string>> = {}): LocalValues {
  const values = new Map(Object.entries(kept));
  return {
    get: (key) => values.get(key) ?? null,
    set: (key, value) => void values.set(key, value),
    remove: (key) => void values.delete(key),
  };
}

function marksOf(values: LocalValues, member: string) {
  const heard: (readonly [string, number, number])[][] = [];
  const marks = new ReadMarks(values, (changed) => heard.push([...changed].map(([channel, at]) => [channel, at.generation, at.offset])));
  marks.memberChanged(member);
  return { marks, last: () => heard.at(-1) };
}

describe('how far a team was read', () => {
  it('is kept over reloads, and never moves back', () => {
    const values = memory();
    const { marks, last } = marksOf(values, 'm_1');
    marks.read(TEAM, { generation: 0, offset: 7 });
    marks.read(TEAM, { generation: 0, offset: 3 });
    expect(last()).toEqual([[TEAM, 0, 7]]);
    marks.read(TEAM, { generation: 1, offset: 1 });
    expect(marksOf(values, 'm_1').last()).toEqual([[TEAM, 1, 1]]);
  });

  it('is of one member alone, and of nobody where it cannot be read', () => {
    const values = memory();
    marksOf(values, 'm_1').marks.read(TEAM, { generation: 0, offset: 7 });
    expect(marksOf(values, 'm_2').last()).toEqual([]);
    expect(marksOf(memory({ [READ_MARKS_KEY]: '{"of":"m_1","marks":[["x"]]}' }), 'm_1').last()).toEqual([]);
  });
});

describe('what a device is quiet about', () => {
  it('is what its member chose, and nothing for another one', () => {
    const values = memory();
    const chosen = { muted: [TEAM], hours: { from: 1_320, until: 420 }, isUrgentTold: false };
    keepQuiet(values, 'm_1', chosen);
    expect(readQuiet(values, 'm_1')).toEqual(chosen);
    expect(readQuiet(values, 'm_2')).toEqual(NOT_QUIET);
  });

  it.each(['', 'nonsense', '{"of":"m_1"}'])('is nothing where it was not kept whole: %j', (kept) => {
    expect(readQuiet(memory({ [QUIET_KEY]: kept }), 'm_1')).toEqual(NOT_QUIET);
  });

  it('has no hours that are none', () => {
    const kept = '{"of":"m_1","muted":[],"hours":{"from":1440,"until":0}}';
    expect(readQuiet(memory({ [QUIET_KEY]: kept }), 'm_1')).toEqual(NOT_QUIET);
  });
});
