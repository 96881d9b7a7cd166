import { describe, expect, it } from 'vitest';
import type { ApiAnswer } from '../../../../account/api.ts';
import type { MemberFilter } from '../../../../account/people.ts';
import type { MemberList } from '../../../../protocol/api.gen.ts';
import { memberNamed } from '../testing.ts';
import { MembersModel } from './members_model.ts';

const ok = (value: MemberList): ApiAnswer<MemberList> => ({ kind: 'ok', value, tag: null });

function modelWith(answers: ApiAnswer<MemberList>[]): { model: MembersModel; asked: [MemberFilter, string | null][] } {
  const asked: [MemberFilter, string | null][] = [];
  const list = async (filter: MemberFilter, after: string | null): Promise<ApiAnswer<MemberList>> => {
    asked.push([filter, after]);
    return answers.shift() ?? ok({ members: [] });
  };
  return { model: new MembersModel({ list }, () => 5), asked };
}

describe('the list of members', () => {
  it('goes on where the last page ended', async () => {
    const { model, asked } = modelWith([ok({ members: [memberNamed('a')], next: 'x' }), ok({ members: [memberNamed('b')] })]);
    await model.refresh();
    await model.readOn();
    expect(model.members.value).toMatchObject({ kind: 'listed', next: null, asOf: 5 });
    expect(model.found.value.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(asked.map(([, after]) => after)).toEqual([null, 'x']);
    await model.readOn();
    expect(asked).toHaveLength(2);
  });

  it('reads over pages of which the filter left nothing, and not for ever', async () => {
    const empty = Array.from({ length: 20 }, (_, page) => ok({ members: [], next: `p${page}` }));
    const { model, asked } = modelWith(empty);
    await model.narrow({ team: 'leaflets' });
    expect(asked).toHaveLength(6);
    expect(asked.every(([filter]) => filter.team === 'leaflets')).toBe(true);
    expect(model.members.value).toMatchObject({ kind: 'listed', next: 'p5' });
  });

  it('keeps what was read when the next page does not come', async () => {
    const { model } = modelWith([ok({ members: [memberNamed('a')], next: 'x' }), { kind: 'failed', why: 'unreachable', askAgainMs: 0 }]);
    await model.refresh();
    await model.readOn();
    expect(model.members.value).toMatchObject({ kind: 'listed', further: { kind: 'failed', why: 'unreachable' } });
    expect(model.found.value).toHaveLength(1);
  });

  it('passes over the answer to a question that is not asked any more', async () => {
    const { model } = modelWith([ok({ members: [memberNamed('old')] }), ok({ members: [memberNamed('new')] })]);
    await Promise.all([model.refresh(), model.narrow({ role: 'sender' })]);
    expect(model.found.value.map(({ id }) => id)).toEqual(['new']);
  });

  it('is searched by every word of name, number, region and team', async () => {
    const sian = { ...memberNamed('m_1'), name: 'Siân Morgan', regions: ['north-wales'] };
    const { model } = modelWith([ok({ members: [sian, memberNamed('m_2')] })]);
    await model.refresh();
    model.seek('morgan NORTH');
    expect(model.found.value).toEqual([sian]);
    model.seek('m_2');
    expect(model.found.value.map(({ id }) => id)).toEqual(['m_2']);
  });
});
