import type { Bulletin } from '../../../protocol/api.gen.ts';
import { b } from '../../../words/console/bulletins_words.ts';
import { momentWords } from '../../../words/times.ts';

/** What a bulletin is now, and since or until when. */
export function stateWords(bulletin: Bulletin, now: number): string {
  const { state, send_at: sendAt, sent_at_ms: sentAt, withdrawn, returned } = bulletin;
  switch (state) {
    case 'draft':
      return b(returned === undefined ? 'state.draft' : 'state.returned');
    case 'awaiting_approval':
      return b('state.awaiting_approval');
    case 'scheduled':
      return sendAt === undefined ? b('state.scheduled') : b('state.scheduled_at', { time: sendAtWords(sendAt, now) });
    case 'sending':
      return b('state.sending');
    case 'sent':
      return sentAt === undefined ? b('state.sent') : b('state.sent_at', { time: momentWords(sentAt, now) });
    case 'corrected':
      return b('state.corrected');
    case 'withdrawn':
      return withdrawn === undefined ? b('state.withdrawn') : b('state.withdrawn_at', { time: momentWords(withdrawn.at_ms, now) });
    case 'expired':
      return b(sentAt === undefined ? 'state.lapsed' : 'state.expired');
    case 'cancelled':
      return b('state.cancelled');
  }
}

/** By the clock on the wall that was meant, as the service understood it. */
export function sendAtWords({ local, zone, at_ms: at, shown }: NonNullable<Bulletin['send_at']>, now: number): string {
  const said = b('send_at', { local: local.slice(0, 16).replace('T', ' '), zone, here: momentWords(at, now) });
  switch (shown) {
    case 'repeated':
      return `${said} ${b('send_at.repeated')}`;
    case 'skipped':
      return `${said} ${b('send_at.skipped')}`;
    default:
      return said;
  }
}

/** Ids are no names: it is you, or somebody else. */
export function whoWords(id: string | undefined, me: string): string {
  return id === me ? b('who.you') : b('who.other');
}

export function byWords(id: string | undefined, me: string): string {
  return id === me ? b('by.you') : b('by.other');
}

/** `Everyone`, or the names. */
export function audienceWords({ content }: Bulletin): string {
  const { regions = [], teams = [], roles = [], not_reached: notReached } = content.audience ?? {};
  const parts = [
    ...(regions.length === 0 ? [] : [b('audience.regions', { names: regions.join(', ') })]),
    ...(teams.length === 0 ? [] : [b('audience.teams', { names: teams.join(', ') })]),
    ...(roles.length === 0 ? [] : [b('audience.roles', { names: roles.map((role) => b(`role.${role}`)).join(', ') })]),
    ...(notReached === undefined ? [] : [b(`audience.not_reached.${notReached.stage}`)]),
  ];
  return parts.length === 0 ? b('audience.everyone') : parts.join(' · ');
}
