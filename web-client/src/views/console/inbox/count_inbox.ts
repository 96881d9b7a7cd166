import { effect } from '@preact/signals';
import { Inbox } from '../../../account/inbox.ts';
import type { ConsoleParts } from '../console_parts.ts';
import { startPolling } from '../shared/polling.ts';
import { COUNT_EVERY_MS, InboxCounter, type InboxCount } from './inbox_count.ts';

/** Tells how many conversations wait for an answer, until it is ended. */
export function countInbox(parts: ConsoleParts, told: (count: InboxCount) => void): () => void {
  const counter = new InboxCounter(new Inbox(parts.api));
  const untell = effect(() => told(counter.count.value));
  const stop = startPolling(parts, {
    everyMs: COUNT_EVERY_MS,
    ask: async () => counter.refresh(),
    concerns: ({ kind }) => kind === 'conversation',
  });
  return () => {
    stop();
    untell();
  };
}
