import { isOneOf, isRecord } from './shape.ts';

export const PROBLEM_CODES = [
  'invite_unknown',
  'invite_expired',
  'invite_used_up',
  'invite_revoked',
  'unauthorized',
  'forbidden',
  'foreign_origin',
  'bad_request',
  'too_many_requests',
  'unavailable',
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/**
 * The stable word of an error answer. Where a proxy answered instead of the server its status has to do, but only the
 * server knows who is not a member: a proxy's own 401 must not empty a device.
 */
export function parseProblem(status: number, body: unknown): ProblemCode {
  if (isRecord(body) && isOneOf(PROBLEM_CODES, body['code'])) return body['code'];
  if (status === 403) return 'forbidden';
  if (status === 429) return 'too_many_requests';
  return status >= 500 || status === 401 ? 'unavailable' : 'bad_request';
}
