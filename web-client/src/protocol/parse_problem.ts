import type { ProblemCode } from './api.gen.ts';
import { isRecord } from './shape.ts';

export type { ProblemCode } from './api.gen.ts';

/** All that the contract names: one too many or too few does not compile. */
const CODES: Readonly<Record<ProblemCode, true>> = {
  account_kept: true,
  account_linked: true,
  attachment: true,
  attachment_unknown: true,
  audience_of_correction: true,
  awaiting_approval: true,
  bad_manifest: true,
  bad_request: true,
  bulletin_content: true,
  bulletin_expired: true,
  bulletin_state: true,
  bulletin_unknown: true,
  ceremony_unknown: true,
  changed_meanwhile: true,
  complaint_unanswered: true,
  conversation_unknown: true,
  credential_cloned: true,
  credential_refused: true,
  device_stolen: true,
  forbidden: true,
  foreign_origin: true,
  id_reused: true,
  idempotency_key_in_use: true,
  idempotency_key_reused: true,
  incident_elsewhere: true,
  internal: true,
  invite_expired: true,
  invite_revoked: true,
  invite_unknown: true,
  invite_used_up: true,
  language_missing: true,
  last_admin: true,
  last_passkey: true,
  member_unknown: true,
  no_manifest: true,
  no_passkey: true,
  not_found: true,
  old_manifest: true,
  other_root: true,
  own_bulletin: true,
  own_recovery: true,
  own_rights: true,
  passkey_unknown: true,
  precondition_required: true,
  push_endpoint_refused: true,
  push_keys: true,
  push_off: true,
  signature_needed: true,
  signature_refused: true,
  statement_differs: true,
  statement_too_large: true,
  proof_needed: true,
  recovery_unknown: true,
  registration_closed: true,
  step_up_needed: true,
  too_many_authors: true,
  too_many_conversations: true,
  too_many_members: true,
  too_many_passkeys: true,
  too_many_requests: true,
  too_many_unanswered: true,
  too_slow: true,
  transfer_unknown: true,
  unauthorized: true,
  unavailable: true,
  waiting: true,
};

/**
 * The stable word of an error answer. Where a proxy answered instead of the server its status has to do, but only the
 * server knows who is not a member: a proxy's own 401 must not empty a device.
 */
export function parseProblem(status: number, body: unknown): ProblemCode {
  if (isRecord(body) && isCode(body['code'])) return body['code'];
  if (status === 403) return 'forbidden';
  if (status === 429) return 'too_many_requests';
  return status >= 500 || status === 401 ? 'unavailable' : 'bad_request';
}

function isCode(value: unknown): value is ProblemCode {
  return typeof value === 'string' && Object.hasOwn(CODES, value);
}
