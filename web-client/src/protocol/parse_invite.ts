import { ROLES, type Role } from '../model/session.ts';
import { isCount, isOneOf, isRecord } from './shape.ts';

export interface CreatedInvite {
  readonly id: string;
  readonly link: string;
  readonly maxUses: number;
  readonly expiresAt: number;
}

export interface InviteRow {
  readonly id: string;
  readonly roles: readonly Role[];
  readonly maxUses: number;
  readonly uses: number;
  readonly expiresAt: number;
  readonly revoked: boolean;
}

export function parseCreatedInvite(body: unknown): CreatedInvite | null {
  if (!isRecord(body)) return null;
  const { id, link, max_uses: maxUses, expires_at_ms: expiresAt } = body;
  if (typeof id !== 'string' || typeof link !== 'string' || !isCount(maxUses) || !isCount(expiresAt)) return null;
  return { id, link, maxUses, expiresAt };
}

/** `null`: not a list. A row that cannot be read is left out. */
export function parseInviteList(body: unknown): InviteRow[] | null {
  if (!isRecord(body) || !Array.isArray(body['invites'])) return null;
  return body['invites'].flatMap((row: unknown) => {
    const invite = parseRow(row);
    return invite === null ? [] : [invite];
  });
}

function parseRow(row: unknown): InviteRow | null {
  if (!isRecord(row)) return null;
  const { id, roles, max_uses: maxUses, uses, expires_at_ms: expiresAt, revoked } = row;
  if (typeof id !== 'string' || !Array.isArray(roles)) return null;
  if (!isCount(maxUses) || !isCount(uses) || !isCount(expiresAt)) return null;
  return { id, roles: roles.filter((role) => isOneOf(ROLES, role)), maxUses, uses, expiresAt, revoked: revoked === true };
}
