import { effect } from '@preact/signals';
import { Poll } from '../../../platform/poll.ts';
import type { Notice } from '../../../protocol/parse_notice.ts';
import type { ConsoleParts } from '../console_parts.ts';

/** What is asked again and again while somebody looks. */
export interface Polling {
  readonly everyMs: number;
  readonly ask: () => Promise<void>;
  /** Whether what a notice tells of is asked for here. */
  readonly concerns: (notice: Notice) => boolean;
}

/** Asks until the answer is called, and sooner after a notice that concerns it: a notice is a hint, and may get lost. */
export function startPolling(
  { clock, random, heard, visible }: Pick<ConsoleParts, 'clock' | 'heard' | 'random' | 'visible'>,
  { everyMs, ask, concerns }: Polling,
): () => void {
  const poll = new Poll({ clock, random, everyMs: () => everyMs, ask });
  poll.start();
  const ends = [
    effect(() => poll.visibleChanged(visible.value)),
    heard((notice) => {
      if (notice.kind === 'lapsed' || concerns(notice)) poll.hint();
    }),
    () => poll.stop(),
  ];
  return () => {
    for (const end of ends) end();
  };
}
