import { Trigger } from '../../../protocol/api.gen.ts';
import { i } from '../../../words/console/incidents_words.ts';
import { w } from '../../../words/console/watch_words.ts';
import { asOfWords } from '../../../words/times.ts';
import { formatNumber, language } from '../../../words/translator.ts';
import type { PostureChange, TimelineEntry, Who } from './timeline_entry.ts';

/** What one line says, as a sentence. */
export function entryWords(entry: TimelineEntry, now: number): string {
  switch (entry.kind) {
    case 'opened':
      return i('line.opened', { node: entry.data.node, change: changeWords(entry.data.by) });
    case 'resumed': {
      const { node, torn_bytes } = entry.data;
      return torn_bytes === 0 ? i('line.resumed', { node }) : i.counted('line.resumed.torn', torn_bytes, { node });
    }
    case 'posture':
      return capital(i('line.posture', { change: changeWords(entry.data) }));
    case 'counts':
      return countsWords(entry.data);
    case 'override': {
      const { to, who, why, until } = entry.data;
      return i('line.override', { who, to: w(`level.${to}`), until: asOfWords(until, now), why });
    }
    case 'override_ended':
      return i('line.override_ended');
    case 'lapse':
      return i.counted('line.lapse', entry.data.entries);
    case 'statement':
      return i('line.statement', { text: entry.data.text });
    case 'notice_sent':
      return i('line.notice_sent', { who: whoWords(entry.data.who), to: entry.data.to, text: entry.data.text });
    case 'note':
      return i('line.note', { who: whoWords(entry.data.who), text: entry.data.text });
    case 'indicators':
      return i.counted('line.indicators', entry.data.prefixes, { until: asOfWords(entry.data.until, now) });
    case 'closed':
      return i.counted('line.closed', Math.round(entry.data.quiet_seconds / 60));
    case 'unknown':
      return i('line.unknown');
  }
}

/** A trigger as a half sentence; one that is not known stands there as it is. */
export function triggerWords(trigger: string): string {
  const known = Trigger.options.find((each) => each === trigger);
  return known === undefined ? trigger : w(`why.${known}`);
}

function changeWords({ from, to, trigger }: PostureChange): string {
  return i('line.change', { from: w(`level.${from}`), to: w(`level.${to}`), why: triggerWords(trigger) });
}

function countsWords(counts: Extract<TimelineEntry, { kind: 'counts' }>['data']): string {
  const sum = (what: 'admitted' | 'delayed' | 'refused'): string =>
    formatNumber(
      counts.classes.reduce((total, each) => total + each[what], 0),
      language.value,
    );
  const affected = counts.members_affected;
  return i('line.counts', {
    seconds: counts.seconds,
    admitted: sum('admitted'),
    delayed: sum('delayed'),
    refused: sum('refused'),
    acked: formatNumber(counts.acked, language.value),
    members: affected === 0 ? i('line.counts.none') : i.counted('line.counts.members', affected),
  });
}

function whoWords({ uid, member, name }: Who): string {
  if (typeof name === 'string') return name;
  if (typeof member === 'string') return i('who.member', { id: member });
  return typeof uid === 'number' ? i('who.operator') : i('who.service');
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
