import { useEffect } from 'preact/hooks';
import { onVisibility } from '../../platform/visibility.ts';

interface Polling {
  start(): void;
  stop(): void;
}

/** Runs what polls while the page is seen, and no longer than the view is there. */
export function useWhileSeen(polling: Polling): void {
  useEffect(() => {
    polling.start();
    const ignore = onVisibility((isVisible) => (isVisible ? polling.start() : polling.stop()));
    return () => {
      ignore();
      polling.stop();
    };
  }, [polling]);
}
