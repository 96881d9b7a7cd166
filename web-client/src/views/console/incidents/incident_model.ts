import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { Api, Failure } from '../../../account/api.ts';
import type { Clock } from '../../../platform/clock.ts';
import * as api from '../../../protocol/api.gen.ts';
import { parser } from '../../../protocol/parser.ts';
import { timelineLine, type TimelineLine } from './timeline_entry.ts';

/** How often a record is read on while somebody looks. */
export const RECORD_EVERY_MS = 3_000;
/** Lines of one request; the service gives no more. */
export const LINES_PAGE_SIZE = 200;
/** Lines that the page holds; what is beyond is in the report. */
export const LINES_MAX = 4_000;

const parseIncident = parser(api.Incident);

export type RecordState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly why: Failure }
  | {
      readonly kind: 'shown';
      readonly node: string | null;
      readonly summary: api.IncidentSummary;
      readonly lines: readonly TimelineLine[];
      /** Whether there are lines after these that were not asked for yet. */
      readonly more: 'full' | 'none' | 'some';
      readonly asOf: number;
      readonly trouble: Failure | null;
    };

export type FileName = 'indicators.csv' | 'report.html' | 'report.json' | 'report.md';
export const FILES: readonly FileName[] = ['report.html', 'report.md', 'report.json', 'indicators.csv'];

export type Making =
  | { readonly kind: 'idle' }
  | { readonly kind: 'working'; readonly file: FileName }
  | { readonly kind: 'failed'; readonly file: FileName; readonly why: Failure };

/** The record of one attack: its lines as they come, and files of it. */
export class IncidentModel {
  readonly id: string;
  readonly record: ReadonlySignal<RecordState>;
  readonly making: ReadonlySignal<Making>;
  /** Whom somebody outside told what, the latest first. */
  readonly told: ReadonlySignal<readonly TimelineLine[]>;
  readonly #api: Pick<Api, 'ask' | 'file'>;
  readonly #clock: Clock;
  readonly #record = signal<RecordState>({ kind: 'loading' });
  readonly #making = signal<Making>({ kind: 'idle' });
  #cancel: (() => void) | null = null;
  #isReading = false;

  constructor(id: string, service: Pick<Api, 'ask' | 'file'>, clock: Clock) {
    this.id = id;
    this.#api = service;
    this.#clock = clock;
    this.record = this.#record;
    this.making = this.#making;
    this.told = computed(() => {
      const record = this.#record.value;
      return record.kind === 'shown' ? record.lines.filter(({ entry }) => entry.kind === 'notice_sent').reverse() : [];
    });
  }

  start(): void {
    if (this.#cancel === null) this.#tick();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  hint(): void {
    if (!this.#isFurtherOn) void this.read();
  }

  /** Reads on from the last line that is shown. */
  async read(): Promise<void> {
    const before = this.#record.value;
    if (this.#isReading) return;
    this.#isReading = true;
    const shown = before.kind === 'shown' ? before.lines : [];
    const after = shown.at(-1)?.seq ?? 0;
    const path = `/v1/incidents/${encodeURIComponent(this.id)}?limit=${LINES_PAGE_SIZE}&after=${after}`;
    const answer = await this.#api.ask({ method: 'GET', path }, parseIncident);
    this.#isReading = false;
    if (answer.kind === 'failed') {
      this.#record.value = before.kind === 'shown' ? { ...before, trouble: answer.why } : { kind: 'failed', why: answer.why };
      return;
    }
    const { node, summary, next } = answer.value;
    const lines = [...shown, ...answer.value.lines.map(timelineLine)];
    const isMore = next !== undefined && next !== null;
    const more = !isMore ? 'none' : lines.length >= LINES_MAX ? 'full' : 'some';
    this.#record.value = { kind: 'shown', node: node ?? null, summary, lines, more, asOf: this.#clock.now(), trouble: null };
  }

  /** A file of the record; `null` if it was not made, and then it is said why. */
  async make(file: FileName): Promise<Blob | null> {
    if (this.#making.value.kind === 'working') return null;
    this.#making.value = { kind: 'working', file };
    const answer = await this.#api.file(`/v1/incidents/${encodeURIComponent(this.id)}/${file}`);
    this.#making.value = answer.kind === 'ok' ? { kind: 'idle' } : { kind: 'failed', file, why: answer.why };
    return answer.kind === 'ok' ? answer.value : null;
  }

  #tick(): void {
    this.#cancel = this.#clock.after(RECORD_EVERY_MS, () => this.#tick());
    this.hint();
  }

  /** What is further on is read when somebody asks for it. */
  get #isFurtherOn(): boolean {
    const record = this.#record.value;
    return record.kind === 'shown' && record.more !== 'none';
  }
}
