import { describe, expect, it } from 'vitest';
import { parseNotice } from './parse_notice.ts';

describe('a notice for organisers', () => {
  it('says what changed', () => {
    expect(parseNotice({ kind: 'conversation', id: 'm~general', revision: 3, more: 1 })).toEqual({
      kind: 'conversation',
      id: 'm~general',
      revision: 3,
    });
    expect(parseNotice({ kind: 'incident', id: 'i', state: 'opened' })).toEqual({ kind: 'incident', id: 'i', state: 'opened' });
    expect(parseNotice({ kind: 'lapsed' })).toEqual({ kind: 'lapsed' });
  });

  it('has the whole of a signed head, or nothing of it', () => {
    const head = { kind: 'audit_head', chain: 'c', lines: 4, hash: 'h', at: 5, signature: 's', public_key: 'p' };
    expect(parseNotice(head)).toEqual({
      kind: 'audit_head',
      head: { chain: 'c', lines: 4, hash: 'h', at: 5, signature: 's', publicKey: 'p' },
    });
    expect(parseNotice({ ...head, signature: undefined })).toBeNull();
  });

  it.each([null, 'lapsed', {}, { kind: 'dance' }, { kind: 'conversation', id: '', revision: 1 }, { kind: 'bulletin', id: 'b', revision: -1 }])(
    'is none when it is %j',
    (data) => expect(parseNotice(data)).toBeNull(),
  );
});
