import { describe, expect, it } from 'vitest';
import type { ApiAnswer } from '../../../../account/api.ts';
import type { Member, MemberList } from '../../../../protocol/api.gen.ts';
import { memberNamed } from '../testing.ts';
import { TeamsModel } from './teams_model.ts';

/** A service that keeps members, a page at a time. */
function modelOf(members: Member[], pageSize = 2): { model: TeamsModel; members: Member[] } {
  const ok = <T>(value: T): ApiAnswer<T> => ({ kind: 'ok', value, tag: null });
  const list = async ({ team }: { team: string }, after: string | null): Promise<ApiAnswer<MemberList>> => {
    const from = Number(after ?? 0);
    const those = members.filter(({ teams }) => team === '' || teams.includes(team));
    const next = from + pageSize < those.length ? { next: String(from + pageSize) } : {};
    return ok({ members: those.slice(from, from + pageSize), ...next });
  };
  const read = async (id: string): Promise<ApiAnswer<Member>> => ok(members.find((each) => each.id === id) ?? memberNamed(id));
  const model = new TeamsModel(
    {
      list,
      read,
      async edit(id, { teams }, tag) {
        const at = members.findIndex((each) => each.id === id);
        const before = members[at];
        if (before === undefined || tag !== `"${before.revision}"`) return { kind: 'failed', why: 'changed_meanwhile', askAgainMs: 0 };
        const after = { ...before, teams: teams ?? [], revision: before.revision + 1 };
        members[at] = after;
        return ok(after);
      },
    },
    () => 9,
  );
  return { model, members };
}

describe('teams', () => {
  it('are counted of the members who have them', async () => {
    const { model } = modelOf(['a', 'b', 'c'].map((id) => ({ ...memberNamed(id), teams: id === 'c' ? [] : ['leaflets'] })));
    await model.refresh();
    expect(model.teams.value).toEqual([{ name: 'leaflets', count: 2 }]);
    expect(model.reading.value).toEqual({ kind: 'read', isAll: true, asOf: 9 });
  });

  it('say that not all members were read, and read on', async () => {
    const { model } = modelOf(Array.from({ length: 12 }, (_, at) => memberNamed(`m${at}`)));
    await model.refresh();
    expect(model.reading.value).toMatchObject({ isAll: false });
    expect(model.known.value.size).toBe(10);
    await model.readOn();
    expect(model.known.value.size).toBe(12);
    expect(model.reading.value).toMatchObject({ isAll: true });
  });

  it('keep what was read where a passkey is asked for the rest', async () => {
    const page = { members: [{ ...memberNamed('a'), teams: ['leaflets'] }], next: '1' };
    const model = new TeamsModel(
      {
        list: async (_, after) =>
          after === null ? { kind: 'ok', value: page, tag: null } : { kind: 'failed', why: 'step_up_needed', askAgainMs: 0 },
        read: async (id) => ({ kind: 'ok', value: memberNamed(id), tag: null }),
        edit: async () => ({ kind: 'failed', why: 'unreachable', askAgainMs: 0 }),
      },
      () => 9,
    );
    await model.refresh();
    expect(model.reading.value).toEqual({ kind: 'failed', why: 'step_up_needed' });
    expect(model.teams.value).toEqual([{ name: 'leaflets', count: 1 }]);
  });

  it('begin with their first member and end with their last', async () => {
    const { model } = modelOf([memberNamed('a')]);
    await model.refresh();
    await model.add('drivers', memberNamed('a'));
    expect(model.membersOf('drivers').map(({ id }) => id)).toEqual(['a']);
    for (const member of model.membersOf('drivers')) await model.remove('drivers', member);
    expect(model.teams.value).toEqual([]);
  });

  it('are not changed over what somebody else did', async () => {
    const { model, members } = modelOf([memberNamed('a')]);
    await model.refresh();
    members[0] = { ...memberNamed('a'), teams: ['stalls'], revision: 4 };
    await model.add('drivers', memberNamed('a'));
    expect(model.change.value).toMatchObject({ kind: 'overtaken' });
    expect(members[0].teams).toEqual(['stalls']);
    expect(model.known.value.get('a')?.revision).toBe(4);
  });
});
