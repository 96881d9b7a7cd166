import type { Role } from '../../../../model/session.ts';
import { labelsText, readLabels } from './labels.ts';

/** Roles, regions and teams as they stand in a form. */
export interface RightsForm {
  readonly roles: readonly Role[];
  readonly regions: string;
  readonly teams: string;
}

export interface Rights {
  readonly roles: Role[];
  readonly regions: string[];
  readonly teams: string[];
}

export type RightsProblem =
  | { readonly kind: 'bad-label'; readonly label: string }
  | { readonly kind: 'no-role' }
  | { readonly kind: 'too-many' };

export type ReadRights = { readonly kind: 'problem'; readonly problem: RightsProblem } | { readonly kind: 'rights'; readonly rights: Rights };

export function formOf({ roles, regions, teams }: Rights): RightsForm {
  return { roles, regions: labelsText(regions), teams: labelsText(teams) };
}

/** The same questions as the service asks, so that they are answered where the words are typed. */
export function readRights(form: RightsForm): ReadRights {
  if (form.roles.length === 0) return { kind: 'problem', problem: { kind: 'no-role' } };
  const regions = readLabels(form.regions);
  const teams = readLabels(form.teams);
  for (const read of [regions, teams]) {
    if (read.kind === 'bad') return { kind: 'problem', problem: { kind: 'bad-label', label: read.label } };
    if (read.kind === 'too-many') return { kind: 'problem', problem: { kind: 'too-many' } };
  }
  const labelsOf = (read: typeof regions): string[] => (read.kind === 'labels' ? [...read.labels] : []);
  return { kind: 'rights', rights: { roles: [...form.roles], regions: labelsOf(regions), teams: labelsOf(teams) } };
}
