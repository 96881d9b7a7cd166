import { describe, expect, it } from 'vitest';
import { markdown, plainText, type Block, type Span } from './markdown.ts';

/** As tags, so that a test reads like what is seen. */
function seen(blocks: readonly Block[]): string {
  return blocks
    .map((block) =>
      block.kind === 'paragraph'
        ? `<p>${spans(block.spans)}</p>`
        : `<${block.first === null ? 'ul' : `ol ${block.first}`}>${block.items.map((item) => `<li>${seen(item)}</li>`).join('')}</>`,
    )
    .join('');
}

function spans(of: readonly Span[]): string {
  return of
    .map((span) => {
      switch (span.kind) {
        case 'text':
          return span.text;
        case 'break':
          return '<br>';
        case 'emphasis':
          return `<em>${spans(span.spans)}</em>`;
        case 'strong':
          return `<strong>${spans(span.spans)}</strong>`;
        case 'link':
          return `<a ${span.url}>${spans(span.spans)}</a>`;
      }
    })
    .join('');
}

describe('the small Markdown', () => {
  it.each([
    ['Polls close at 22:00.', '<p>Polls close at 22:00.</p>'],
    ['Two\nlines', '<p>Two<br>lines</p>'],
    ['One\n\nTwo', '<p>One</p><p>Two</p>'],
    ['*soft* and **loud**', '<p><em>soft</em> and <strong>loud</strong></p>'],
    ['***both***', '<p><em><strong>both</strong></em></p>'],
    ['**a *b* c**', '<p><strong>a <em>b</em> c</strong></p>'],
    ['*a **b***', '<p><em>a <strong>b</strong></em></p>'],
    ['in*side*word', '<p>in<em>side</em>word</p>'],
    ['- one\n- two\n  - two and a half', '<ul><li><p>one</p></li><li><p>two</p><ul><li><p>two and a half</p></li></></li></>'],
    ['1. first\n2. second', '<ol 1><li><p>first</p></li><li><p>second</p></li></>'],
    ['3) third', '<ol 3><li><p>third</p></li></>'],
    ['- a\n\n* b', '<ul><li><p>a</p></li></><ul><li><p>b</p></li></>'],
    ['- a\n\n  b\n\nc', '<ul><li><p>a</p><p>b</p></li></><p>c</p>'],
    ['[where](https://example.org/a_b?c=d&e=f)', '<p><a https://example.org/a_b?c=d&e=f>where</a></p>'],
    ['[where](https://example.org/a?c&amp;d)', '<p><a https://example.org/a?c&d>where</a></p>'],
    ['[**here**](https://example.org/a_(b)) now', '<p><a https://example.org/a_(b)><strong>here</strong></a> now</p>'],
    ['[write](mailto:a@example.org) or [call](tel:+441234)', '<p><a mailto:a@example.org>write</a> or <a tel:+441234>call</a></p>'],
    ['\\<b\\>not\\</b\\> \\*loud\\* \\[x\\]', '<p><b>not</b> *loud* [x]</p>'],
    ['1\\. no list', '<p>1. no list</p>'],
  ])('is read as it is meant: %j', (text, expected) => {
    expect(seen(markdown(text))).toBe(expected);
  });

  it.each([
    ['[words](javascript:alert(1))', '<p>[words](javascript:alert(1))</p>'],
    ['[words](https://party.example@evil.example/)', '<p>[words](https://party.example@evil.example/)</p>'],
    ['[words](/v1/members)', '<p>[words](/v1/members)</p>'],
    ['<script>alert(1)</script>', '<p><script>alert(1)</script></p>'],
    ['# Head', '<p># Head</p>'],
    ['a * b * c **', '<p>a * b * c **</p>'],
    ['**open', '<p>**open</p>'],
    ['[open](https://example.org/', '<p>[open](https://example.org/</p>'],
    ['\\', '<p>\\</p>'],
    ['', ''],
  ])('shows what it does not know as it came: %j', (text, expected) => {
    expect(seen(markdown(text))).toBe(expected);
  });

  it('says its words without marks', () => {
    expect(plainText(markdown('**Not** at 9.\n\n- bring [water](https://example.org/)\n- and shoes'))).toBe(
      'Not at 9.\n• bring water\n• and shoes',
    );
  });

  it.each(['*', '**a', '[', '- ', '\\', '[a](', '*a '])('is read soon, however it repeats %j', (piece) => {
    const text = piece.repeat(Math.floor(8_000 / piece.length));
    const before = performance.now();
    markdown(text);
    markdown(`${text}\n`.slice(-8_000));
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});
