import { describe, expect, it } from 'vitest';
import { ceremonyFailure, obstacle } from './ceremony.ts';

const here = { hostname: 'campaign.example', isSecure: true, hasWebAuthn: true };
const named = (name: string): Error => Object.assign(new Error('why'), { name });

describe('where passkeys cannot be', () => {
  it.each([
    [here, null],
    [{ ...here, hostname: 'localhost' }, null],
    [{ ...here, hostname: '127.0.0.1', hasWebAuthn: false }, 'bare-address'],
    [{ ...here, hostname: '[::1]' }, 'bare-address'],
    [{ ...here, isSecure: false, hasWebAuthn: false }, 'insecure'],
    [{ ...here, hasWebAuthn: false }, 'unsupported'],
  ] as const)('is known of %j', (place, why) => {
    expect(obstacle(place)).toBe(why);
  });
});

describe('what the browser says', () => {
  it.each([
    ['NotAllowedError', 2_000, 'not-shown'],
    ['NotAllowedError', 299_000, 'timed-out'],
    ['AbortError', 0, 'not-shown'],
    ['InvalidStateError', 10, 'already-there'],
    ['SecurityError', 10, 'other-name'],
    ['ConstraintError', 10, 'unsupported'],
    ['UnknownError', 10, 'failed'],
  ] as const)('of %s after %d ms means %s', (name, tookMs, why) => {
    expect(ceremonyFailure('show', named(name), tookMs, { timeout: 300_000 })).toBe(why);
  });

  it('is judged by the usual time where the service asked for none', () => {
    expect(ceremonyFailure('show', named('NotAllowedError'), 60_000, {})).toBe('timed-out');
    expect(ceremonyFailure('make', named('NotAllowedError'), 30_000, null)).toBe('cancelled');
    expect(ceremonyFailure('make', 'a string', 0, null)).toBe('failed');
  });
});
