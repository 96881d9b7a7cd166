import type { ConsolePageProps } from '../console_parts.ts';

export function WatchPage({ parts }: ConsolePageProps) {
  return <p>{parts.now.value}</p>;
}
