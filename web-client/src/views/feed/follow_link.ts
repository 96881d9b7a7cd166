import { useEffect, useRef } from 'preact/hooks';
import type { Entry } from '../../model/entry.ts';
import { storiesOf, type Story } from '../../model/story.ts';

/** `#bulletins/ID`: that bulletin is shown as soon as it is here, once for each time somebody follows such a link. */
export function useFollowedLink(path: readonly string[], entries: readonly Entry[], show: (story: Story) => void): void {
  const followed = useRef<readonly string[] | null>(null);
  useEffect(() => {
    const [id] = path;
    const story = id === undefined || followed.current === path ? undefined : storiesOf(entries).get(id);
    if (story === undefined) return;
    followed.current = path;
    show(story);
  }, [path, entries]);
}
