import '../../../styles/console/compose.css';
import { useEffect, useState } from 'preact/hooks';
import type { ConsolePageProps } from '../console_parts.ts';
import { ComposeModel } from './compose_model.ts';
import { ComposeView } from './compose_view.tsx';

export function ComposePage({ parts, member, channels }: ConsolePageProps) {
  const { values, randomId, outbox, outboxItems, feed } = parts;
  const [model] = useState(
    () =>
      new ComposeModel({
        values,
        randomId,
        post: (channel, bulletin) => outbox.add(bulletin.id, { kind: 'message', channel, bulletin }),
        isInOutbox: (id) => outbox.has(id),
      }),
  );
  useEffect(() => model.memberChanged(member.id), [model, member.id]);
  return (
    <ComposeView
      model={model}
      channels={channels.filter(({ mayPost }) => mayPost).map(({ name }) => name)}
      outbox={outboxItems}
      entries={feed.value.entries}
      retry={(id) => void outbox.retry(id)}
      discard={(id) => void outbox.discard(id)}
    />
  );
}
