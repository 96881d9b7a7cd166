import type { ComponentChildren } from 'preact';
import type { Watch } from '../../../protocol/api.gen.ts';
import { w } from '../../../words/console/watch_words.ts';
import { countWords, durationWords } from './figure_words.ts';

/** What became of those who came, and what waits: each figure with what it counts. */
export function Figures({ watch }: { watch: Watch }) {
  const { now, store } = watch;
  const { urgent, normal, bulk } = now.queue;
  return (
    <>
      <section class="panel" aria-labelledby="watch-came-title">
        <h2 id="watch-came-title">{w('came.title')}</h2>
        <table class="table figures">
          <thead>
            <tr>
              <th scope="col">{w('came.what')}</th>
              <th scope="col">{w('came.members')}</th>
              <th scope="col">{w('came.strangers')}</th>
            </tr>
          </thead>
          <tbody>
            {(['admitted', 'waiting', 'refused'] as const).map((what) => (
              <tr key={what}>
                <td>
                  <Named name={w(`came.${what}`)} about={w(`came.${what}.about`)} />
                </td>
                <td class="figure" data-label={w('came.members')}>
                  {countWords(now[what].members)}
                </td>
                <td class="figure" data-label={w('came.strangers')}>
                  {countWords(now[what].strangers)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <p class="hint">{w('came.about')}</p>
      </section>
      <section class="panel" aria-labelledby="watch-waits-title">
        <h2 id="watch-waits-title">{w('waits.title')}</h2>
        <table class="table figures">
          <thead>
            <tr>
              <th scope="col">{w('waits.figure')}</th>
              <th scope="col">{w('waits.count')}</th>
            </tr>
          </thead>
          <tbody>
            <Figure name={w('waits.line')} about={w('waits.line.about')}>
              {countWords(now.line)}
            </Figure>
            <Figure
              name={w('waits.queue')}
              about={w('waits.queue.about', {
                urgent: countWords(urgent),
                normal: countWords(normal),
                bulk: countWords(bulk),
              })}
            >
              {countWords(urgent + normal + bulk)}
            </Figure>
            <Figure name={w('waits.delayed')} about={w('waits.delayed.about')}>
              {countWords(now.delayed)}
            </Figure>
            <Figure name={w('waits.behind')} about={w('waits.behind.about')}>
              {countWords(now.behind)}
            </Figure>
            <Figure name={w('waits.delay')} about={w('waits.delay.about')}>
              {durationWords(now.delay_ms)}
            </Figure>
            <Figure
              name={w('waits.delivery')}
              about={w('waits.delivery.about', { p99: durationWords(now.delivery_ms?.p99) })}
            >
              {durationWords(now.delivery_ms?.p50)}
            </Figure>
            <Figure name={w('waits.commit')} about={w('waits.commit.about')}>
              {durationWords(store.commit_p99_ms)}
            </Figure>
          </tbody>
        </table>
      </section>
    </>
  );
}

function Figure({ name, about, children }: { name: string; about: string; children: ComponentChildren }) {
  return (
    <tr>
      <td>
        <Named name={name} about={about} />
      </td>
      <td class="figure">{children}</td>
    </tr>
  );
}

function Named({ name, about }: { name: string; about: string }) {
  return (
    <>
      {name} <small class="figure-about">{about}</small>
    </>
  );
}
