import { ROLES, type ChannelGrant, type Member, type PasskeyStanding, type Session } from '../model/session.ts';
import { isCount, isOneOf, isRecord } from './shape.ts';

/** What redeeming an invite answers. */
export function parseJoined(body: unknown): Session | null {
  return parseSession(body, 'access_token', 'expires_in_s');
}

/** What being admitted answers. The member has no name where only their ticket was looked at. */
export function parseAdmitted(body: unknown): Session | null {
  return parseSession(body, 'ticket', 'renew_in_s');
}

function parseSession(body: unknown, tokenKey: string, postsForKey: string): Session | null {
  if (!isRecord(body)) return null;
  const member = parseMember(body['member']);
  const { [tokenKey]: token, [postsForKey]: postsForS, channels } = body;
  if (member === null || typeof token !== 'string' || token === '') return null;
  if (!isCount(postsForS) || !Array.isArray(channels)) return null;
  const passkeys = parsePasskeys(body['passkeys']);
  return { member, token, postsForMs: postsForS * 1_000, channels: parseChannels(channels), ...(passkeys !== null && { passkeys }) };
}

function parsePasskeys(value: unknown): PasskeyStanding | null {
  if (!isRecord(value) || !isCount(value['count'])) return null;
  // The service has judged the time: this device's clock may be wrong by more than a session lasts.
  return { isRequired: value['required'] === true, count: value['count'], isConfirmed: isCount(value['confirmed_until_ms']) };
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

/** The channels that this device kept, if they are those of this member. */
export function parseKeptChannels(text: string | null, member: string): readonly ChannelGrant[] {
  try {
    const kept: unknown = JSON.parse(text ?? 'null');
    if (!isRecord(kept) || kept['of'] !== member || !Array.isArray(kept['channels'])) return [];
    return kept['channels'].filter(isGrant);
  } catch {
    return [];
  }
}

function isGrant(value: unknown): value is ChannelGrant {
  return isRecord(value) && typeof value['name'] === 'string' && value['name'] !== '' && typeof value['mayPost'] === 'boolean';
}

function parseChannels(values: readonly unknown[]): ChannelGrant[] {
  return values.flatMap((value) =>
    isRecord(value) && typeof value['name'] === 'string' && value['name'] !== ''
      ? [{ name: value['name'], mayPost: value['may_post'] === true }]
      : [],
  );
}
