import { signal, type ReadonlySignal } from '@preact/signals';
import type { InviteAnswer, InviteWish } from '../../../../account/invites.ts';
import type { Role } from '../../../../model/session.ts';
import type { CreatedInvite, InviteRow } from '../../../../protocol/parse_invite.ts';

export interface InviteActions {
  create(wish: InviteWish): Promise<InviteAnswer<CreatedInvite>>;
  list(): Promise<InviteAnswer<readonly InviteRow[]>>;
  revoke(id: string): Promise<InviteAnswer<null>>;
}

export type Failure = Extract<InviteAnswer<never>, { kind: 'failed' }>['why'];

export type Making =
  | { readonly kind: 'idle' }
  | { readonly kind: 'working' }
  | { readonly kind: 'made'; readonly invite: CreatedInvite }
  | { readonly kind: 'failed'; readonly why: Failure };

export type Listing =
  | { readonly kind: 'loading' }
  | { readonly kind: 'rows'; readonly rows: readonly InviteRow[]; readonly asOf: number }
  | { readonly kind: 'failed'; readonly why: Failure };

export type Preset = 'activist' | 'organiser';

/** An organiser posts what was not agreed by others too; who approves is for the admins to say. */
export const PRESET_ROLES = {
  activist: ['activist'],
  organiser: ['activist', 'sender'],
} as const satisfies { [P in Preset]: readonly Role[] };

/** What an invite makes of people, in one word. */
export function inviteeOf(roles: readonly Role[]): Preset | 'admin' {
  if (roles.includes('admin')) return 'admin';
  return roles.includes('sender') || roles.includes('approver') ? 'organiser' : 'activist';
}

export class InvitesModel {
  readonly making: ReadonlySignal<Making>;
  readonly listing: ReadonlySignal<Listing>;
  readonly #actions: InviteActions;
  readonly #now: () => number;
  readonly #making = signal<Making>({ kind: 'idle' });
  readonly #listing = signal<Listing>({ kind: 'loading' });

  constructor(actions: InviteActions, now: () => number) {
    this.#actions = actions;
    this.#now = now;
    this.making = this.#making;
    this.listing = this.#listing;
  }

  async create(preset: Preset, maxUses: number, expiresInS: number): Promise<void> {
    if (this.#making.value.kind === 'working') return;
    this.#making.value = { kind: 'working' };
    const answer = await this.#actions.create({ roles: PRESET_ROLES[preset], maxUses, expiresInS });
    this.#making.value = answer.kind === 'ok' ? { kind: 'made', invite: answer.value } : answer;
    if (answer.kind === 'ok') await this.refresh();
  }

  async refresh(): Promise<void> {
    const answer = await this.#actions.list();
    this.#listing.value = answer.kind === 'ok' ? { kind: 'rows', rows: answer.value, asOf: this.#now() } : answer;
  }

  async revoke(id: string): Promise<void> {
    const answer = await this.#actions.revoke(id);
    if (answer.kind === 'failed') this.#listing.value = answer;
    else await this.refresh();
  }
}
