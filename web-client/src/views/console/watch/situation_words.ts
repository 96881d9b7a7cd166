import { w } from '../../../words/console/watch_words.ts';
import type { Members, Situation, Strangers } from './situation.ts';

const MINUTE_S = 60;

/** How things are, in sentences: the loudest first. */
export function situationWords(situation: Situation): string {
  const { level, isOrdered, members, strangers, slowMs, storeIsAway, silentNodes } = situation;
  return [
    storeIsAway ? w('now.store_away') : '',
    isOrdered ? w(`now.ordered.${level}`) : w(`now.${level}`),
    membersWords(members),
    strangersWords(strangers),
    slowMs === null ? '' : w.counted('now.slow', Math.ceil(slowMs / 1_000)),
    silentNodes === 0 ? '' : w.counted('now.nodes', silentNodes),
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function membersWords(members: Members): string {
  switch (members.kind) {
    case 'unaffected':
      return w('now.members.unaffected');
    case 'affected':
      return w.counted('now.members.affected', members.times);
  }
}

function strangersWords(strangers: Strangers): string {
  switch (strangers.kind) {
    case 'come-in':
      return '';
    case 'sent-away':
      return w('now.strangers.sent_away');
    case 'wait':
      if (strangers.waitS === null) return w.counted('now.strangers.wait', strangers.people);
      if (strangers.waitS < MINUTE_S) return w('now.strangers.wait_seconds');
      return w.counted('now.strangers.wait_minutes', Math.round(strangers.waitS / MINUTE_S));
  }
}
