import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { LANGUAGES, type Bulletin, type BulletinText, type Language } from '../../../model/bulletin.ts';
import { DRAFT_KEY, emptyDraft, finishDraft, isBlank, type Draft, type DraftProblem } from '../../../model/draft.ts';
import type { MessageLetter } from '../../../model/letter.ts';
import type { OutboxItem } from '../../../model/outbox_item.ts';
import type { LocalValues } from '../../../platform/local_values.ts';
import { isRecord } from '../../../protocol/shape.ts';

export interface ComposeParts {
  readonly values: LocalValues;
  readonly randomId: () => string;
  /** Resolves when the post is kept on this device. */
  readonly post: (channel: string, bulletin: Bulletin) => Promise<void>;
  readonly isInOutbox: (id: string) => boolean;
}

/** The draft on the desk. Each keystroke is kept; posting hands it to the outbox before the desk is cleared. */
export class ComposeModel {
  readonly draft: ReadonlySignal<Draft>;
  readonly isBlank: ReadonlySignal<boolean>;
  readonly problem: ReadonlySignal<DraftProblem | null>;

  readonly #parts: ComposeParts;
  readonly #draft = signal<Draft>(emptyDraft('', ''));
  readonly #problem = signal<DraftProblem | null>(null);
  #posting = false;
  /** `null`: not known yet, or kept by an older version. */
  #author: string | null;
  #member: string | null = null;

  constructor(parts: ComposeParts) {
    this.#parts = parts;
    this.draft = this.#draft;
    this.problem = this.#problem;
    this.isBlank = computed(() => isBlank(this.#draft.value));
    const text = parts.values.get(DRAFT_KEY);
    const kept = parseDraft(text);
    this.#author = parseAuthor(text);
    // Closed between posting and clearing: what is in the outbox must not be edited under the same id.
    const isUsable = kept !== null && !parts.isInOutbox(kept.id);
    this.#draft.value = isUsable ? kept : emptyDraft(parts.randomId(), kept?.channel ?? '');
  }

  /** What one member wrote is not for the next one's eyes. */
  memberChanged(member: string | null): void {
    this.#member = member;
    if (member === null) return;
    if (this.#author !== null && this.#author !== member) this.clear();
    else this.#author = member;
  }

  write(language: Language, change: Partial<BulletinText>): void {
    const { texts } = this.#draft.value;
    this.#change({ texts: { ...texts, [language]: { ...texts[language], ...change } } });
  }

  address(channel: string): void {
    this.#change({ channel });
  }

  clear(): void {
    this.#change(emptyDraft(this.#parts.randomId(), this.#draft.value.channel));
  }

  /** Puts a refused post back on the desk, as a new one. */
  takeBack({ letter: { channel, bulletin } }: OutboxItem<MessageLetter>): void {
    const blank = emptyDraft(this.#parts.randomId(), channel);
    this.#change({ ...blank, texts: { ...blank.texts, ...bulletin.texts } });
  }

  /** `true`: the outbox has it. */
  async post(channel: string): Promise<boolean> {
    if (this.#posting) return false;
    const finished = finishDraft(this.#draft.value);
    if ('problem' in finished) {
      this.#problem.value = finished.problem;
      return false;
    }
    this.#posting = true;
    try {
      await this.#parts.post(channel, finished.bulletin);
      this.clear();
      return true;
    } finally {
      this.#posting = false;
    }
  }

  #change(change: Partial<Draft>): void {
    const kept = parseDraft(this.#parts.values.get(DRAFT_KEY));
    // Another tab has the desk: what is written here is another post than what is written there.
    const isShared = kept !== null && kept.id !== this.#draft.value.id;
    const id = change.id ?? (isShared ? this.#parts.randomId() : this.#draft.value.id);
    const draft = { ...this.#draft.value, ...change, id };
    this.#author = this.#member ?? this.#author;
    this.#problem.value = null;
    this.#draft.value = draft;
    this.#parts.values.set(DRAFT_KEY, JSON.stringify({ ...draft, author: this.#author }));
  }
}

function parseAuthor(text: string | null): string | null {
  try {
    const value: unknown = text === null ? null : JSON.parse(text);
    return isRecord(value) && typeof value['author'] === 'string' ? value['author'] : null;
  } catch {
    return null;
  }
}

function parseDraft(text: string | null): Draft | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecord(value) || typeof value['id'] !== 'string' || value['id'] === '' || !isRecord(value['texts'])) return null;
    const draft = emptyDraft(value['id'], typeof value['channel'] === 'string' ? value['channel'] : '');
    const texts = { ...draft.texts };
    for (const language of LANGUAGES) {
      const kept = value['texts'][language];
      if (isRecord(kept) && typeof kept['title'] === 'string' && typeof kept['body'] === 'string') {
        texts[language] = { title: kept['title'], body: kept['body'] };
      }
    }
    return { ...draft, texts };
  } catch {
    return null;
  }
}
