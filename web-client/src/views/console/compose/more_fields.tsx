import { LANGUAGES } from '../../../model/bulletin.ts';
import { LINKS_MAX, type Desk, type DeskLink } from '../../../model/desk.ts';
import { w } from '../../../words/console/compose_words.ts';
import type { Attach } from './attaching.ts';
import { AttachmentFields } from './attachment_fields.tsx';
import type { ComposeModel } from './compose_model.ts';
import { languageWords } from './text_fields.tsx';

/** What may go with a bulletin: links, a place, times, files. */
export function MoreFields({ model, attach }: { model: ComposeModel; attach: Attach }) {
  const desk = model.desk.value;
  return (
    <details class="desk-more" open={hasMore(desk)}>
      <summary>{w('more')}</summary>
      <div class="desk-more-body">
        <Links links={desk.links} change={(links) => model.change({ links })} />
        <fieldset class="desk-part">
          <legend>{w('place')}</legend>
          <div class="desk-place">
            {(['label', 'lat', 'lon'] as const).map((each) => (
              <label class="field" key={each}>
                <span class="field-label">{w(`place.${each}`)}</span>
                <input
                  type="text"
                  inputMode={each === 'label' ? 'text' : 'decimal'}
                  autocomplete="off"
                  value={desk.place[each]}
                  onInput={(event) => model.change({ place: { ...desk.place, [each]: event.currentTarget.value } })}
                />
              </label>
            ))}
          </div>
        </fieldset>
        <fieldset class="desk-part">
          <legend>{w('times')}</legend>
          <div class="desk-times">
            <Moment label={w('event.from')} value={desk.event.from} change={(from) => model.change({ event: { ...desk.event, from } })} />
            <Moment label={w('event.until')} value={desk.event.until} change={(until) => model.change({ event: { ...desk.event, until } })} />
            <Moment label={w('expires')} value={desk.expires} change={(expires) => model.change({ expires })} />
          </div>
          <p class="hint">{w('times.zone')}</p>
        </fieldset>
        <AttachmentFields model={model} attach={attach} />
      </div>
    </details>
  );
}

/** A date and a time by this device's clock. */
export function Moment({ label, value, change }: { label: string; value: string; change: (value: string) => void }) {
  return (
    <label class="field">
      <span class="field-label">{label}</span>
      <input type="datetime-local" value={value} onInput={(event) => change(event.currentTarget.value)} />
    </label>
  );
}

function Links({ links, change }: { links: readonly DeskLink[]; change: (links: readonly DeskLink[]) => void }) {
  const replace = (at: number, part: Partial<DeskLink>): void => change(links.map((link, n) => (n === at ? { ...link, ...part } : link)));
  return (
    <fieldset class="desk-part">
      <legend>{w('links')}</legend>
      {links.map((link, at) => (
        <div class="desk-link" key={at} role="group" aria-label={w('link.number', { number: at + 1 })}>
          <label class="field desk-link-url">
            <span class="field-label">{w('link.url')}</span>
            <input
              type="url"
              inputMode="url"
              autocomplete="off"
              placeholder="https://"
              value={link.url}
              onInput={(event) => replace(at, { url: event.currentTarget.value })}
            />
          </label>
          {LANGUAGES.map((each) => (
            <label class="field" key={each}>
              <span class="field-label">{w('label_in', { language: languageWords(each) })}</span>
              <input
                type="text"
                lang={each}
                autocomplete="off"
                value={link.label[each]}
                onInput={(event) => replace(at, { label: { ...link.label, [each]: event.currentTarget.value } })}
              />
            </label>
          ))}
          <button type="button" class="button button-quiet" onClick={() => change(links.filter((_, n) => n !== at))}>
            {w('link.remove')}
          </button>
        </div>
      ))}
      {links.length < LINKS_MAX && (
        <button type="button" class="button button-quiet desk-start" onClick={() => change([...links, { url: '', label: { en: '', cy: '' } }])}>
          {w('link.add')}
        </button>
      )}
    </fieldset>
  );
}

function hasMore({ links, attachments, place, event, expires }: Desk): boolean {
  return links.length + attachments.length > 0 || `${place.label}${place.lat}${place.lon}${event.from}${event.until}${expires}` !== '';
}
