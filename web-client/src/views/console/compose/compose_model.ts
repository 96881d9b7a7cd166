import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { BulletinText, Language } from '../../../model/bulletin.ts';
import {
  audienceOf, deskOf, emptyDesk, finishDesk, isBlank, type Desk, type DeskAudience, type DeskKind, type DeskProblem,
} from '../../../model/desk.ts';
import { DRAFT_KEY } from '../../../model/draft.ts';
import type { BulletinLetter } from '../../../model/letter.ts';
import type { OutboxItem } from '../../../model/outbox_item.ts';
import { correctionTexts, followUpTexts, TEMPLATE_TEXTS, type TemplateName } from '../../../model/templates.ts';
import type { LocalValues } from '../../../platform/local_values.ts';
import type { Bulletin, Stage } from '../../../protocol/api.gen.ts';
import { readDesk, writeDesk } from './kept_desk.ts';

export interface ComposeParts {
  readonly values: LocalValues;
  /** A fresh id of a bulletin. */
  readonly newId: () => string;
  /** The name of this device's time zone. */
  readonly zone: string;
  readonly now: () => number;
  /** Resolves when the letter is kept on this device. */
  readonly hand: (id: string, letter: BulletinLetter) => Promise<void>;
  readonly isInOutbox: (id: string) => boolean;
}

/** The desk. Each keystroke is kept; handing over gives it to the outbox before the desk is cleared. */
export class ComposeModel {
  readonly desk: ReadonlySignal<Desk>;
  readonly isBlank: ReadonlySignal<boolean>;
  readonly problem: ReadonlySignal<DeskProblem | 'not-kept' | null>;

  readonly #parts: ComposeParts;
  readonly #desk: ReturnType<typeof signal<Desk>>;
  readonly #problem = signal<DeskProblem | 'not-kept' | null>(null);
  #handing = false;
  /** `null`: not known yet, or kept by an older version. */
  #author: string | null;
  #member: string | null = null;

  constructor(parts: ComposeParts) {
    this.#parts = parts;
    const kept = readDesk(parts.values.get(DRAFT_KEY));
    this.#author = kept?.author ?? null;
    // Closed between handing over and clearing: what is in the outbox must not be edited under the same id.
    const isUsable = kept !== null && !parts.isInOutbox(kept.desk.id);
    const desk = signal<Desk>(isUsable ? kept.desk : emptyDesk(parts.newId(), parts.zone));
    this.#desk = desk;
    this.desk = desk;
    this.problem = this.#problem;
    this.isBlank = computed(() => isBlank(desk.value));
  }

  /** What one member wrote is not for the next one's eyes. */
  memberChanged(member: string | null): void {
    this.#member = member;
    if (member === null) return;
    if (this.#author !== null && this.#author !== member) this.clear();
    else this.#author = member;
  }

  write(language: Language, change: Partial<BulletinText>): void {
    const { texts } = this.desk.value;
    this.change({ texts: { ...texts, [language]: { ...texts[language], ...change } } });
  }

  address(change: Partial<DeskAudience>): void {
    this.change({ audience: { ...this.desk.value.audience, ...change } });
  }

  /** A test is never urgent. */
  choose(kind: DeskKind): void {
    this.change(kind === 'test' ? { kind, urgency: 'normal' } : { kind });
  }

  clear(): void {
    this.change(emptyDesk(this.#parts.newId(), this.#parts.zone));
  }

  useTemplate(name: TemplateName): void {
    this.change({ texts: TEMPLATE_TEXTS[name] });
  }

  /** Lays a bulletin that the service has on the desk, to be changed. A fresh correction gets its prepared words. */
  edit(bulletin: Bulletin): void {
    const desk = deskOf(bulletin, this.#parts.newId(), this.#parts.zone);
    const isFreshCorrection = bulletin.corrects !== undefined && bulletin.revision <= 1;
    this.change(isFreshCorrection ? { ...desk, texts: correctionTexts(bulletin.content.texts) } : desk);
  }

  /** Prepares a word to those whom a bulletin did not reach. */
  followUp(bulletin: Bulletin, stage: Stage): void {
    const { content } = bulletin;
    const blank = emptyDesk(this.#parts.newId(), this.#parts.zone);
    this.change({
      ...blank,
      kind: content.kind === 'test' ? 'test' : 'update',
      urgency: content.urgency ?? 'normal',
      texts: followUpTexts(content.texts),
      audience: { ...blank.audience, scope: 'some', notReached: { bulletin: bulletin.id, stage } },
      references: [bulletin.id],
    });
  }

  /**
   * Puts a refused one back on the desk: as the change that it was, of the newest that is known, as its author has been
   * told; or as a new one, where there is nothing to be changed any more.
   */
  takeBack({ letter: { content, sendAt, draft } }: OutboxItem<BulletinLetter>, newest: Bulletin | null): void {
    const revision = newest?.revision ?? draft?.revision ?? 0;
    const as: Bulletin = {
      id: draft?.id ?? '',
      state: 'draft',
      authors: [],
      created_at_ms: 0,
      needs: newest?.needs ?? 'one_person',
      ...(newest?.corrects === undefined ? {} : { corrects: newest.corrects }),
      revision,
      content,
    };
    const desk = deskOf(as, this.#parts.newId(), this.#parts.zone);
    const isChange = draft !== null && (newest === null || isOpen(newest));
    this.change({
      ...desk,
      sendAt: sendAt?.local ?? '',
      zone: sendAt?.zone ?? this.#parts.zone,
      draft: isChange ? desk.draft : null,
    });
  }

  /** `true`: the outbox has it. */
  async hand(): Promise<boolean> {
    if (this.#handing) return false;
    const desk = this.desk.value;
    const ready = finishDesk(desk, this.#parts.now());
    if ('problem' in ready) {
      this.#problem.value = ready.problem;
      return false;
    }
    this.#handing = true;
    try {
      const draft = desk.draft === null ? null : { id: desk.draft.id, revision: desk.draft.revision };
      await this.#parts.hand(desk.id, { kind: 'bulletin', ...ready.finished, draft });
      this.clear();
      return true;
    } catch {
      this.#problem.value = 'not-kept';
      return false;
    } finally {
      this.#handing = false;
    }
  }

  change(change: Partial<Desk>): void {
    const { desk: now } = this;
    const kept = readDesk(this.#parts.values.get(DRAFT_KEY));
    // Another tab has the desk: what is written here is another one than what is written there.
    const isShared = kept !== null && kept.desk.id !== now.value.id;
    const id = change.id ?? (isShared ? this.#parts.newId() : now.value.id);
    const desk = { ...now.value, ...change, id };
    this.#author = this.#member ?? this.#author;
    this.#problem.value = null;
    this.#desk.value = desk;
    this.#parts.values.set(DRAFT_KEY, writeDesk({ desk, author: this.#author }));
  }
}

/** Whether what it says can still be changed. */
function isOpen({ state }: Bulletin): boolean {
  return state === 'draft' || state === 'awaiting_approval' || state === 'scheduled';
}

/** Whom a desk is for, if anybody is named yet. */
export function namedAudience({ audience }: Desk): ReturnType<typeof audienceOf> | null {
  const { scope, regions, teams, roles, notReached } = audience;
  const namesNobody = regions.length + teams.length + roles.length === 0 && notReached === null;
  return scope === 'some' && namesNobody ? null : audienceOf(audience);
}
