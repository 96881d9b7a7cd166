import { useEffect } from 'preact/hooks';
import { onVisibility } from '../../platform/visibility.ts';
import type { Notice } from '../../protocol/parse_notice.ts';
import type { ConsoleParts } from './console_parts.ts';

interface Polling {
  start(): void;
  stop(): void;
  /** Something changed: it is asked for now, unless the service said not to. */
  hint(): void;
}

/** Organisers hear of a change together, and do not ask together. */
const SPREAD_MS = 500;

/** Runs what polls while the page is seen, and no longer than the view is there; sooner after a notice that concerns it. */
export function useWhileSeen(
  polling: Polling,
  { clock, heard, random }: Pick<ConsoleParts, 'clock' | 'heard' | 'random'>,
  concerns: (notice: Notice) => boolean,
): void {
  useEffect(() => {
    let isSeen = true;
    let cancel: (() => void) | null = null;
    polling.start();
    const ends = [
      onVisibility((isVisible) => {
        isSeen = isVisible;
        if (isVisible) polling.start();
        else polling.stop();
      }),
      heard((notice) => {
        if (cancel !== null || (notice.kind !== 'lapsed' && !concerns(notice))) return;
        cancel = clock.after(random() * SPREAD_MS, () => {
          cancel = null;
          if (isSeen) polling.hint();
        });
      }),
      () => cancel?.(),
      () => polling.stop(),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [polling]);
}
