import type { AppPageProps } from '../app/app_parts.ts';

export function InboxPage({ parts }: AppPageProps) {
  return <p>{parts.now.value}</p>;
}
