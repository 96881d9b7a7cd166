import { signal, type ReadonlySignal } from '@preact/signals';
import type { ApiAnswer, Failure } from '../../../account/api.ts';
import { ATTACHMENTS_MAX, type DeskAttachment } from '../../../model/desk.ts';
import type { Attachment } from '../../../protocol/api.gen.ts';

export const ATTACHMENT_MAX_BYTES = 2 * 1024 * 1024;
export const ATTACHMENT_TYPES: readonly string[] = ['image/jpeg', 'image/png', 'application/pdf'];

export type Attaching =
  | { readonly kind: 'idle' }
  | { readonly kind: 'sending'; readonly name: string }
  | { readonly kind: 'refused'; readonly name: string; readonly why: 'too-large' | 'too-many' | 'type' }
  | { readonly kind: 'failed'; readonly name: string; readonly why: Failure };

export interface AttachParts {
  readonly attach: (file: Blob, key: string) => Promise<ApiAnswer<Attachment>>;
  readonly randomId: () => string;
}

/** Hands files over, one at a time, before the bulletin that they go with. */
export class Attach {
  readonly attaching: ReadonlySignal<Attaching>;
  readonly #attaching = signal<Attaching>({ kind: 'idle' });
  readonly #parts: AttachParts;
  #last: { readonly file: File; readonly key: string } | null = null;

  constructor(parts: AttachParts) {
    this.#parts = parts;
    this.attaching = this.#attaching;
  }

  /** What is attached, or `null` if it is not; then `attaching` says why. */
  async add(file: File, already: number): Promise<DeskAttachment | null> {
    if (this.#attaching.value.kind === 'sending') return null;
    const why = refusalOf(file, already);
    if (why !== null) {
      this.#attaching.value = { kind: 'refused', name: file.name, why };
      return null;
    }
    this.#last = { file, key: this.#parts.randomId() };
    return this.again();
  }

  /** The same file once more, as the same request. */
  async again(): Promise<DeskAttachment | null> {
    if (this.#last === null) return null;
    const { file, key } = this.#last;
    this.#attaching.value = { kind: 'sending', name: file.name };
    const answer = await this.#parts.attach(file, key);
    if (answer.kind === 'failed') {
      this.#attaching.value = { kind: 'failed', name: file.name, why: answer.why };
      return null;
    }
    this.#last = null;
    this.#attaching.value = { kind: 'idle' };
    return { ...answer.value, name: file.name, label: { en: '', cy: '' } };
  }
}

function refusalOf({ size, type }: File, already: number): 'too-large' | 'too-many' | 'type' | null {
  if (already >= ATTACHMENTS_MAX) return 'too-many';
  if (!ATTACHMENT_TYPES.includes(type)) return 'type';
  return size > ATTACHMENT_MAX_BYTES ? 'too-large' : null;
}
