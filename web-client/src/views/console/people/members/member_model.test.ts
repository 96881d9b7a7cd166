import { beforeEach, describe, expect, it } from 'vitest';
import type { ApiAnswer, Failure } from '../../../../account/api.ts';
import type { Member, MemberEdit } from '../../../../protocol/api.gen.ts';
import { memberNamed } from '../testing.ts';
import { MemberModel } from './member_model.ts';

let kept: Member;
let edits: { edit: MemberEdit; tag: string }[];
let failing: Failure | null;
let told: string[];

const failed = (why: Failure): ApiAnswer<never> => ({ kind: 'failed', why, askAgainMs: 0 });
const ok = <T>(value: T): ApiAnswer<T> => ({ kind: 'ok', value, tag: `"${kept.revision}"` });

beforeEach(() => {
  kept = { ...memberNamed('m'), teams: ['leaflets'] };
  edits = [];
  failing = null;
  told = [];
});

async function opened(): Promise<MemberModel> {
  const gone = async (): Promise<ApiAnswer<null>> => (failing === null ? ok(null) : failed(failing));
  const model = new MemberModel(
    'm',
    {
      read: async () => ok(kept),
      async edit(_id, edit, tag) {
        edits.push({ edit, tag });
        if (failing !== null) return failed(failing);
        if (tag !== `"${kept.revision}"`) return failed('changed_meanwhile');
        kept = { ...kept, ...(edit as Partial<Member>), revision: kept.revision + 1 };
        return ok(kept);
      },
      devices: async () => ok({ devices: [] }),
      signOut: gone,
      signOutEverywhere: gone,
      erase: gone,
    },
    { changed: ({ id }) => void told.push(`changed ${id}`), erased: (id) => void told.push(`erased ${id}`) },
  );
  await model.load();
  return model;
}

describe('one member', () => {
  it('is changed as the form says, to the revision that was seen', async () => {
    const model = await opened();
    model.write({ roles: ['activist', 'sender'], regions: 'cardiff,  north-wales' });
    await model.save();
    const edit = { roles: ['activist', 'sender'], regions: ['cardiff', 'north-wales'], teams: ['leaflets'] };
    expect(edits).toEqual([{ edit, tag: '"1"' }]);
    expect(model.doing.value).toEqual({ kind: 'done', what: 'saved' });
    expect(model.form.value.regions).toBe('cardiff, north-wales');
  });

  it('shows what somebody faster did, keeps what was typed, and saves it over theirs when asked', async () => {
    const model = await opened();
    model.write({ teams: 'drivers' });
    kept = { ...kept, roles: ['observer'], revision: 7 };
    await model.save();
    expect(model.doing.value).toEqual({ kind: 'overtaken' });
    expect(model.member.value).toMatchObject({ kind: 'shown', member: { roles: ['observer'] } });
    expect(model.form.value.teams).toBe('drivers');
    await model.save();
    expect(edits.at(-1)?.tag).toBe('"7"');
    expect(kept.teams).toEqual(['drivers']);
  });

  it('says what cannot be a region before anything is sent', async () => {
    const model = await opened();
    model.write({ regions: 'ynys-môn' });
    await model.save();
    expect(model.doing.value).toEqual({ kind: 'problem', problem: { kind: 'bad-label', label: 'ynys-môn' } });
    model.write({ regions: '', roles: [] });
    await model.save();
    expect(model.doing.value).toEqual({ kind: 'problem', problem: { kind: 'no-role' } });
    expect(edits).toEqual([]);
  });

  it('is in when another admin let them in meanwhile', async () => {
    kept = { ...kept, standing: 'waiting' };
    const model = await opened();
    kept = { ...kept, standing: 'active', revision: 2 };
    await model.admit();
    expect(model.doing.value).toEqual({ kind: 'done', what: 'admitted' });
  });

  it('is gone when they are erased, also by somebody else', async () => {
    const model = await opened();
    failing = 'member_unknown';
    await model.erase();
    expect(model.member.value).toEqual({ kind: 'erased' });
    expect(told.at(-1)).toBe('erased m');
  });

  it('stays in sight when something else fails', async () => {
    const model = await opened();
    failing = 'unreachable';
    await model.signOut('d');
    expect(model.doing.value).toEqual({ kind: 'failed', why: 'unreachable' });
    expect(model.member.value.kind).toBe('shown');
  });
});
