import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../../words/app_words.ts';

type Loading<P> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'loaded'; readonly Page: ComponentType<P> }
  | { readonly kind: 'failed' };

/**
 * A page whose code comes when it is first looked at. Without a connection, or after the service was renewed, it may
 * not come: then the reader can ask again, or for the whole page anew.
 */
export function lazyPage<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | null = null;
  return function LazyPage(props: P) {
    const [state, setState] = useState<Loading<P>>(loaded === null ? { kind: 'loading' } : { kind: 'loaded', Page: loaded });
    const begin = async (): Promise<void> => {
      setState({ kind: 'loading' });
      try {
        const Page = await load();
        loaded = Page;
        setState({ kind: 'loaded', Page });
      } catch {
        setState({ kind: 'failed' });
      }
    };
    useEffect(() => {
      if (loaded === null) void begin();
    }, []);
    switch (state.kind) {
      case 'loading':
        return (
          <p class="empty" role="status">
            {t('page.loading')}
          </p>
        );
      case 'loaded':
        return <state.Page {...props} />;
      case 'failed':
        return (
          <div class="empty" role="alert">
            <h1>{t('page.failed.title')}</h1>
            <p>{t('page.failed.body')}</p>
            <p class="actions">
              <button type="button" class="button" onClick={() => location.reload()}>
                {t('page.failed.again')}
              </button>
            </p>
          </div>
        );
    }
  };
}
