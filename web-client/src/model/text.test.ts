import { describe, expect, it } from 'vitest';
import { channelSort } from './channel.ts';
import { emptyDraft, finishDraft } from './draft.ts';
import { linkify } from './linkify.ts';

const links = (text: string): string[] => linkify(text).flatMap((part) => (part.kind === 'link' ? [part.url] : []));

const draft = (en: [string, string], cy: [string, string]) => ({
  ...emptyDraft('id', 'bulletins:all'),
  texts: { en: { title: en[0], body: en[1] }, cy: { title: cy[0], body: cy[1] } },
});

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

describe('a draft', () => {
  it('becomes a bulletin in the languages that are written', () => {
    expect(finishDraft(draft([' T ', 'B\n'], ['', ' ']))).toEqual({
      bulletin: { id: 'id', kind: 'update', texts: { en: { title: 'T', body: 'B' } } },
    });
    expect(finishDraft(draft(['', ''], ['T', 'B']))).toHaveProperty('bulletin.texts', { cy: { title: 'T', body: 'B' } });
  });

  it('says why it cannot be posted', () => {
    expect(finishDraft(draft(['', ''], ['', '']))).toEqual({ problem: { kind: 'empty' } });
    expect(finishDraft(draft(['T', 'B'], ['T', '']))).toEqual({ problem: { kind: 'half-written', language: 'cy' } });
    expect(finishDraft(draft(['x'.repeat(201), 'B'], ['', '']))).toEqual({ problem: { kind: 'too-long', language: 'en' } });
    expect(finishDraft(draft(['T', 'x'.repeat(5_001)], ['', '']))).toEqual({ problem: { kind: 'too-long', language: 'en' } });
  });
});

describe('a channel', () => {
  it('is recognised by its name', () => {
    expect(channelSort('bulletins:all').kind).toBe('everyone');
    expect(channelSort('inbox#m_1').kind).toBe('inbox');
    expect(channelSort('bulletins:north-wales')).toEqual({ kind: 'named', name: 'North wales' });
  });
});
