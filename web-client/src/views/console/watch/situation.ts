import type { PostureName, Watch } from '../../../protocol/api.gen.ts';

/** A message that takes longer than that to be stored is late enough to say so. */
export const SLOW_MS = 1_000;
/** A wait that is longer cannot be told from ten seconds; then it is said how many wait. */
export const WAIT_TOLD_MAX_S = 600;
/** Over how long `now` counts what became of those who came. */
export const COUNTED_S = 10;

/** How strangers fare. */
export type Strangers =
  | { readonly kind: 'come-in' }
  /** `waitS`: about how long, as fast as they come in now; `null`: too few came in lately to say. */
  | { readonly kind: 'wait'; readonly people: number; readonly waitS: number | null }
  | { readonly kind: 'sent-away'; readonly times: number };

/** How members fare: how often one of them had to wait or was sent away in the last ten seconds. */
export type Members = { readonly kind: 'unaffected' } | { readonly kind: 'affected'; readonly times: number };

/** How things are, decided from the figures, in the parts of which a sentence is made. */
export interface Situation {
  readonly level: PostureName;
  /** Somebody ordered it; then the level says nothing of what comes. */
  readonly isOrdered: boolean;
  readonly members: Members;
  readonly strangers: Strangers;
  /** How late messages are, where it is worth a word. */
  readonly slowMs: number | null;
  readonly storeIsAway: boolean;
  /** Nodes that were there and say nothing now. */
  readonly silentNodes: number;
}

export function situationOf(watch: Watch): Situation {
  const { posture, now, store, nodes } = watch;
  const times = now.waiting.members + now.refused.members;
  return {
    level: posture.level,
    isOrdered: posture.ordered_until_ms !== undefined,
    members: times === 0 ? { kind: 'unaffected' } : { kind: 'affected', times },
    strangers: strangersOf(now),
    slowMs: (now.delay_ms ?? 0) >= SLOW_MS ? (now.delay_ms ?? null) : null,
    storeIsAway: !store.is_reachable,
    silentNodes: nodes.filter((node) => !node.is_answering).length,
  };
}

function strangersOf(now: Watch['now']): Strangers {
  if (now.line > 0 || now.waiting.strangers > 0) {
    const inPerSecond = now.admitted.strangers / COUNTED_S;
    const waitS = Math.ceil(now.line / inPerSecond);
    return { kind: 'wait', people: now.line, waitS: inPerSecond > 0 && waitS <= WAIT_TOLD_MAX_S ? waitS : null };
  }
  return now.refused.strangers > 0 ? { kind: 'sent-away', times: now.refused.strangers } : { kind: 'come-in' };
}

/** How loud the sentence on top is. */
export function toneOf({ level, members, storeIsAway, silentNodes }: Situation): 'bad' | 'calm' | 'pressed' {
  if (level === 'under_attack' || level === 'survival') return 'bad';
  if (level === 'elevated' || members.kind === 'affected' || storeIsAway || silentNodes > 0) return 'pressed';
  return 'calm';
}
