import { signal, type ReadonlySignal } from '@preact/signals';
import * as v from 'valibot';
import type { Api, Failure } from '../../../account/api.ts';
import type { LocalValues } from '../../../platform/local_values.ts';
import { Milliseconds } from '../../../protocol/api.gen.ts';
import { parser } from '../../../protocol/parser.ts';

/** Characters of both languages together; the service takes no more. */
export const STATEMENT_MAX_CHARS = 500;
const KEY = 'holdfast.statement_draft';

/** The page that everybody sees, as far as this one needs it. */
const parseStatus = parser(
  v.object({
    statement: v.nullable(v.object({ text: v.string(), at: Milliseconds })),
    all_clear_at: v.nullable(Milliseconds),
  }),
);

export type Said =
  | { readonly kind: 'loading' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'nothing'; readonly allClearAt: number | null }
  | { readonly kind: 'statement'; readonly text: string; readonly at: number };

export type Saying =
  | { readonly kind: 'idle' }
  | { readonly kind: 'working' }
  | { readonly kind: 'failed'; readonly why: Failure }
  | { readonly kind: 'said' }
  | { readonly kind: 'cleared' };

export interface Words {
  readonly en: string;
  readonly cy: string;
}

const NO_WORDS: Words = { en: '', cy: '' };
const Kept = v.object({ en: v.string(), cy: v.string() });

/** What the status page says to everybody. It has one text, so that both languages stand in it, one below the other. */
export class StatementModel {
  readonly said: ReadonlySignal<Said>;
  readonly saying: ReadonlySignal<Saying>;
  readonly words: ReadonlySignal<Words>;
  readonly #api: Pick<Api, 'ask' | 'tell'>;
  readonly #values: LocalValues;
  readonly #said = signal<Said>({ kind: 'loading' });
  readonly #saying = signal<Saying>({ kind: 'idle' });
  readonly #words = signal<Words>(NO_WORDS);

  constructor(api: Pick<Api, 'ask' | 'tell'>, values: LocalValues) {
    this.#api = api;
    this.#values = values;
    this.#words.value = keptWords(values.get(KEY));
    this.said = this.#said;
    this.saying = this.#saying;
    this.words = this.#words;
  }

  /** Each keystroke is kept, until it is said. */
  write(change: Partial<Words>): void {
    this.#words.value = { ...this.#words.value, ...change };
    this.#values.set(KEY, JSON.stringify(this.#words.value));
    if (this.#saying.value.kind !== 'working') this.#saying.value = { kind: 'idle' };
  }

  async read(): Promise<void> {
    const answer = await this.#api.ask({ method: 'GET', path: '/status.json' }, parseStatus);
    if (answer.kind === 'failed') {
      this.#said.value = { kind: 'unknown' };
      return;
    }
    const { statement, all_clear_at } = answer.value;
    this.#said.value = statement === null ? { kind: 'nothing', allClearAt: all_clear_at } : { kind: 'statement', ...statement };
  }

  async say(): Promise<boolean> {
    const text = joined(this.#words.value);
    if (!fits(text)) return false;
    const isSaid = await this.#do('said', { method: 'PUT', path: '/v1/status/statement', body: { text } });
    if (isSaid) {
      this.#words.value = NO_WORDS;
      this.#values.remove(KEY);
    }
    return isSaid;
  }

  async allClear(): Promise<boolean> {
    return this.#do('cleared', { method: 'DELETE', path: '/v1/status/statement' });
  }

  async #do(what: 'cleared' | 'said', request: Parameters<Api['tell']>[0]): Promise<boolean> {
    if (this.#saying.value.kind === 'working') return false;
    this.#saying.value = { kind: 'working' };
    const answer = await this.#api.tell(request);
    this.#saying.value = answer.kind === 'ok' ? { kind: what } : answer;
    await this.read();
    return answer.kind === 'ok';
  }
}

/** What is shown to everybody. */
export function joined({ en, cy }: Words): string {
  return [en.trim(), cy.trim()].filter((text) => text !== '').join('\n\n');
}

export function fits(text: string): boolean {
  const length = [...text].length;
  return length > 0 && length <= STATEMENT_MAX_CHARS;
}

function keptWords(kept: string | null): Words {
  if (kept === null) return NO_WORDS;
  try {
    const parsed = v.safeParse(Kept, JSON.parse(kept));
    return parsed.success ? parsed.output : NO_WORDS;
  } catch {
    return NO_WORDS;
  }
}
