import { hasExpired, labelFor, type Bulletin, type EventTime, type Language, type Place } from '../../model/bulletin.ts';
import { saveFile } from '../../platform/save_file.ts';
import { b } from '../../words/app/bulletin_words.ts';
import { asOfWords, clockWords, dayAndTimeWords, isSameDay } from '../../words/times.ts';
import { Attachments } from './attachments.tsx';
import type { BulletinTools } from './bulletin_tools.ts';

export interface BulletinExtrasProps {
  readonly bulletin: Bulletin;
  readonly language: Language;
  /** Where it is only shown: the time of the page's making. */
  readonly now?: number | undefined;
  readonly tools?: BulletinTools | undefined;
}

/** What goes with the text. */
export function BulletinExtras({ bulletin, language, now = Date.now(), tools }: BulletinExtrasProps) {
  const { event, place, links, attachments, expiresAt } = bulletin;
  return (
    <>
      {(event !== undefined || place !== undefined) && (
        <dl class="facts">
          {event !== undefined && <When bulletin={bulletin} event={event} now={now} language={language} />}
          {place !== undefined && <Where place={place} />}
        </dl>
      )}
      {links !== undefined && (
        <ul class="card-links" aria-label={b('links')}>
          {links.map(({ url, label }) => (
            <li key={url}>
              <a class="card-link" href={url} target="_blank" rel="noopener noreferrer nofollow">
                {labelFor(label, language) ?? url}
              </a>
            </li>
          ))}
        </ul>
      )}
      {attachments !== undefined && <Attachments attachments={attachments} language={language} tools={tools} />}
      {expiresAt !== undefined && (
        <p class="card-hint">{b(hasExpired(bulletin, now) ? 'expired' : 'expires', { time: asOfWords(expiresAt, now) })}</p>
      )}
    </>
  );
}

function When({ bulletin, event, now, language }: { bulletin: Bulletin; event: EventTime; now: number; language: Language }) {
  const add = async (): Promise<void> => {
    const { calendarFile } = await import('../../model/calendar.ts');
    saveFile('holdfast.ics', new Blob([calendarFile(bulletin, language, now)], { type: 'text/calendar' }));
  };
  return (
    <div>
      <dt>{b('event')}</dt>
      <dd>
        <time dateTime={new Date(event.from).toISOString()}>{eventWords(event, now)}</time>
        <button type="button" class="button button-quiet" onClick={() => void add().catch(() => {})}>
          {b('event.add')}
        </button>
      </dd>
    </div>
  );
}

function eventWords({ from, until }: EventTime, now: number): string {
  const begins = dayAndTimeWords(from, now);
  if (until === null) return begins;
  return b('event.range', { from: begins, until: isSameDay(from, until) ? clockWords(until) : dayAndTimeWords(until, now) });
}

function Where({ place: { lat, lon, label } }: { place: Place }) {
  return (
    <div>
      <dt>{b('place')}</dt>
      <dd>
        <span>{label}</span>
        <a class="card-link" href={`geo:${lat},${lon}?q=${lat},${lon}(${encodeURIComponent(label)})`}>
          {b('place.app')}
        </a>
        <a
          class="card-link"
          href={`https://www.openstreetmap.org/?mlat=${lat}&mlon=${lon}#map=17/${lat}/${lon}`}
          target="_blank"
          rel="noopener noreferrer nofollow"
        >
          {b('place.osm')}
        </a>
      </dd>
    </div>
  );
}
