import { useEffect, useRef } from 'preact/hooks';
import { hasExpired, LANGUAGES, type Language } from '../../../../model/bulletin.ts';
import type { BulletinEntry } from '../../../../model/entry.ts';
import type { Member } from '../../../../model/session.ts';
import type { Bulletin } from '../../../../protocol/api.gen.ts';
import { b } from '../../../../words/console/bulletins_words.ts';
import { asOfWords, momentWords } from '../../../../words/times.ts';
import { formatNumber, language } from '../../../../words/translator.ts';
import { BulletinCard } from '../../../shared/bulletin_card.tsx';
import type { BulletinTools } from '../../../shared/bulletin_tools.ts';
import { failureWords } from '../../../shared/failure_words.ts';
import { Seen } from '../../../shared/seen.tsx';
import { channelOf, previewOf } from '../../compose/phone_preview.tsx';
import { Badges, titleOf } from '../bulletin_list.tsx';
import { deedsOf, hasGone } from '../may.ts';
import type { Signs } from '../../trust/signs.ts';
import { audienceWords, stateWords } from '../state_words.ts';
import type { BulletinModel } from './bulletin_model.ts';
import { Deeds } from './deeds.tsx';
import { Figures } from './figures_view.tsx';
import { Timeline } from './timeline.tsx';

export interface BulletinViewProps {
  readonly model: BulletinModel;
  readonly member: Member;
  readonly now: number;
  /** The same as this device received it; `null`: it did not. */
  readonly received: BulletinEntry | null;
  readonly reader: BulletinTools;
  readonly signs: Signs;
  readonly changed: () => void;
}

export function BulletinView({ model, member, now, received, reader, signs, changed }: BulletinViewProps) {
  const reading = model.reading.value;
  return (
    <div class="bulletin-one">
      <p>
        <a class="back" href="#bulletins">
          {b('all')}
        </a>
      </p>
      {reading.kind === 'loading' && (
        <p class="hint" role="status">
          {b('loading.one')}
        </p>
      )}
      {reading.kind === 'failed' && (
        <div class="empty" role="alert">
          <h1>{b('failed.one')}</h1>
          <p>{reading.why === 'bulletin_unknown' ? b('unknown') : failureWords(reading.why)}</p>
        </div>
      )}
      {reading.kind === 'here' && (
        <>
          <Head bulletin={reading.bulletin} now={now} asOf={reading.asOf} />
          {reading.failed !== null && (
            <p class="banner" role="status">
              {b('stale', { time: asOfWords(reading.asOf, now) })} {failureWords(reading.failed)}
            </p>
          )}
          <div class="bulletin-grid">
            <div class="bulletin-texts">
              <Texts bulletin={reading.bulletin} now={now} />
              {received !== null && (
                <Seen bulletin={received.bulletin} isOver={!isSent(reading.bulletin) || hasExpired(received.bulletin, now)} tools={reader} />
              )}
            </div>
            <div class="bulletin-side">
              <Deeds model={model} bulletin={reading.bulletin} member={member} signs={signs} changed={changed} />
              <Timeline bulletin={reading.bulletin} me={member.id} now={now} />
            </div>
          </div>
          {hasGone(reading.bulletin) && (
            <Figures model={model} canFollowUp={deedsOf(reading.bulletin, member).includes('follow-up')} now={now} />
          )}
        </>
      )}
    </div>
  );
}

function Head({ bulletin, now, asOf }: { bulletin: Bulletin; now: number; asOf: number }) {
  const { lang, title } = titleOf(bulletin);
  const heading = useRef<HTMLHeadingElement>(null);
  // Whoever came by the list goes on reading here.
  useEffect(() => heading.current?.focus(), []);
  return (
    <header class={bulletin.content.kind === 'test' ? 'bulletin-head bulletin-head-test' : 'bulletin-head'}>
      <h1 ref={heading} tabIndex={-1} lang={lang}>
        {title}
      </h1>
      <p class="bulletin-state">
        <Badges bulletin={bulletin} /> <strong role="status">{stateWords(bulletin, now)}</strong>{' '}
        <span class="hint">{b('as_of', { time: asOfWords(asOf, now) })}</span>
      </p>
      {bulletin.content.kind === 'test' && <p class="hint">{b('is_test')}</p>}
    </header>
  );
}

/** Neither corrected nor withdrawn since. */
function isSent({ state }: Bulletin): boolean {
  return state === 'sent' || state === 'sending';
}

function Texts({ bulletin, now }: { bulletin: Bulletin; now: number }) {
  const { count, content } = bulletin;
  return (
    <section class="bulletin-texts" aria-labelledby="texts-title">
      <h2 id="texts-title" class="unseen">
        {b('texts')}
      </h2>
      <p>
        <strong>{b('for')}</strong> {audienceWords(bulletin)}
        {count !== undefined && ` – ${b.counted('for.count', count.audience, { of: formatNumber(count.members, language.value) })}`}
      </p>
      {content.expires_at !== undefined && <p class="hint">{b('expires', { time: momentWords(content.expires_at, now) })}</p>}
      {LANGUAGES.filter((each) => content.texts[each] !== undefined).map((each) => (
        <div key={each}>
          <p class="field-label">{b(`language.${each}`)}</p>
          <AsShown bulletin={bulletin} language={each} now={now} />
        </div>
      ))}
    </section>
  );
}

function AsShown({ bulletin, language, now }: { bulletin: Bulletin; language: Language; now: number }) {
  const time = momentWords(bulletin.sent_at_ms ?? bulletin.created_at_ms, now);
  const shown = previewOf(bulletin.content, `${bulletin.id}-${language}`);
  return shown === null ? null : <BulletinCard bulletin={shown} channel={channelOf(bulletin.content)} language={language} isMarkdown time={time} />;
}
