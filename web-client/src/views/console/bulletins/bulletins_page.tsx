import '../../../styles/console/bulletins.css';
import { useEffect, useMemo } from 'preact/hooks';
import { newBulletinId } from '../../../model/bulletin_id.ts';
import type { ConsolePageProps } from '../console_parts.ts';
import { BulletinList } from './bulletin_list.tsx';
import { BulletinModel } from './one/bulletin_model.ts';
import { BulletinView } from './one/bulletin_view.tsx';

/** `#bulletins`: all of them. `#bulletins/ID`: one. */
export function BulletinsPage({ parts, member, path }: ConsolePageProps) {
  const { watch, bulletins, clock, random, randomId, now, visible } = parts;
  const [id] = path;
  const model = useMemo(
    () => (id === undefined ? null : new BulletinModel(id, { bulletins, clock, random, newId: () => newBulletinId(clock.now(), randomId()) })),
    [id],
  );
  useEffect(() => {
    if (model === null) return void watch.refresh();
    model.start();
    return () => model.stop();
  }, [model]);
  useEffect(() => model?.visibleChanged(visible.value), [model, visible.value]);
  if (model === null) return <BulletinList watch={watch} member={member} now={now.value} />;
  return <BulletinView key={model.id} model={model} member={member} now={now.value} changed={() => void watch.refresh()} />;
}
