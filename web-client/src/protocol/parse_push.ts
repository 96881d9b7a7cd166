import { Push } from './api.gen.ts';
import { parser } from './parser.ts';

/** How the service stands to this device's notifications. */
export interface PushOfService {
  /** Base64url, an uncompressed point of P-256 (RFC 8292, §3.2); `null`: this service sends none. */
  readonly publicKey: string | null;
  readonly isKnown: boolean;
}

const parse = parser(Push);
/** 65 bytes. */
const PUBLIC_KEY = /^[A-Za-z0-9_-]{87}$/;

export function parsePush(data: unknown): PushOfService | null {
  const push = parse(data);
  if (push === null) return null;
  const { public_key: publicKey = null, subscribed: isKnown } = push;
  return publicKey === null || PUBLIC_KEY.test(publicKey) ? { publicKey, isKnown } : null;
}
