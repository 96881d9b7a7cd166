export type TextPart = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'link'; readonly url: string; readonly text: string };

const URL_LIKE = /https?:\/\/[^\s<>"']+/gi;
const TRAILING = /[.,;:!?…)\]}»”’]+$/u;

/** Splits text at web addresses. Only http and https become links; all else stays text. */
export function linkify(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(URL_LIKE)) {
    const shown = withoutTrailing(match[0]);
    const url = webAddress(shown);
    if (url === null) continue;
    if (match.index > end) parts.push({ kind: 'text', text: text.slice(end, match.index) });
    parts.push({ kind: 'link', url, text: shown });
    end = match.index + shown.length;
  }
  if (end < text.length) parts.push({ kind: 'text', text: text.slice(end) });
  return parts;
}

function withoutTrailing(candidate: string): string {
  const cut = candidate.replace(TRAILING, '');
  // An address may end in a bracket that it opened itself.
  return candidate[cut.length] === ')' && cut.includes('(') && !cut.includes(')') ? `${cut})` : cut;
}

/** The address as browsers write it; `null` where a reader could be led astray, or nowhere. */
export function webAddress(text: string): string | null {
  try {
    const url = new URL(text);
    const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
    // A name before an @ makes an address look like another site's.
    return isWeb && url.hostname !== '' && url.username === '' && url.password === '' ? url.href : null;
  } catch {
    return null;
  }
}
