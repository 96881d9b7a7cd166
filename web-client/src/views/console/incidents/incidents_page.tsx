import type { ConsolePageProps } from '../console_parts.ts';

export function IncidentsPage({ parts }: ConsolePageProps) {
  return <p>{parts.now.value}</p>;
}
