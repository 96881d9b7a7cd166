import { describe, expect, it } from 'vitest';
import { channelSort } from './channel.ts';
import { linkify } from './linkify.ts';

const links = (text: string): string[] => linkify(text).flatMap((part) => (part.kind === 'link' ? [part.url] : []));

describe('links in text', () => {
  it('are found without the punctuation around them', () => {
    expect(links('See https://example.org/a?b=c. (Or http://example.org/x_(y)!)')).toEqual([
      'https://example.org/a?b=c',
      'http://example.org/x_(y)',
    ]);
  });

  it('keep every character of the text', () => {
    const text = 'a https://example.org/, b <https://example.com> c';
    expect(linkify(text).map((part) => part.text).join('')).toBe(text);
  });

  it('are never made of anything but plain web addresses', () => {
    expect(links('javascript:alert(1) data:text/html,x https:// https://bank.example@evil.example/ ftp://x')).toEqual([]);
  });
});

describe('a channel', () => {
  it('is recognised by its name', () => {
    expect(channelSort('bulletins:all').kind).toBe('everyone');
    expect(channelSort('inbox#m_1').kind).toBe('inbox');
    expect(channelSort('bulletins:region.north-wales')).toEqual({ kind: 'named', name: 'North wales' });
    expect(channelSort('teams:press')).toEqual({ kind: 'named', name: 'Press' });
  });
});
