import { describe, expect, it } from 'vitest';
import { hashOf, pagesFor, recoveryCode, routeFromHash } from './route.ts';

describe('a place in the console', () => {
  it('is found again by its address', () => {
    expect(routeFromHash(hashOf('people', 'members', 'm 1/2'))).toEqual({ page: 'people', path: ['members', 'm 1/2'] });
    expect(routeFromHash('#watch')).toEqual({ page: 'watch', path: [] });
  });

  it.each(['', '#', '#nowhere', '#%E0%A4%A', '#constructor'])('is the desk for %j', (hash) => {
    expect(routeFromHash(hash)).toEqual({ page: 'compose', path: [] });
  });

  it('is none where somebody makes a new passkey by a code', () => {
    expect(recoveryCode('#recover/ab-1')).toBe('ab-1');
    for (const hash of ['', '#recover', '#recover/', '#people/ab-1']) expect(recoveryCode(hash)).toBeNull();
  });

  it('is on the rail of those who may see it', () => {
    expect(pagesFor(['admin', 'approver', 'sender'])).toEqual(['compose', 'bulletins', 'people', 'inbox', 'watch', 'audit', 'incidents', 'trust', 'account']);
    expect(pagesFor(['activist', 'sender'])).toEqual(['compose', 'bulletins', 'inbox', 'watch', 'trust', 'account']);
    expect(pagesFor(['observer'])).toEqual(['bulletins', 'watch', 'incidents', 'account']);
    expect(pagesFor(['activist'])).toEqual([]);
  });
});
