import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import type { SigningProblem } from '../../../model/outbox_item.ts';
import type { Bulletin } from '../../../protocol/api.gen.ts';
import type { CheckedManifest } from '../../../trust/next_manifest.ts';
import type { ConsoleTrust } from './console_trust.ts';
import { signsHere, withSignature } from './signs.ts';

const bulletin: Bulletin = {
  id: `b${'0'.repeat(31)}`, state: 'awaiting_approval', revision: 1, authors: [], content: { kind: 'update', texts: {} }, created_at_ms: 1, needs: 'two_people',
};

function manifest(twoPeople: boolean): CheckedManifest {
  const content = { v: 1 as const, root: 'R', serial: 1, issued_at: 1, two_people: twoPeople, keys: [] };
  return { file: { manifest: '', signature: '' }, content, fingerprint: 'F' };
}

/** A browser that cannot sign, for one reason. */
function unable(why: SigningProblem, twoPeople = true): ConsoleTrust {
  const cannot = async () => ({ kind: 'cannot', why }) as const;
  return {
    state: signal({ anchor: null, manifest: manifest(twoPeople), refused: { offer: null, link: null }, verdicts: new Map() }),
    submit: cannot,
    withdraw: cannot,
    approve: cannot,
    ownKey: signal(null),
    holder: signal(null),
    mayHaveKey: async () => true,
    makeKey: async () => {},
    removeKey: async () => {},
    check: async () => ({ kind: 'keep' }),
    confirm: async () => {},
    linkSeen: async () => {},
    refresh: async () => {},
  };
}

describe('who cannot sign', () => {
  it('hands nothing in', async () => {
    expect(await withSignature(unable('no_key'), bulletin, { kind: 'submit' })).toEqual({ cannot: 'no_key' });
  });

  it('takes back what is wrong all the same', async () => {
    expect(await withSignature(unable('no_key'), bulletin, { kind: 'withdraw' })).toEqual({ action: { kind: 'withdraw' } });
  });

  it('agrees only where one signature is enough', async () => {
    const approve = { kind: 'approve' } as const;
    expect(await withSignature(unable('no_key'), bulletin, approve)).toEqual({ cannot: 'no_key' });
    expect(await withSignature(unable('no_key', false), bulletin, approve)).toEqual({ action: approve });
  });

  it.each(['approve', 'override'] as const)('never does %s what its author did not sign so', async (kind) => {
    const action = kind === 'approve' ? { kind } : { kind, reason: 'Now.' };
    expect(await withSignature(unable('author_signed_other', false), bulletin, action)).toEqual({ cannot: 'author_signed_other' });
  });

  it('may override without a key of their own: readers see that it was one person', async () => {
    const action = { kind: 'override', reason: 'Now.' } as const;
    expect(await withSignature(unable('no_key'), bulletin, action)).toEqual({ action });
  });

  it('is told so before they hand anything in', () => {
    expect(signsHere(null)).toBe('not-needed');
    expect(signsHere(unable('no_key'))).toBe('no_key');
    expect(signsHere({ ...unable('no_key'), ownKey: signal({ publicKey: 'k', sign: async () => '' }) })).toBe('key_not_listed');
  });
});
