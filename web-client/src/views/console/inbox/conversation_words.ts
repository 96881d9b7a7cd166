import type { Conversation } from '../../../protocol/api.gen.ts';
import { x } from '../../../words/console/inbox_words.ts';
import type { OrganiserNames } from './organiser_names.ts';

const SHORT_ID_CHARS = 9;

export function memberWords({ member, name }: Pick<Conversation, 'member' | 'name'>): string {
  return name ?? x('member', { id: shortened(member) });
}

export function organiserWords(id: string, me: string, names: OrganiserNames): string {
  return id === me ? x('you') : (names.nameOf(id) ?? shortened(id));
}

export function aboutWords({ about, bulletin }: Pick<Conversation, 'about' | 'bulletin'>): string {
  if (about === 'complaint') return x('complaint');
  return bulletin == null ? x('general') : x('about_bulletin');
}

function shortened(id: string): string {
  return id.length <= SHORT_ID_CHARS ? id : `${id.slice(0, SHORT_ID_CHARS)}…`;
}
