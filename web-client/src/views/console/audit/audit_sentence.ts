import { a } from '../../../words/console/audit_words.ts';
import { isKnownAction, type AuditActor, type AuditEntry } from './audit_shape.ts';

/** Characters of an id that stand for it in a sentence; the whole of it is with the details. */
const ID_SHOWN_CHARS = 20;

export function actorWords(who: AuditActor, reader: string): string {
  if (who === 'system') return a('who.system');
  if ('member' in who) return who.member === reader ? a('who.you') : a('who.member', { id: shortId(who.member) });
  return who.operator === null ? a('who.operator.unknown') : a('who.operator', { uid: who.operator });
}

/** What one entry says, as a sentence. An action that is not known stands there as it is. */
export function sentenceOf(entry: AuditEntry, reader: string): string {
  const who = actorWords(entry.who, reader);
  const about = entry.about === undefined ? '' : shortId(entry.about);
  const { action } = entry;
  if (isKnownAction(action)) return a(`action.${action}`, { who, about });
  return a('action.unknown', { who, action, about }).trim();
}

/** What was done, without by whom: for the list that one chooses from. */
export function actionWords(action: string): string {
  if (!isKnownAction(action)) return action;
  const sentence = a(`action.${action}`, { who: '', about: '…' }).replace(/^[:\s]+/, '');
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

export function shortId(id: string): string {
  return id.length <= ID_SHOWN_CHARS + 1 ? id : `${id.slice(0, ID_SHOWN_CHARS)}…`;
}
