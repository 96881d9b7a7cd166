import { DeviceKeys } from './account/device_keys.ts';
import { Prover } from './account/prover.ts';
import { systemClock } from './platform/clock.ts';
import type { LocalValues } from './platform/local_values.ts';
import { randomUuid } from './platform/random.ts';
import { IndexedDeviceKeyStore } from './storage/device_key_store.ts';

export interface DeviceKey {
  readonly keys: DeviceKeys;
  readonly prover: Prover;
}

let opened: DeviceKey | null = null;

/** The device's key and what is shown with it. It comes only to devices that have one, or make one. */
export function deviceKey(values: LocalValues): DeviceKey {
  if (opened !== null) return opened;
  const keys = new DeviceKeys(new IndexedDeviceKeyStore(), values);
  opened = { keys, prover: new Prover({ keys, clock: systemClock, randomId: randomUuid, origin: location.origin }) };
  return opened;
}
