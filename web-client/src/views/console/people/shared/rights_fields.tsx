import { ROLES, type Role } from '../../../../model/session.ts';
import { p } from '../../../../words/console/people_words.ts';
import type { RightsForm, RightsProblem } from './rights.ts';

export interface RightsFieldsProps {
  readonly form: RightsForm;
  readonly problem: RightsProblem | null;
  readonly change: (change: Partial<RightsForm>) => void;
}

/** What somebody may do, whose bulletins they read, and where they talk. */
export function RightsFields({ form, problem, change }: RightsFieldsProps) {
  const turn = (role: Role, isOn: boolean): void => {
    change({ roles: ROLES.filter((each) => (each === role ? isOn : form.roles.includes(each))) });
  };
  const isBadIn = (text: string): boolean => problem?.kind === 'bad-label' && text.includes(problem.label);
  return (
    <>
      <fieldset class="choices choices-roles">
        <legend class="field-label">{p('rights.roles')}</legend>
        {ROLES.map((role) => (
          <label class="choice" key={role}>
            <input
              type="checkbox"
              name="role"
              value={role}
              checked={form.roles.includes(role)}
              onChange={(event) => turn(role, event.currentTarget.checked)}
            />
            <span>
              {p(`role.${role}`)} <small class="hint">{p(`role.${role}.about`)}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <label class="field">
        <span class="field-label">{p('rights.regions')}</span>
        <input
          type="text"
          autoComplete="off"
          spellcheck={false}
          value={form.regions}
          aria-invalid={isBadIn(form.regions)}
          onInput={(event) => change({ regions: event.currentTarget.value })}
        />
        <small class="hint">{p('rights.regions.about')}</small>
      </label>
      <label class="field">
        <span class="field-label">{p('rights.teams')}</span>
        <input
          type="text"
          autoComplete="off"
          spellcheck={false}
          value={form.teams}
          aria-invalid={isBadIn(form.teams)}
          onInput={(event) => change({ teams: event.currentTarget.value })}
        />
        <small class="hint">{p('rights.teams.about')}</small>
      </label>
      {problem !== null && (
        <p class="problem" role="alert">
          {problemWords(problem)}
        </p>
      )}
    </>
  );
}

function problemWords(problem: RightsProblem): string {
  switch (problem.kind) {
    case 'no-role':
      return p('rights.problem.no_role');
    case 'bad-label':
      return p('rights.problem.label', { label: problem.label });
    case 'too-many':
      return p('rights.problem.too_many');
  }
}
