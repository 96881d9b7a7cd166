import { assertNever } from '../../../model/assert_never.ts';
import { needsOf } from '../../../model/consequence.ts';
import type { Desk, DeskProblem } from '../../../model/desk.ts';
import { w } from '../../../words/console/compose_words.ts';
import { formatNumber, language } from '../../../words/translator.ts';
import { SigningWords } from '../trust/signing_words.tsx';
import type { Signs } from '../trust/signs.ts';
import type { ComposeModel } from './compose_model.ts';
import type { Counting } from './head_count.ts';
import { Moment } from './more_fields.tsx';
import { languageWords } from './text_fields.tsx';

/** When it goes, what will happen, and the button that makes it happen. */
export function SendFields({ model, counting, zone, signs }: { model: ComposeModel; counting: Counting; zone: string; signs: Signs }) {
  const desk = model.desk.value;
  const problem = model.problem.value;
  const zones = [...new Set([desk.zone, zone, 'Europe/London'])];
  return (
    <>
      <fieldset class="desk-part">
        <legend>{w('when')}</legend>
        <div class="desk-when">
          <Moment label={w('when.at')} value={desk.sendAt} change={(sendAt) => model.change({ sendAt })} />
          <label class="field">
            <span class="field-label">{w('when.zone')}</span>
            <select value={desk.zone} onChange={(event) => model.change({ zone: event.currentTarget.value })}>
              {zones.map((each) => (
                <option key={each} value={each}>
                  {each}
                </option>
              ))}
            </select>
          </label>
        </div>
        <p class="hint">{desk.sendAt === '' ? w('when.now') : w('when.later')}</p>
      </fieldset>
      <div class={desk.kind === 'test' ? 'desk-send desk-send-test' : 'desk-send'}>
        <p class="desk-consequence" id="consequence">
          {consequenceWords(desk, counting)}
        </p>
        <SigningWords signs={signs} />
        {problem !== null && (
          <p class="problem" role="alert">
            {problemWords(problem)}
          </p>
        )}
        <div class="actions compose-actions">
          <button type="submit" class={desk.kind === 'test' ? 'button button-test' : 'button'} aria-describedby="consequence">
            {buttonWords(desk, counting)}
          </button>
          {!model.isBlank.value && (
            <>
              <span class="hint">{w('kept')}</span>
              <button type="button" class="button button-quiet" onClick={() => model.clear()}>
                {desk.draft === null ? w('clear') : w('leave')}
              </button>
            </>
          )}
        </div>
      </div>
    </>
  );
}

function consequenceWords(desk: Desk, counting: Counting): string {
  const count = counting.kind === 'counted' ? counting.count : null;
  const whom =
    count === null ? w('will.uncounted') : desk.audience.scope === 'everyone' ? w.counted('will.everyone', count.members) : w.counted('will.some', count.audience, { of: formatNumber(count.members, language.value) });
  const parts = [whom];
  if (desk.kind === 'test') parts.unshift(w('will.test'));
  if (desk.draft?.corrects != null) parts.push(w('will.corrects'));
  parts.push(w(`will.${needsOf(desk, count)}`));
  if (desk.sendAt !== '') parts.push(w('will.later', { time: desk.sendAt.replace('T', ' '), zone: desk.zone }));
  return parts.join(' ');
}

function buttonWords(desk: Desk, counting: Counting): string {
  const needs = needsOf(desk, counting.kind === 'counted' ? counting.count : null);
  if (desk.kind === 'test') return needs === 'one' ? w('send.test') : w('send.test_approval');
  if (needs !== 'one') return w('send.approval');
  return desk.sendAt === '' ? w('send.now') : w('send.schedule');
}

function problemWords(problem: DeskProblem | 'not-kept'): string {
  if (problem === 'not-kept') return w('problem.not_kept');
  switch (problem.kind) {
    case 'empty':
      return w('problem.empty');
    case 'half-written':
      return w('problem.half', { language: languageWords(problem.language) });
    case 'too-long':
      return w('problem.long', { language: languageWords(problem.language) });
    case 'blank-left':
      return w('problem.blank', { language: languageWords(problem.language), blank: problem.blank });
    case 'nobody':
      return w('problem.nobody');
    case 'link':
      return w('problem.link', { url: problem.url === '' ? '…' : problem.url });
    case 'place':
      return w('problem.place');
    case 'event':
      return w('problem.event');
    case 'expired':
      return w('problem.expired');
    case 'send-in-past':
      return w('problem.past');
    default:
      return assertNever(problem);
  }
}
