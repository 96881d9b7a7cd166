import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** A part of a page whose code comes when it is first wanted. Wanted again after it did not come, it is asked for again. */
export function lazyPart<P extends object>(load: () => Promise<ComponentType<P>>, loading: () => string, failed: () => string): ComponentType<P> {
  let loaded: ComponentType<P> | null = null;
  return function LazyPart(props: P) {
    const [state, setState] = useState<'failed' | 'loaded' | 'loading'>(loaded === null ? 'loading' : 'loaded');
    useEffect(() => {
      if (loaded !== null) return;
      load().then(
        (Part) => {
          loaded = Part;
          setState('loaded');
        },
        () => setState('failed'),
      );
    }, []);
    if (loaded !== null) {
      const Part = loaded;
      return <Part {...props} />;
    }
    return (
      <p class="card-hint" role="status">
        {state === 'failed' ? failed() : loading()}
      </p>
    );
  };
}
