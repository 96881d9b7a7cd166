import { describe, expect, it } from 'vitest';
import { addressOf, cacheName, outdated, routeOf } from './shell.ts';

const ORIGIN = 'https://holdfast.example';
const route = (path: string, mode = 'navigate', method = 'GET', origin = ORIGIN) => routeOf(method, mode, new URL(path, origin), ORIGIN);

describe('the app without a connection', () => {
  it.each(['/', '/join', '/?from=icon'])('opens at %s', (path) => {
    expect(route(path)).toBe('page');
  });

  it.each(['/console', '/status', '/status?lang=cy', '/v1/openapi.json'])('is not in the way of %s', (path) => {
    expect(route(path)).toBe('leave');
  });

  it('has its own files, and nothing that the service answers', () => {
    expect(route('/assets/first-abc.js', 'cors')).toBe('file');
    expect(route('/favicon.svg', 'no-cors')).toBe('file');
    expect(route('/v1/attachments/a', 'cors')).toBe('leave');
    expect(route('/connection/http_stream', 'cors')).toBe('leave');
    expect(route('/assets/first-abc.js', 'cors', 'POST')).toBe('leave');
    expect(route('/assets/a.js', 'cors', 'GET', 'https://elsewhere.example')).toBe('leave');
  });
});

describe('the files of a version', () => {
  const files = [
    { url: 'index.html', revision: 'a' },
    { url: 'assets/first-b.js', revision: null },
  ];

  it('are kept under the addresses by which they are asked for', () => {
    expect(files.map(addressOf)).toEqual(['/', '/assets/first-b.js']);
  });

  it('have a cache of their own, and those of other versions go', () => {
    const name = cacheName(files);
    expect(cacheName(files)).toBe(name);
    const next = cacheName([{ url: 'index.html', revision: 'b' }]);
    expect(next).not.toBe(name);
    expect(outdated([name, next, 'somebody-elses'], next)).toEqual([name]);
  });
});
