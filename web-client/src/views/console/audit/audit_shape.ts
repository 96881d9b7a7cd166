import * as v from 'valibot';
import * as api from '../../../protocol/api.gen.ts';
import { parser } from '../../../protocol/parser.ts';

/** An entry whose action may be one that a later service knows and this page does not. */
const Entry = v.object({ ...api.AuditEntry.entries, action: v.string() });

export type AuditEntry = v.InferOutput<typeof Entry>;
export type AuditHead = api.AuditHead;
export type AuditActor = api.AuditActor;
export type Verification = api.AuditVerification;

export const parseAuditPage = parser(v.object({ entries: v.array(Entry), next: v.optional(api.AuditCursor) }));
export const parseAuditHead = parser(api.AuditHead);
export const parseVerification = parser(api.AuditVerification);

export type KnownAction = api.AuditAction;

export function isKnownAction(action: string): action is KnownAction {
  return (api.AuditAction.options as readonly string[]).includes(action);
}
