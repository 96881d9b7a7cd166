import { describe, expect, it } from 'vitest';
import type { ApiAnswer } from '../../../account/api.ts';
import type { Attachment } from '../../../protocol/api.gen.ts';
import { Attach, ATTACHMENT_MAX_BYTES } from './attaching.ts';

const kept: Attachment = { id: `a${'x'.repeat(22)}`, media: 'image/png', bytes: 3 };
const picture = new File(['abc'], 'pier.png', { type: 'image/png' });

function open(...answers: ApiAnswer<Attachment>[]) {
  const keys: string[] = [];
  const attach = new Attach({
    attach: async (_file, key) => {
      keys.push(key);
      return answers.shift() ?? { kind: 'failed', why: 'unreachable', askAgainMs: 0 };
    },
    randomId: () => `key ${keys.length}`,
  });
  return { attach, keys };
}

describe('attaching a file', () => {
  it('answers what is kept, under the name that it has here', async () => {
    const { attach } = open({ kind: 'ok', value: kept, tag: null });
    expect(await attach.add(picture, 0)).toEqual({ ...kept, name: 'pier.png', label: { en: '', cy: '' } });
    expect(attach.attaching.value).toEqual({ kind: 'idle' });
  });

  it('refuses here what the service would refuse', async () => {
    const { attach, keys } = open();
    await attach.add(new File(['x'], 'a.svg', { type: 'image/svg+xml' }), 0);
    expect(attach.attaching.value).toMatchObject({ why: 'type' });
    await attach.add(picture, 4);
    expect(attach.attaching.value).toMatchObject({ why: 'too-many' });
    await attach.add(new File([new Uint8Array(ATTACHMENT_MAX_BYTES + 1)], 'b.png', { type: 'image/png' }), 0);
    expect(attach.attaching.value).toMatchObject({ why: 'too-large' });
    expect(keys).toEqual([]);
  });

  it('tries the same file again as the same request', async () => {
    const { attach, keys } = open({ kind: 'failed', why: 'unavailable', askAgainMs: 0 }, { kind: 'ok', value: kept, tag: null });
    expect(await attach.add(picture, 0)).toBeNull();
    expect(attach.attaching.value).toEqual({ kind: 'failed', name: 'pier.png', why: 'unavailable' });
    expect(await attach.again()).toMatchObject({ id: kept.id });
    expect(keys[0]).toBe(keys[1]);
  });
});
