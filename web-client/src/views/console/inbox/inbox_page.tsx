import type { ConsolePageProps } from '../console_parts.ts';

export function InboxPage({ parts }: ConsolePageProps) {
  return <p>{parts.now.value}</p>;
}
