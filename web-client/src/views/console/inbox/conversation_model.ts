import { signal, type ReadonlySignal } from '@preact/signals';
import type { ApiAnswer, Failure } from '../../../account/api.ts';
import type { Conversation, ConversationState, TextTaken } from '../../../protocol/api.gen.ts';
import type { KeptAnswers } from './kept_answers.ts';

export interface ConversationActions {
  read(id: string): Promise<ApiAnswer<Conversation>>;
  answer(id: string, text: string, key: string, tag: string): Promise<ApiAnswer<TextTaken>>;
  assign(id: string, member: string | null, tag: string): Promise<ApiAnswer<Conversation>>;
  setState(id: string, state: ConversationState, tag: string): Promise<ApiAnswer<Conversation>>;
}

export type OneConversation =
  | { readonly kind: 'loading' }
  | { readonly kind: 'shown'; readonly conversation: Conversation; readonly tag: string }
  | { readonly kind: 'failed'; readonly why: Failure };

/** What somebody else did in the meantime. */
export type Meanwhile = 'answered' | 'assigned' | 'changed' | 'closed' | 'opened' | 'written';

export type Doing =
  | { readonly kind: 'idle' }
  | { readonly kind: 'working' }
  | { readonly kind: 'done'; readonly what: 'answered' | 'assigned' | 'closed' | 'opened' }
  /** Somebody was faster: it is shown, and nothing of ours was done. */
  | { readonly kind: 'overtaken'; readonly meanwhile: Meanwhile }
  /** An answer that could not be sent; it is kept, and tried again by itself. */
  | { readonly kind: 'unsent'; readonly why: Failure }
  | { readonly kind: 'failed'; readonly why: Failure };

/** As the service has it: `WORDS_MAX_CHARS`. */
export const ANSWER_MAX_CHARS = 2_000;

/** Nobody refused it: the same again may be taken. */
const PASSING: ReadonlySet<Failure> = new Set<Failure>([
  'idempotency_key_in_use',
  'internal',
  'too_many_requests',
  'too_slow',
  'unavailable',
  'unreachable',
  'waiting',
]);

/** One conversation, as an organiser reads, answers and handles it. */
export class ConversationModel {
  readonly id: string;
  readonly shown: ReadonlySignal<OneConversation>;
  readonly text: ReadonlySignal<string>;
  readonly doing: ReadonlySignal<Doing>;
  /** Texts that came since the answer was begun, by somebody else. */
  readonly news: ReadonlySignal<Meanwhile | null>;

  readonly #inbox: ConversationActions;
  readonly #kept: KeptAnswers;
  readonly #me: string;
  readonly #shown = signal<OneConversation>({ kind: 'loading' });
  readonly #text = signal('');
  readonly #doing = signal<Doing>({ kind: 'idle' });
  readonly #news = signal<Meanwhile | null>(null);

  constructor(id: string, me: string, inbox: ConversationActions, kept: KeptAnswers) {
    this.id = id;
    this.#me = me;
    this.#inbox = inbox;
    this.#kept = kept;
    this.shown = this.#shown;
    this.text = this.#text;
    this.doing = this.#doing;
    this.news = this.#news;
    const answer = kept.get(id);
    this.#text.value = answer?.text ?? '';
    if (answer !== null && answer.triedTo !== null) this.#doing.value = { kind: 'unsent', why: 'unreachable' };
  }

  async refresh(): Promise<void> {
    const answer = await this.#inbox.read(this.id);
    this.#see(answer);
    // To the revision that its writer saw: what came since, nobody answers unread.
    const { triedTo } = this.#kept.get(this.id) ?? { triedTo: null };
    if (this.#doing.value.kind === 'unsent' && triedTo !== null) await this.#send(triedTo);
  }

  write(text: string): void {
    this.#text.value = text;
    this.#kept.write(this.id, text);
    const { kind } = this.#doing.value;
    if (kind !== 'working') this.#doing.value = { kind: 'idle' };
    if (text === '') this.#news.value = null;
  }

  async send(): Promise<void> {
    const shown = this.#shown.value;
    if (shown.kind === 'shown') await this.#send(shown.tag);
  }

  async #send(tag: string): Promise<void> {
    const shown = this.#shown.value;
    const text = this.#text.value.trim();
    if (shown.kind !== 'shown' || text === '' || charsOf(text) > ANSWER_MAX_CHARS) return;
    const kept = this.#kept.get(this.id) ?? this.#kept.write(this.id, this.#text.value);
    if (kept === null || !this.#begin()) return;
    this.#kept.tried(this.id, tag);
    const answer = await this.#inbox.answer(this.id, text, kept.id, tag);
    if (answer.kind === 'ok') {
      this.#answered();
      this.#see(await this.#inbox.read(this.id));
    } else if (answer.why === 'changed_meanwhile') await this.#overtaken(shown.conversation);
    else this.#doing.value = PASSING.has(answer.why) ? { kind: 'unsent', why: answer.why } : { kind: 'failed', why: answer.why };
  }

  async assign(member: string | null): Promise<void> {
    await this.#handle((tag) => this.#inbox.assign(this.id, member, tag), 'assigned');
  }

  async setState(state: ConversationState): Promise<void> {
    await this.#handle((tag) => this.#inbox.setState(this.id, state, tag), state === 'closed' ? 'closed' : 'opened');
  }

  async #handle(act: (tag: string) => Promise<ApiAnswer<Conversation>>, what: 'assigned' | 'closed' | 'opened'): Promise<void> {
    const shown = this.#shown.value;
    if (shown.kind !== 'shown' || !this.#begin()) return;
    const answer = await act(shown.tag);
    if (answer.kind === 'ok') {
      // Without its texts, which stay as they were seen.
      this.#show({ ...answer.value, texts: shown.conversation.texts }, answer.tag);
      this.#doing.value = { kind: 'done', what };
    } else if (answer.why === 'changed_meanwhile') await this.#overtaken(shown.conversation);
    else this.#doing.value = { kind: 'failed', why: answer.why };
  }

  async #overtaken(before: Conversation): Promise<void> {
    const newest = await this.#inbox.read(this.id);
    this.#doing.value = { kind: 'idle' };
    this.#see(newest);
    // Our own answer may be what came in between: its first try was taken, and nobody heard of it.
    const isOurs = (this.#doing.value as Doing).kind === 'done';
    if (newest.kind === 'ok' && !isOurs) this.#doing.value = { kind: 'overtaken', meanwhile: whatHappened(before, newest.value) };
  }

  #see(answer: ApiAnswer<Conversation>): void {
    if (answer.kind === 'failed') {
      if (this.#shown.value.kind !== 'shown' || answer.why === 'conversation_unknown') this.#shown.value = answer;
      return;
    }
    const before = this.#shown.value;
    const conversation = answer.value;
    // Asked before what is shown, and answered after it.
    if (before.kind === 'shown' && conversation.revision < before.conversation.revision) return;
    const kept = this.#kept.get(this.id);
    if (kept !== null && conversation.texts.some(({ id, by }) => id === kept.id && by === this.#me)) this.#answered();
    if (before.kind === 'shown' && this.#text.value.trim() !== '') {
      const fresh = textsSince(before.conversation, conversation).filter(({ by }) => by !== this.#me);
      if (fresh.length > 0) this.#news.value = fresh.some(({ from }) => from === 'organiser') ? 'answered' : 'written';
    }
    this.#show(conversation, answer.tag);
  }

  #answered(): void {
    this.#kept.remove(this.id);
    this.#text.value = '';
    this.#news.value = null;
    this.#doing.value = { kind: 'done', what: 'answered' };
  }

  #show(conversation: Conversation, tag: string | null): void {
    this.#shown.value = { kind: 'shown', conversation, tag: tag ?? `"${conversation.revision}"` };
  }

  #begin(): boolean {
    if (this.#doing.value.kind === 'working') return false;
    this.#doing.value = { kind: 'working' };
    return true;
  }
}

export function charsOf(text: string): number {
  return [...text].length;
}

/** The most that matters of what others did since. */
function whatHappened(before: Conversation, after: Conversation): Meanwhile {
  const fresh = textsSince(before, after);
  if (fresh.some(({ from }) => from === 'organiser')) return 'answered';
  if (fresh.length > 0) return 'written';
  if (before.state !== after.state) return after.state === 'closed' ? 'closed' : 'opened';
  return before.assignee === after.assignee ? 'changed' : 'assigned';
}

function textsSince(before: Conversation, after: Conversation): Conversation['texts'] {
  const known = new Set(before.texts.map(({ id, at_ms: at, from }) => `${from} ${at} ${id}`));
  return after.texts.filter(({ id, at_ms: at, from }) => !known.has(`${from} ${at} ${id}`));
}
