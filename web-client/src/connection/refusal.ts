/** Centrifuge's numbers of errors that say "try again": internal, token expired, too many requests. */
const TRANSIENT_CODES: ReadonlySet<number> = new Set([100, 109, 111]);

/** Numbers below this one are the SDK's own: timeouts and closed transports. */
const FIRST_SERVER_CODE = 100;

/** The server's final word, or `null` when asking again may succeed. */
export function refusalCode(error: unknown): number | null {
  const code = codeOf(error);
  if (code === null || code < FIRST_SERVER_CODE || TRANSIENT_CODES.has(code)) return null;
  return code;
}

function codeOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'number' ? error.code : null;
}
