import type { AppPageProps } from '../app/app_parts.ts';

export function MePage({ parts }: AppPageProps) {
  return <p>{parts.now.value}</p>;
}
