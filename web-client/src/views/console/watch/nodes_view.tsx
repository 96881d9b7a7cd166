import type { Watch } from '../../../protocol/api.gen.ts';
import { w } from '../../../words/console/watch_words.ts';
import { momentWords } from '../../../words/times.ts';
import { bytesWords, countWords } from './figure_words.ts';

export function NodesView({ watch, now }: { watch: Watch; now: number }) {
  const { nodes, store } = watch;
  return (
    <section class="panel" aria-labelledby="watch-nodes-title">
      <h2 id="watch-nodes-title">{w('nodes.title')}</h2>
      <table class="table nodes">
        <thead>
          <tr>
            <th scope="col">{w('nodes.node')}</th>
            <th scope="col">{w('nodes.state')}</th>
            <th scope="col">{w('came.members')}</th>
            <th scope="col">{w('came.strangers')}</th>
            <th scope="col">{w('nodes.memory')}</th>
            <th scope="col">{w('nodes.cpu')}</th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((node) => (
            <tr key={node.name}>
              <td>{node.name}</td>
              <td data-label={w('nodes.state')}>
                {node.is_answering ? (
                  w('nodes.answers')
                ) : (
                  <strong>{w('nodes.silent', { time: momentWords(node.at_ms, now) })}</strong>
                )}
              </td>
              <td data-label={w('came.members')}>{countWords(node.connections.members)}</td>
              <td data-label={w('came.strangers')}>{countWords(node.connections.strangers)}</td>
              <td data-label={w('nodes.memory')}>{bytesWords(node.memory_bytes)}</td>
              <td data-label={w('nodes.cpu')}>
                {typeof node.cpu_percent === 'number'
                  ? w('nodes.cpu.of', { percent: countWords(node.cpu_percent) })
                  : w('nodes.unknown')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="hint">{w('nodes.connections')}</p>
      <p class={store.is_reachable ? 'hint' : 'problem'}>
        {w(`nodes.store.${store.kind}`)} {w(store.is_reachable ? 'nodes.store.reachable' : 'nodes.store.away')}
      </p>
    </section>
  );
}
