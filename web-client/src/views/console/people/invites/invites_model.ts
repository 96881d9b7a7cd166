import { signal, type ReadonlySignal } from '@preact/signals';
import type { ApiAnswer, Failure } from '../../../../account/api.ts';
import type { Role } from '../../../../model/session.ts';
import type { Invite, InviteCreated, InviteList, InviteTerms } from '../../../../protocol/api.gen.ts';
import { formOf, readRights, type RightsForm, type RightsProblem } from '../shared/rights.ts';

export interface InviteActions {
  create(terms: InviteTerms, key: string): Promise<ApiAnswer<InviteCreated>>;
  list(after: string | null): Promise<ApiAnswer<InviteList>>;
  revoke(id: string): Promise<ApiAnswer<null>>;
}

export interface InvitesParts {
  readonly clock: { now(): number };
  readonly randomId: () => string;
}

export type Making =
  | { readonly kind: 'idle' }
  | { readonly kind: 'working' }
  | { readonly kind: 'made'; readonly invite: InviteCreated }
  | { readonly kind: 'problem'; readonly problem: RightsProblem }
  | { readonly kind: 'failed'; readonly why: Failure };

export type Listing =
  | { readonly kind: 'loading' }
  | { readonly kind: 'rows'; readonly rows: readonly Invite[]; readonly next: string | null; readonly asOf: number }
  | { readonly kind: 'failed'; readonly why: Failure };

export const PRESETS = ['activist', 'organiser', 'other'] as const;
export type Preset = (typeof PRESETS)[number];

/** An organiser posts what was not agreed by others too; who approves is for the admins to say. */
export const PRESET_ROLES = {
  activist: ['activist'],
  organiser: ['activist', 'sender'],
} as const satisfies { [P in Exclude<Preset, 'other'>]: readonly Role[] };

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;
export const LIFETIMES_S = [HOUR_S, DAY_S, 7 * DAY_S, 30 * DAY_S, 90 * DAY_S] as const;
export const MOST_USES = 100_000;

/** An invite as it stands in the form. */
export interface InviteForm extends RightsForm {
  readonly preset: Preset;
  readonly uses: string;
  readonly lifetimeS: number;
  readonly needsApproval: boolean;
}

const NEW_FORM: InviteForm = {
  preset: 'activist',
  roles: PRESET_ROLES.activist,
  regions: '',
  teams: '',
  uses: '50',
  lifetimeS: 7 * DAY_S,
  needsApproval: false,
};

/** What an invite makes of people, in one word. */
export function inviteeOf(roles: readonly Role[]): Exclude<Preset, 'other'> | 'admin' {
  if (roles.includes('admin')) return 'admin';
  return roles.includes('sender') || roles.includes('approver') ? 'organiser' : 'activist';
}

export class InvitesModel {
  readonly form: ReadonlySignal<InviteForm>;
  readonly making: ReadonlySignal<Making>;
  readonly listing: ReadonlySignal<Listing>;
  readonly #actions: InviteActions;
  readonly #parts: InvitesParts;
  readonly #form = signal<InviteForm>(NEW_FORM);
  readonly #making = signal<Making>({ kind: 'idle' });
  readonly #listing = signal<Listing>({ kind: 'loading' });
  /** The same for each try of one invite: a lost answer makes no second one. */
  #key: string;

  constructor(actions: InviteActions, parts: InvitesParts) {
    this.#actions = actions;
    this.#parts = parts;
    this.#key = parts.randomId();
    this.form = this.#form;
    this.making = this.#making;
    this.listing = this.#listing;
  }

  write(change: Partial<InviteForm>): void {
    this.#form.value = { ...this.#form.value, ...change };
    this.#key = this.#parts.randomId();
    if (this.#making.value.kind !== 'working') this.#making.value = { kind: 'idle' };
  }

  /** Fills in what such people usually get; the rest of the form stays. */
  choose(preset: Preset): void {
    if (preset === 'other') this.write({ preset });
    else this.write({ preset, roles: PRESET_ROLES[preset], uses: preset === 'activist' ? '50' : '1' });
  }

  async create(): Promise<void> {
    if (this.#making.value.kind === 'working') return;
    const { uses, lifetimeS, needsApproval, ...form } = this.#form.value;
    const read = readRights(form);
    if (read.kind === 'problem') {
      this.#making.value = read;
      return;
    }
    await this.#make({ ...read.rights, max_uses: Number(uses), expires_in_s: lifetimeS, needs_approval: needsApproval });
  }

  /** A new link for the same people as an invite that is there, which stays as it is. */
  async again(invite: Invite): Promise<void> {
    const isPreset = (preset: Exclude<Preset, 'other'>): boolean => same(PRESET_ROLES[preset], invite.roles);
    const preset = isPreset('activist') ? 'activist' : isPreset('organiser') ? 'organiser' : 'other';
    const { lifetimeS } = this.#form.value;
    this.write({ ...formOf(invite), preset, uses: String(invite.max_uses), lifetimeS, needsApproval: invite.needs_approval });
    await this.create();
  }

  async refresh(): Promise<void> {
    const answer = await this.#actions.list(null);
    this.#listing.value =
      answer.kind === 'ok'
        ? { kind: 'rows', rows: answer.value.invites, next: answer.value.next ?? null, asOf: this.#parts.clock.now() }
        : { kind: 'failed', why: answer.why };
  }

  async readOn(): Promise<void> {
    const before = this.#listing.value;
    if (before.kind !== 'rows' || before.next === null) return;
    const answer = await this.#actions.list(before.next);
    if (this.#listing.value !== before) return;
    this.#listing.value =
      answer.kind === 'ok'
        ? { ...before, rows: [...before.rows, ...answer.value.invites], next: answer.value.next ?? null }
        : { kind: 'failed', why: answer.why };
  }

  async revoke(id: string): Promise<void> {
    const answer = await this.#actions.revoke(id);
    if (answer.kind === 'failed' && answer.why !== 'invite_unknown') this.#listing.value = { kind: 'failed', why: answer.why };
    else await this.refresh();
  }

  async #make(terms: InviteTerms): Promise<void> {
    this.#making.value = { kind: 'working' };
    const answer = await this.#actions.create(terms, this.#key);
    this.#making.value = answer.kind === 'ok' ? { kind: 'made', invite: answer.value } : { kind: 'failed', why: answer.why };
    if (answer.kind === 'ok') {
      this.#key = this.#parts.randomId();
      await this.refresh();
    }
  }
}

function same(some: readonly Role[], others: readonly Role[]): boolean {
  return some.length === others.length && some.every((role) => others.includes(role));
}
