import type { ConsolePageProps } from '../console_parts.ts';
import { BulletinsView } from './bulletins_view.tsx';

export function BulletinsPage({ parts }: ConsolePageProps) {
  return <BulletinsView feed={parts.feed.value} now={parts.now.value} />;
}
