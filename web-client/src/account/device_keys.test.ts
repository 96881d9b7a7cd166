import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LocalValues } from '../platform/local_values.ts';
import { IndexedDeviceKeyStore } from '../storage/device_key_store.ts';
import { DeviceKeys } from './device_keys.ts';
import { HAS_KEY } from './proving.ts';

let kept: Map<string, string>;
const values: LocalValues = {
  get: (key) => kept.get(key) ?? null,
  set: (key, value) => void kept.set(key, value),
  remove: (key) => void kept.delete(key),
};
/** As after a reload. */
const keys = (): DeviceKeys => new DeviceKeys(new IndexedDeviceKeyStore(), values);

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  kept = new Map();
});

describe("a device's key", () => {
  it('is not there before it is offered', async () => {
    expect(await keys().current()).toBeNull();
    expect(kept.size).toBe(0);
  });

  it('is kept before it is handed over, and cannot be read out', async () => {
    const offered = await keys().offer(false);
    expect(offered).toEqual({ kty: 'EC', crv: 'P-256', x: expect.stringMatching(/^[\w-]{43}$/), y: expect.stringMatching(/^[\w-]{43}$/) });
    const pair = await keys().current();
    expect(pair?.privateKey.extractable).toBe(false);
    expect(kept.get(HAS_KEY)).toBe('1');
  });

  it('is the same when it is offered again, and another one for somebody who comes in anew', async () => {
    const first = await keys().offer(false);
    expect(await keys().offer(false)).toEqual(first);
    expect(await keys().offer(true)).not.toEqual(first);
  });

  it('is gone with its member', async () => {
    await keys().offer(false);
    await keys().forget();
    expect(await keys().current()).toBeNull();
    expect(kept.size).toBe(0);
  });

  it('is in memory for as long as the page is open where the browser keeps nothing', async () => {
    const refused: Pick<IDBFactory, 'open'> = {
      open() {
        throw new Error('refused');
      },
    };
    Object.assign(globalThis, { indexedDB: refused });
    const one = keys();
    const offered = await one.offer(false);
    expect(await one.offer(false)).toEqual(offered);
    expect(await one.current()).not.toBeNull();
  });
});
