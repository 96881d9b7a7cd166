import type { Entry } from './entry.ts';

/**
 * Newest first. Within a channel the history's order is the order, whatever the clocks said; between channels the
 * time decides, so each entry is lifted to at least the time of the one before it in its own channel.
 */
export function timeline(entries: readonly Entry[]): Entry[] {
  const byChannel = new Map<string, Entry[]>();
  for (const entry of entries) {
    const list = byChannel.get(entry.channel);
    if (list === undefined) byChannel.set(entry.channel, [entry]);
    else list.push(entry);
  }
  const placed = [...byChannel.values()].flatMap(withOrderTimes);
  placed.sort((a, b) => b.time - a.time || compareText(a.entry.channel, b.entry.channel) || b.index - a.index);
  return placed.map(({ entry }) => entry);
}

interface OrderedEntry {
  readonly entry: Entry;
  readonly time: number;
  readonly index: number;
}

function withOrderTimes(channel: Entry[]): OrderedEntry[] {
  const ordered = [...channel].sort(compareInChannel);
  let latest = Number.NEGATIVE_INFINITY;
  const times = ordered.map((entry) => {
    if (entry.kind !== 'gap') latest = Math.max(latest, entry.postedAt);
    return latest;
  });
  return ordered.map((entry, index) => {
    // A gap has no time of its own: it hangs directly under what came after it.
    const time = entry.kind === 'gap' ? (times[index + 1] ?? entry.arrivedAt) : (times[index] ?? 0);
    return { entry, time, index };
  });
}

function compareInChannel(a: Entry, b: Entry): number {
  return a.generation - b.generation || a.offset - b.offset || rank(a) - rank(b) || a.arrivedAt - b.arrivedAt;
}

function rank(entry: Entry): number {
  return entry.kind === 'gap' ? 1 : 0;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
