import { beforeEach, describe, expect, it } from 'vitest';
import type { ApiAnswer, Failure } from '../../../../account/api.ts';
import type { Invite, InviteCreated, InviteTerms } from '../../../../protocol/api.gen.ts';
import { inviteeOf, InvitesModel } from './invites_model.ts';

let made: { terms: InviteTerms; key: string }[];
let failing: Failure | null;
let ids: number;

beforeEach(() => {
  made = [];
  failing = null;
  ids = 0;
});

function open(): InvitesModel {
  const created: InviteCreated = { id: 'i', link: 'http://h/join#t', max_uses: 1, expires_at_ms: 2 };
  return new InvitesModel(
    {
      async create(terms, key): Promise<ApiAnswer<InviteCreated>> {
        made.push({ terms, key });
        return failing === null ? { kind: 'ok', value: created, tag: null } : { kind: 'failed', why: failing, askAgainMs: 0 };
      },
      list: async (after) => ({ kind: 'ok', value: { invites: [], ...(after === null ? { next: 'x' } : {}) }, tag: null }),
      revoke: async () => ({ kind: 'ok', value: null, tag: null }),
    },
    { clock: { now: () => 7 }, randomId: () => `key ${(ids += 1)}` },
  );
}

describe('an invite', () => {
  it('is made as the form says', async () => {
    const model = open();
    model.choose('organiser');
    model.write({ regions: 'cardiff', needsApproval: true });
    await model.create();
    expect(made[0]?.terms).toEqual({
      roles: ['activist', 'sender'],
      regions: ['cardiff'],
      teams: [],
      max_uses: 1,
      expires_in_s: 604_800,
      needs_approval: true,
    });
    expect(model.making.value).toMatchObject({ kind: 'made' });
  });

  it('is one, however often its answer was lost, and the next is another', async () => {
    const model = open();
    failing = 'unreachable';
    await model.create();
    failing = null;
    await model.create();
    await model.create();
    const [first, again, next] = made.map(({ key }) => key);
    expect(first).toBe(again);
    expect(next).not.toBe(first);
  });

  it('is made again like one that is there', async () => {
    const invite: Invite = {
      id: 'i',
      roles: ['observer'],
      regions: ['north-wales'],
      teams: [],
      max_uses: 3,
      uses: 3,
      expires_at_ms: 1,
      revoked: true,
      needs_approval: true,
    };
    await open().again(invite);
    expect(made[0]?.terms).toMatchObject({ roles: ['observer'], regions: ['north-wales'], max_uses: 3, needs_approval: true });
  });

  it('is for the most that its roles allow', () => {
    expect(inviteeOf(['activist', 'approver'])).toBe('organiser');
    expect(inviteeOf(['admin', 'sender'])).toBe('admin');
    expect(inviteeOf(['activist', 'observer'])).toBe('activist');
  });
});

describe('the list of invites', () => {
  it('has pages', async () => {
    const model = open();
    await model.refresh();
    expect(model.listing.value).toMatchObject({ kind: 'rows', next: 'x', asOf: 7 });
    await model.readOn();
    expect(model.listing.value).toMatchObject({ kind: 'rows', next: null });
  });
});
