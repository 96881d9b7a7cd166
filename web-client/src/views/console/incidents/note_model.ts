import { signal, type ReadonlySignal } from '@preact/signals';
import * as v from 'valibot';
import type { Api, Failure } from '../../../account/api.ts';
import type { LocalValues } from '../../../platform/local_values.ts';
import * as api from '../../../protocol/api.gen.ts';
import { parser } from '../../../protocol/parser.ts';

/** Bytes; the service takes no more. */
export const NOTE_MAX_BYTES = 4_096;
export const TOLD_MAX_BYTES = 64;
const KEY = 'holdfast.incident_note';

const parseNoted = parser(api.IncidentNoted);

export interface NoteDraft {
  readonly text: string;
  /** Whom one told; empty: nobody. */
  readonly to: string;
}

/** With the key that makes a second try the same note. */
const Kept = v.object({ incident: v.string(), text: v.string(), to: v.string(), key: v.string() });
type Kept = v.InferOutput<typeof Kept>;

export type Noting =
  | { readonly kind: 'idle' }
  | { readonly kind: 'working' }
  | { readonly kind: 'added' }
  | { readonly kind: 'unfit'; readonly why: 'empty' | 'long' }
  | { readonly kind: 'failed'; readonly why: Failure };

/** A note while it is written: kept at each keystroke, and put into the record once. */
export class NoteModel {
  readonly draft: ReadonlySignal<NoteDraft>;
  readonly noting: ReadonlySignal<Noting>;
  readonly #incident: string;
  readonly #api: Pick<Api, 'ask'>;
  readonly #values: LocalValues;
  readonly #randomId: () => string;
  readonly #draft = signal<NoteDraft>({ text: '', to: '' });
  readonly #noting = signal<Noting>({ kind: 'idle' });
  #key: string;

  constructor(incident: string, service: Pick<Api, 'ask'>, values: LocalValues, randomId: () => string) {
    this.#incident = incident;
    this.#api = service;
    this.#values = values;
    this.#randomId = randomId;
    const kept = keptNote(values.get(KEY));
    const isOurs = kept !== null && kept.incident === incident;
    this.#draft.value = isOurs ? { text: kept.text, to: kept.to } : { text: '', to: '' };
    this.#key = isOurs ? kept.key : randomId();
    this.draft = this.#draft;
    this.noting = this.#noting;
  }

  write(change: Partial<NoteDraft>): void {
    if (this.#noting.value.kind === 'working') return;
    // Other words are another note, also if an answer to the last ones never came.
    if (this.#noting.value.kind === 'failed') this.#key = this.#randomId();
    this.#draft.value = { ...this.#draft.value, ...change };
    this.#noting.value = { kind: 'idle' };
    this.#keep();
  }

  /** Whether it is in the record. */
  async add(): Promise<boolean> {
    if (this.#noting.value.kind === 'working') return false;
    const text = this.#draft.value.text.trim();
    const to = this.#draft.value.to.trim();
    if (text === '' || bytes(text) > NOTE_MAX_BYTES || bytes(to) > TOLD_MAX_BYTES) {
      this.#noting.value = { kind: 'unfit', why: text === '' ? 'empty' : 'long' };
      return false;
    }
    this.#noting.value = { kind: 'working' };
    const body: api.IncidentNote = to === '' ? { text } : { text, to };
    const path = `/v1/incidents/${encodeURIComponent(this.#incident)}/notes`;
    const answer = await this.#api.ask({ method: 'POST', path, body, idempotencyKey: this.#key }, parseNoted);
    if (answer.kind === 'failed') {
      this.#noting.value = { kind: 'failed', why: answer.why };
      return false;
    }
    this.#draft.value = { text: '', to: '' };
    this.#key = this.#randomId();
    this.#values.remove(KEY);
    this.#noting.value = { kind: 'added' };
    return true;
  }

  #keep(): void {
    const kept: Kept = { incident: this.#incident, ...this.#draft.value, key: this.#key };
    this.#values.set(KEY, JSON.stringify(kept));
  }
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

function keptNote(kept: string | null): Kept | null {
  if (kept === null) return null;
  try {
    const parsed = v.safeParse(Kept, JSON.parse(kept));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
