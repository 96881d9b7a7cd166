import { useState } from 'preact/hooks';
import { assertNever } from '../../../model/assert_never.ts';
import { LABEL, PLACES_MAX } from '../../../model/desk.ts';
import { ROLES } from '../../../model/session.ts';
import { w } from '../../../words/console/compose_words.ts';
import { asOfWords } from '../../../words/times.ts';
import { formatNumber, language } from '../../../words/translator.ts';
import { failureWords } from '../../shared/failure_words.ts';
import type { ComposeModel } from './compose_model.ts';
import type { Counting } from './head_count.ts';

export interface Places {
  readonly regions: readonly string[];
  readonly teams: readonly string[];
}

export interface AudienceFieldsProps {
  readonly model: ComposeModel;
  readonly counting: Counting;
  /** Those whose names this page has come across. */
  readonly known: Places;
  readonly now: number;
}

/** Whom it is for, and how many that are. */
export function AudienceFields({ model, counting, known, now }: AudienceFieldsProps) {
  const { audience, draft, kind } = model.desk.value;
  const isCorrection = draft?.corrects != null;
  const isSome = audience.scope === 'some';
  const names = audience.regions.length + audience.teams.length;
  return (
    <fieldset class="desk-part" disabled={isCorrection}>
      <legend>{w('audience')}</legend>
      {isCorrection && <p class="hint">{w('audience.correction')}</p>}
      <div class="choices">
        {(['everyone', 'some'] as const).map((each) => (
          <label class="choice" key={each}>
            <input
              type="radio"
              name="scope"
              value={each}
              checked={audience.scope === each}
              onChange={() => model.address({ scope: each })}
            />
            <span>{w(`audience.${each}`)}</span>
          </label>
        ))}
        {kind === 'test' && !audience.teams.includes('test') && (
          <button type="button" class="button button-quiet" onClick={() => model.address({ scope: 'some', regions: [], teams: ['test'], roles: [] })}>
            {w('audience.test_team')}
          </button>
        )}
      </div>
      {isSome && audience.notReached !== null && (
        <p class="desk-follow">
          {w(`audience.not_reached.${audience.notReached.stage}`)}{' '}
          <a href={`#bulletins/${audience.notReached.bulletin}`}>{w('audience.not_reached.which')}</a>{' '}
          <button type="button" class="button button-quiet" onClick={() => model.address({ notReached: null })}>
            {w('audience.not_reached.drop')}
          </button>
        </p>
      )}
      {isSome && (
        <div class="desk-pair">
          {(['regions', 'teams'] as const).map((each) => (
            <Names
              key={each}
              sort={each}
              names={audience[each]}
              known={known[each]}
              isFull={names >= PLACES_MAX}
              change={(chosen) => model.address({ [each]: chosen })}
            />
          ))}
        </div>
      )}
      {isSome && (
        <fieldset class="choices">
          <legend class="field-label">{w('audience.roles')}</legend>
          {ROLES.map((role) => (
            <label class="choice" key={role}>
              <input
                type="checkbox"
                checked={audience.roles.includes(role)}
                onChange={(event) => model.address({ roles: ROLES.filter((each) => (each === role ? event.currentTarget.checked : audience.roles.includes(each))) })}
              />
              <span>{w(`role.${role}`)}</span>
            </label>
          ))}
        </fieldset>
      )}
      <p class="desk-count">
        <span role="status">{countWords(counting)}</span>
        {counting.kind === 'counted' && w('count.as_of', { time: asOfWords(counting.asOf, now) })}
      </p>
    </fieldset>
  );
}

interface NamesProps {
  readonly sort: 'regions' | 'teams';
  readonly names: readonly string[];
  readonly known: readonly string[];
  readonly isFull: boolean;
  readonly change: (names: readonly string[]) => void;
}

function Names({ sort, names, known, isFull, change }: NamesProps) {
  const [typed, type] = useState('');
  const name = typed.trim();
  const isOdd = name !== '' && !LABEL.test(name);
  const add = (): void => {
    if (name === '' || isOdd || isFull) return;
    if (!names.includes(name)) change([...names, name]);
    type('');
  };
  return (
    <div class="field">
      <label class="field-label" for={`names-${sort}`}>
        {w(`audience.${sort}`)}
      </label>
      <div class="desk-add">
        <input
          id={`names-${sort}`}
          type="text"
          value={typed}
          list={`known-${sort}`}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          aria-invalid={isOdd}
          aria-describedby={`names-${sort}-hint`}
          onInput={(event) => type(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            add();
          }}
        />
        <button type="button" class="button button-quiet" aria-label={w(`audience.${sort}.add`)} onClick={add}>
          {w('audience.add')}
        </button>
      </div>
      <datalist id={`known-${sort}`}>
        {known.filter((each) => !names.includes(each)).map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <p class="hint" id={`names-${sort}-hint`}>
        {isOdd ? w('audience.odd') : w(`audience.${sort}.hint`)}
      </p>
      {names.length > 0 && (
        <ul class="desk-chips">
          {names.map((each) => (
            <li key={each}>
              <button type="button" class="desk-chip" aria-label={w('audience.remove', { name: each })} onClick={() => change(names.filter((other) => other !== each))}>
                {each} <span aria-hidden="true">×</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Without the time, which would be read out each minute. */
function countWords(counting: Counting): string {
  switch (counting.kind) {
    case 'nobody':
      return w('count.nobody');
    case 'counting':
      return w('count.counting');
    case 'counted': {
      const { audience, members } = counting.count;
      const of = formatNumber(members, language.value);
      return w.counted('count.counted', audience, { of });
    }
    case 'failed':
      return w('count.failed', { why: failureWords(counting.why) });
    default:
      return assertNever(counting);
  }
}
