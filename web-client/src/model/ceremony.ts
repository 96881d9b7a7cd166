/** Why the browser made or showed no passkey. */
export type CeremonyFailure =
  /** Passkeys belong to a name; the page was opened under a number. */
  | 'bare-address'
  /** Without HTTPS browsers have none. */
  | 'insecure'
  | 'unsupported'
  /** Nobody agreed to make one. */
  | 'cancelled'
  /** Cancelled, or no passkey of this member was there: browsers do not tell them apart. */
  | 'not-shown'
  | 'timed-out'
  /** This device has a passkey of this member already. */
  | 'already-there'
  /** The page's name is not the one that the service's passkeys are for. */
  | 'other-name'
  | 'failed';

export interface Place {
  readonly hostname: string;
  readonly isSecure: boolean;
  readonly hasWebAuthn: boolean;
}

/** Why there can be no passkey here, known before anybody is asked. */
export function obstacle({ hostname, isSecure, hasWebAuthn }: Place): CeremonyFailure | null {
  if (isBareAddress(hostname)) return 'bare-address';
  if (!isSecure) return 'insecure';
  return hasWebAuthn ? null : 'unsupported';
}

function isBareAddress(hostname: string): boolean {
  return hostname.includes(':') || hostname.startsWith('[') || /^\d{1,3}(\.\d{1,3}){3}$/.test(hostname);
}

/** Sooner than this the browser's own dialog does not give up. */
const USUAL_TIMEOUT_MS = 60_000;
/** The browser measures by its own clock. */
const SLACK_MS = 1_500;

/** What an error of the browser means while a passkey is made or shown (Web Authentication, §5.1.3 and §5.1.4.1). */
export function ceremonyFailure(what: 'make' | 'show', error: unknown, tookMs: number, options: unknown): CeremonyFailure {
  switch (nameOf(error)) {
    case 'NotAllowedError':
    case 'AbortError':
      if (tookMs >= timeoutOf(options) - SLACK_MS) return 'timed-out';
      return what === 'make' ? 'cancelled' : 'not-shown';
    case 'InvalidStateError':
      return 'already-there';
    case 'SecurityError':
      return 'other-name';
    case 'ConstraintError':
    case 'NotSupportedError':
      return 'unsupported';
    default:
      return 'failed';
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

function timeoutOf(options: unknown): number {
  const asked = typeof options === 'object' && options !== null && 'timeout' in options ? options.timeout : null;
  return typeof asked === 'number' && asked > SLACK_MS ? asked : USUAL_TIMEOUT_MS;
}
