import { webAddress } from './linkify.ts';

/**
 * The small Markdown of bulletins, as the service writes it: paragraphs, lists, stress and links, everything else
 * escaped. What is not of this kind is read as the characters that it is, so nothing is ever hidden.
 */
export type Block =
  | { readonly kind: 'paragraph'; readonly spans: readonly Span[] }
  /** `first`: the number of its first item; `null` if it does not count. */
  | { readonly kind: 'list'; readonly first: number | null; readonly items: readonly (readonly Block[])[] };

export type Span =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'break' }
  | { readonly kind: 'emphasis' | 'strong'; readonly spans: readonly Span[] }
  | { readonly kind: 'link'; readonly url: string; readonly spans: readonly Span[] };

/** The service keeps shorter ones; a longer one is one paragraph of its characters. */
const MAX_CHARS = 8_000;
/** Lists in lists; what is deeper is read as text. */
const MAX_LEVELS = 4;

export function markdown(text: string): readonly Block[] {
  if (text.length > MAX_CHARS) return [{ kind: 'paragraph', spans: [{ kind: 'text', text }] }];
  return blocksOf(text.split('\n'), 0);
}

/** The words alone, a line for each line. */
export function plainText(blocks: readonly Block[]): string {
  return blocks
    .map((block) =>
      block.kind === 'paragraph'
        ? wordsOf(block.spans)
        : block.items.map((item, at) => `${block.first === null ? '•' : `${block.first + at}.`} ${plainText(item)}`).join('\n'),
    )
    .join('\n');
}

function wordsOf(spans: readonly Span[]): string {
  return spans.map((span) => (span.kind === 'text' ? span.text : span.kind === 'break' ? '\n' : wordsOf(span.spans))).join('');
}

interface Mark {
  readonly width: number;
  readonly sign: string;
  readonly number: number | null;
}

function markOf(line: string): Mark | null {
  const [whole, sign = '', digits] = /^([-*]|(\d{1,9})[.)]) /.exec(line) ?? [];
  if (whole === undefined) return null;
  return { width: whole.length, sign: sign.slice(-1), number: digits === undefined ? null : Number(digits) };
}

function blocksOf(lines: readonly string[], level: number): Block[] {
  const blocks: Block[] = [];
  const startOfItem = (line: number): Mark | null => (level < MAX_LEVELS ? markOf(lines[line] ?? '') : null);
  const isBlank = (line: number): boolean => (lines[line] ?? '').trim() === '';
  let at = 0;
  while (at < lines.length) {
    const mark = startOfItem(at);
    if (mark !== null) {
      const items: Block[][] = [];
      for (let next: Mark | null = mark; next?.sign === mark.sign; next = startOfItem(at)) {
        const item = itemLines(lines, at, next.width);
        items.push(blocksOf(item, level + 1));
        at += item.length;
      }
      blocks.push({ kind: 'list', first: mark.number, items });
    } else if (isBlank(at)) {
      at += 1;
    } else {
      const from = at;
      do at += 1;
      while (!isBlank(at) && startOfItem(at) === null);
      blocks.push({ kind: 'paragraph', spans: spansOf(lines.slice(from, at).join('\n')) });
    }
  }
  return blocks;
}

/** The lines of an item without its indent, blank ones between them too. */
function itemLines(lines: readonly string[], from: number, width: number): string[] {
  const item = [(lines[from] ?? '').slice(width)];
  const indent = ' '.repeat(width);
  for (let at = from + 1; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (line.trim() !== '' && !line.startsWith(indent)) break;
    item.push(line.slice(width));
  }
  return item;
}

/** A run of asterisks that may still begin or end stress. */
interface Run {
  left: number;
  readonly opens: boolean;
  readonly closes: boolean;
}

type Piece = { readonly span: Span } | { readonly run: Run };

function spansOf(text: string, inLink = false): Span[] {
  const pieces: Piece[] = [];
  let words = '';
  const endWords = (): void => {
    if (words !== '') pieces.push({ span: { kind: 'text', text: words } });
    words = '';
  };
  for (let at = 0; at < text.length; ) {
    const char = text[at] ?? '';
    const next = text[at + 1] ?? '';
    if (char === '\\' && isPunctuation(next) && next < '\x7f') {
      words += next;
      at += 2;
      continue;
    }
    if (char === '\n') {
      endWords();
      pieces.push({ span: { kind: 'break' } });
      at += 1;
      continue;
    }
    if (char === '*') {
      const end = at + (/^\*+/.exec(text.slice(at))?.[0].length ?? 1);
      endWords();
      pieces.push({ run: runOf(text[at - 1] ?? ' ', end - at, text[end] ?? ' ') });
      at = end;
      continue;
    }
    const link = char === '[' && !inLink ? linkAt(text, at) : null;
    if (link === null) {
      words += char;
      at += 1;
      continue;
    }
    endWords();
    pieces.push({ span: link.span });
    at = link.end;
  }
  endWords();
  return withStress(pieces);
}

function runOf(before: string, left: number, after: string): Run {
  return {
    left,
    opens: !isSpace(after) && (!isPunctuation(after) || isSpace(before) || isPunctuation(before)),
    closes: !isSpace(before) && (!isPunctuation(before) || isSpace(after) || isPunctuation(after)),
  };
}

/** Pairs runs from the inside, as CommonMark does. */
function withStress(pieces: Piece[]): Span[] {
  const open: { run: Run; from: number }[] = [];
  const done: Piece[] = [];
  for (const piece of pieces) {
    done.push(piece);
    if (!('run' in piece)) continue;
    const { run } = piece;
    if (run.closes) {
      done.pop();
      for (let opener = open.at(-1); opener !== undefined && run.left > 0; opener = open.at(-1)) {
        const isDouble = opener.run.left >= 2 && run.left >= 2;
        const spans = settled(done.splice(opener.from + 1));
        done.push({ span: { kind: isDouble ? 'strong' : 'emphasis', spans } });
        opener.run.left -= isDouble ? 2 : 1;
        run.left -= isDouble ? 2 : 1;
        if (opener.run.left > 0) continue;
        open.pop();
        done.splice(opener.from, 1);
      }
      done.push(piece);
    }
    if (run.opens && run.left > 0) open.push({ run, from: done.length - 1 });
  }
  return settled(done);
}

/** A run that paired with nothing is asterisks. */
function settled(pieces: readonly Piece[]): Span[] {
  const spans: Span[] = [];
  for (const piece of pieces) {
    const span: Span = 'span' in piece ? piece.span : { kind: 'text', text: '*'.repeat(piece.run.left) };
    const last = spans.at(-1);
    if (span.kind === 'text' && span.text === '') continue;
    if (span.kind === 'text' && last?.kind === 'text') spans[spans.length - 1] = { kind: 'text', text: last.text + span.text };
    else spans.push(span);
  }
  return spans;
}

function linkAt(text: string, from: number): { span: Span; end: number } | null {
  const words = /^\[((?:\\.|[^\\\]])*)\]\(/s.exec(text.slice(from));
  if (words === null) return null;
  const start = from + words[0].length;
  let open = 1;
  let end = start;
  for (; end < text.length && open > 0; end += 1) {
    const char = text[end];
    if (char === '\n' || char === ' ') return null;
    open += char === '(' ? 1 : char === ')' ? -1 : 0;
  }
  if (open > 0) return null;
  const url = target(text.slice(start, end - 1).replaceAll('&amp;', '&'));
  return url === null ? null : { span: { kind: 'link', url, spans: spansOf(words[1] ?? '', true) }, end };
}

function target(address: string): string | null {
  return /^(?:mailto|tel):./i.test(address) ? address : webAddress(address);
}

function isSpace(char: string): boolean {
  return /\s/.test(char);
}

function isPunctuation(char: string): boolean {
  return /[!-/:-@[-`{-~\p{P}\p{S}]/u.test(char);
}
