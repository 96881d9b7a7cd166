import { w } from '../../../words/console/watch_words.ts';
import { formatNumber, language } from '../../../words/translator.ts';

const SECOND_MS = 1_000;
const MEGABYTE = 1_000_000;

/** `340 ms`, `2.5 s`; or that nothing was told. */
export function durationWords(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return w('waits.none');
  if (ms < SECOND_MS) return w('ms', { count: Math.round(ms) });
  return w('seconds', { count: formatNumber(Math.round(ms / 100) / 10, language.value) });
}

export function bytesWords(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return w('nodes.unknown');
  return w('megabytes', { count: formatNumber(Math.round(bytes / MEGABYTE), language.value) });
}

export function countWords(count: number): string {
  return formatNumber(count, language.value);
}
