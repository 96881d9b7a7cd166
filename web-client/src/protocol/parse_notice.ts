import { isCount, isOneOf, isRecord } from './shape.ts';

/** The end of one node's audit, signed: kept elsewhere, it shows an end that was cut. */
export interface NoticedHead {
  readonly chain: string;
  readonly lines: number;
  readonly hash: string;
  readonly at: number;
  readonly signature: string;
  readonly publicKey: string;
}

/** What organisers' screens are told of a change, without what is in it. A hint: it may come twice, or not at all. */
export type Notice =
  | { readonly kind: 'audit_head'; readonly head: NoticedHead }
  | { readonly kind: 'bulletin'; readonly id: string; readonly revision: number; readonly state: string }
  | { readonly kind: 'conversation'; readonly id: string; readonly revision: number }
  | { readonly kind: 'incident'; readonly id: string; readonly state: 'closed' | 'opened' }
  /** Others were left out: whoever shows something asks for it. */
  | { readonly kind: 'lapsed' };

export const ORGANISERS_CHANNEL = 'service:organisers';
/** Longer words are none of ours. */
const WORD_MAX_CHARS = 512;

/** `null` for all that this version does not know. */
export function parseNotice(data: unknown): Notice | null {
  if (!isRecord(data)) return null;
  const { kind, id, revision, state } = data;
  switch (kind) {
    case 'audit_head':
      return parseHead(data);
    case 'bulletin':
      return isWord(id) && isCount(revision) && isWord(state) ? { kind, id, revision, state } : null;
    case 'conversation':
      return isWord(id) && isCount(revision) ? { kind, id, revision } : null;
    case 'incident':
      return isWord(id) && isOneOf(['closed', 'opened'], state) ? { kind, id, state } : null;
    case 'lapsed':
      return { kind };
    default:
      return null;
  }
}

function parseHead(data: Readonly<Record<string, unknown>>): Notice | null {
  const { chain, lines, hash, at, signature, public_key: publicKey } = data;
  if (!isWord(chain) || !isWord(hash) || !isWord(signature) || !isWord(publicKey)) return null;
  if (!isCount(lines) || !isCount(at)) return null;
  return { kind: 'audit_head', head: { chain, lines, hash, at, signature, publicKey } };
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= WORD_MAX_CHARS;
}
