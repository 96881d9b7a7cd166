import '../../../styles/console/bulletins.css';
import { useEffect, useMemo } from 'preact/hooks';
import { newBulletinId } from '../../../model/bulletin_id.ts';
import type { BulletinEntry } from '../../../model/entry.ts';
import type { FeedSnapshot } from '../../../sync/feed.ts';
import { lazyPage } from '../../shared/lazy_page.tsx';
import type { ConsolePageProps } from '../console_parts.ts';
import { signsHere, withSignature } from '../trust/signs.ts';
import { BulletinList } from './bulletin_list.tsx';
import { BulletinModel } from './one/bulletin_model.ts';
import { BulletinView } from './one/bulletin_view.tsx';

/** As it came to this device, if it did: who writes bulletins is a member too. */
function receivedIn({ entries }: FeedSnapshot, id: string): BulletinEntry | null {
  return entries.find((entry): entry is BulletinEntry => entry.kind === 'bulletin' && entry.id === id) ?? null;
}

const STATISTICS = 'statistics';
const Statistics = lazyPage(async () => (await import('./statistics/statistics_page.tsx')).StatisticsPage);

/** `#bulletins`: all of them. `#bulletins/ID`: one. `#bulletins/statistics`: the last months in figures. */
export function BulletinsPage({ parts, member, path }: ConsolePageProps) {
  const { watch, bulletins, clock, random, randomId, now, visible, feed, reader, signing } = parts;
  const [id] = path;
  const model = useMemo(
    () => (id === undefined || id === STATISTICS ? null : new BulletinModel(id, {
            bulletins,
            clock,
            random,
            newId: () => newBulletinId(clock.now(), randomId()),
            sign: async (bulletin, action) => withSignature(await signing(), bulletin, action),
          })),
    [id],
  );
  useEffect(() => {
    if (model === null) return void watch.refresh();
    model.start();
    return () => model.stop();
  }, [model]);
  useEffect(() => model?.visibleChanged(visible.value), [model, visible.value]);
  if (id === STATISTICS) return <Statistics parts={parts} now={now.value} />;
  if (model === null) return <BulletinList watch={watch} member={member} now={now.value} />;
  return (
    <BulletinView
      key={model.id}
      model={model}
      member={member}
      now={now.value}
      received={receivedIn(feed.value, model.id)}
      reader={reader}
      signs={signsHere(parts.trust.value)}
      changed={() => void watch.refresh()}
    />
  );
}
