import { signal, type ReadonlySignal } from '@preact/signals';
import type { ApiAnswer, Failure } from '../../../account/api.ts';
import { changesBetween, json, MAX_MANIFEST_CHARS, type Manifest, type ManifestChanges, type ManifestFile } from '../../../trust/manifest.ts';
import type { Outcome } from '../../../trust/next_manifest.ts';

export type Upload =
  | { readonly kind: 'idle' }
  | { readonly kind: 'bad'; readonly why: 'bad' | 'forked' | 'older' | 'other' | 'same' | 'too_large' }
  | { readonly kind: 'ready'; readonly file: ManifestFile; readonly changes: ManifestChanges; readonly isFirst: boolean }
  | { readonly kind: 'sending' }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly why: Failure };

export interface UploadParts {
  readonly check: (value: unknown) => Promise<Outcome>;
  readonly kept: () => Manifest | null;
  readonly put: (file: ManifestFile) => Promise<ApiAnswer<null>>;
  readonly refresh: () => Promise<unknown>;
}

/** A file is one line of JSON around the list; more than this is none. */
const MAX_FILE_BYTES = MAX_MANIFEST_CHARS * 4;

/** A new list of who may sign, checked here before the service gets it. */
export class UploadModel {
  readonly upload: ReadonlySignal<Upload>;
  readonly #parts: UploadParts;
  readonly #upload = signal<Upload>({ kind: 'idle' });

  constructor(parts: UploadParts) {
    this.#parts = parts;
    this.upload = this.#upload;
  }

  async choose(file: Pick<Blob, 'size' | 'text'>): Promise<void> {
    this.#upload.value = file.size > MAX_FILE_BYTES ? { kind: 'bad', why: 'too_large' } : await this.#judge(await file.text());
  }

  async send(): Promise<void> {
    const upload = this.#upload.value;
    if (upload.kind !== 'ready') return;
    this.#upload.value = { kind: 'sending' };
    const answer = await this.#parts.put(upload.file);
    if (answer.kind === 'ok') await this.#parts.refresh();
    this.#upload.value = answer.kind === 'ok' ? { kind: 'done' } : { kind: 'failed', why: answer.why };
  }

  async #judge(text: string): Promise<Upload> {
    const outcome = await this.#parts.check(json(text));
    if (outcome.kind === 'keep') return { kind: 'bad', why: 'same' };
    if (outcome.kind === 'alarm') return { kind: 'bad', why: WORDS[outcome.alarm] };
    const { file, content } = outcome.manifest;
    const kept = this.#parts.kept();
    return { kind: 'ready', file, changes: changesBetween(kept, content), isFirst: kept === null };
  }
}

const WORDS = { bad_manifest: 'bad', forked: 'forked', no_manifest: 'bad', other_root: 'other', rolled_back: 'older' } as const;
