import { ROLES, type ChannelGrant, type Member, type Session } from '../model/session.ts';
import { isCount, isOneOf, isRecord } from './shape.ts';

export function parseSession(body: unknown): Session | null {
  if (!isRecord(body)) return null;
  const member = parseMember(body['member']);
  const { access_token: accessToken, expires_in_s: expiresInS, channels } = body;
  if (member === null || typeof accessToken !== 'string' || accessToken === '') return null;
  if (!isCount(expiresInS) || !Array.isArray(channels)) return null;
  return { member, accessToken, expiresInMs: expiresInS * 1_000, channels: parseChannels(channels) };
}

export function parseMember(value: unknown): Member | null {
  if (!isRecord(value) || typeof value['id'] !== 'string' || value['id'] === '') return null;
  const { id, name, roles } = value;
  if (!Array.isArray(roles)) return null;
  return {
    id,
    name: typeof name === 'string' && name !== '' ? name : null,
    // A role from a later version gives no right here, and takes none away.
    roles: roles.filter((role) => isOneOf(ROLES, role)),
  };
}

function parseChannels(values: readonly unknown[]): ChannelGrant[] {
  return values.flatMap((value) =>
    isRecord(value) && typeof value['name'] === 'string' && value['name'] !== ''
      ? [{ name: value['name'], mayPost: value['may_post'] === true }]
      : [],
  );
}
