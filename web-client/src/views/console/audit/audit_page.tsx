import type { ConsolePageProps } from '../console_parts.ts';

export function AuditPage({ parts }: ConsolePageProps) {
  return <p>{parts.now.value}</p>;
}
