import { expect, it } from 'vitest';
import { gateOf } from './passkey_gate.ts';

const standing = { isRequired: true, count: 1, isConfirmed: false };

it.each([
  ['nothing is known yet', null, 'open'],
  ['no passkey is asked for', { ...standing, isRequired: false }, 'open'],
  ['there is none yet', { ...standing, count: 0 }, 'make'],
  ['it was not shown lately', standing, 'confirm'],
  ['it was shown', { ...standing, isConfirmed: true }, 'open'],
] as const)('before the console stands, when %s, %j: %s', (_when, passkeys, gate) => {
  expect(gateOf(passkeys, false)).toBe(gate);
});

it('is locked for a device that cannot show its key, whatever was known before', () => {
  expect(gateOf({ ...standing, isConfirmed: true }, true)).toBe('locked');
});
