import { useState } from 'preact/hooks';
import type { ConsoleParts } from '../../console_parts.ts';
import { StatisticsModel } from './statistics_model.ts';
import { StatisticsView } from './statistics_view.tsx';

export function StatisticsPage({ parts: { bulletins, clock }, now }: { parts: ConsoleParts; now: number }) {
  const [model] = useState(
    () => new StatisticsModel({ list: async (after) => bulletins.list(after), receipts: async (id) => bulletins.receipts(id), clock }),
  );
  return <StatisticsView model={model} now={now} />;
}
