import { describe, expect, it } from 'vitest';
import { hashOf, pagesFor, routeFromHash } from './route.ts';

describe('a place in the console', () => {
  it('is found again by its address', () => {
    expect(routeFromHash(hashOf('people', 'members', 'm 1/2'))).toEqual({ page: 'people', path: ['members', 'm 1/2'] });
    expect(routeFromHash('#watch')).toEqual({ page: 'watch', path: [] });
  });

  it.each(['', '#', '#nowhere', '#%E0%A4%A', '#constructor'])('is the desk for %j', (hash) => {
    expect(routeFromHash(hash)).toEqual({ page: 'compose', path: [] });
  });

  it('is on the rail of those who may see it', () => {
    expect(pagesFor(['admin', 'approver', 'sender'])).toEqual(['compose', 'bulletins', 'people', 'inbox', 'watch', 'audit', 'incidents']);
    expect(pagesFor(['activist', 'sender'])).toEqual(['compose', 'bulletins', 'inbox', 'watch']);
    expect(pagesFor(['observer'])).toEqual(['bulletins', 'watch', 'incidents']);
    expect(pagesFor(['activist'])).toEqual([]);
  });
});
