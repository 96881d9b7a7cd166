import { signal, type ReadonlySignal } from '@preact/signals';
import type { ApiAnswer, Failure } from '../../../../account/api.ts';
import type { Device, DeviceList, Member, MemberEdit } from '../../../../protocol/api.gen.ts';
import { formOf, readRights, type RightsForm, type RightsProblem } from '../shared/rights.ts';

export interface MemberActions {
  read(id: string): Promise<ApiAnswer<Member>>;
  edit(id: string, edit: MemberEdit, tag: string): Promise<ApiAnswer<Member>>;
  devices(id: string): Promise<ApiAnswer<DeviceList>>;
  signOut(id: string, device: string): Promise<ApiAnswer<null>>;
  signOutEverywhere(id: string): Promise<ApiAnswer<null>>;
  erase(id: string): Promise<ApiAnswer<null>>;
}

export type OneMember =
  | { readonly kind: 'loading' }
  | { readonly kind: 'shown'; readonly member: Member; readonly tag: string }
  | { readonly kind: 'erased' }
  | { readonly kind: 'failed'; readonly why: Failure };

export type Devices =
  | { readonly kind: 'loading' }
  | { readonly kind: 'listed'; readonly devices: readonly Device[] }
  | { readonly kind: 'failed'; readonly why: Failure };

/** What became of the last thing that was asked for. */
export type Doing =
  | { readonly kind: 'idle' }
  | { readonly kind: 'working' }
  | { readonly kind: 'done'; readonly what: 'admitted' | 'saved' | 'signed-out' | 'signed-out-everywhere' }
  /** Somebody was faster: what is shown now is theirs, and the form has not been saved. */
  | { readonly kind: 'overtaken' }
  | { readonly kind: 'problem'; readonly problem: RightsProblem }
  | { readonly kind: 'failed'; readonly why: Failure };

const NO_RIGHTS: RightsForm = { roles: [], regions: '', teams: '' };

/** One member, as an admin sees and changes them. */
export class MemberModel {
  readonly member: ReadonlySignal<OneMember>;
  readonly devices: ReadonlySignal<Devices>;
  readonly form: ReadonlySignal<RightsForm>;
  readonly doing: ReadonlySignal<Doing>;
  readonly id: string;

  readonly #actions: MemberActions;
  readonly #changed: (member: Member) => void;
  readonly #erased: (id: string) => void;
  readonly #member = signal<OneMember>({ kind: 'loading' });
  readonly #devices = signal<Devices>({ kind: 'loading' });
  readonly #form = signal<RightsForm>(NO_RIGHTS);
  readonly #doing = signal<Doing>({ kind: 'idle' });

  constructor(id: string, actions: MemberActions, told: { changed(member: Member): void; erased(id: string): void }) {
    this.id = id;
    this.#actions = actions;
    this.#changed = (member) => told.changed(member);
    this.#erased = (gone) => told.erased(gone);
    this.member = this.#member;
    this.devices = this.#devices;
    this.form = this.#form;
    this.doing = this.#doing;
  }

  async load(): Promise<void> {
    this.#member.value = { kind: 'loading' };
    const [answer] = await Promise.all([this.#actions.read(this.id), this.#readDevices()]);
    if (answer.kind === 'ok') this.#form.value = formOf(answer.value);
    this.#show(answer);
  }

  write(change: Partial<RightsForm>): void {
    this.#form.value = { ...this.#form.value, ...change };
    if (this.#doing.value.kind !== 'overtaken') this.#doing.value = { kind: 'idle' };
  }

  /** The form says again what the member may now. */
  reset(): void {
    const shown = this.#member.value;
    if (shown.kind === 'shown') this.#form.value = formOf(shown.member);
    this.#doing.value = { kind: 'idle' };
  }

  async save(): Promise<void> {
    const read = readRights(this.#form.value);
    if (read.kind === 'problem') {
      this.#doing.value = read;
      return;
    }
    if (await this.#edit(read.rights, 'saved')) this.reset();
    else return;
    this.#doing.value = { kind: 'done', what: 'saved' };
  }

  /** Lets somebody in who waits for it. */
  async admit(): Promise<void> {
    if (await this.#edit({ standing: 'active' }, 'admitted')) this.reset();
    else return;
    this.#doing.value = { kind: 'done', what: 'admitted' };
  }

  async signOut(device: string): Promise<void> {
    await this.#do(() => this.#actions.signOut(this.id, device), 'signed-out');
  }

  async signOutEverywhere(): Promise<void> {
    await this.#do(() => this.#actions.signOutEverywhere(this.id), 'signed-out-everywhere');
  }

  async erase(): Promise<void> {
    if (!this.#begin()) return;
    const answer = await this.#actions.erase(this.id);
    // Whom somebody else erased meanwhile is gone as well.
    if (answer.kind === 'ok' || answer.why === 'member_unknown') {
      this.#doing.value = { kind: 'idle' };
      this.#member.value = { kind: 'erased' };
      this.#erased(this.id);
    } else this.#doing.value = { kind: 'failed', why: answer.why };
  }

  async #do(act: () => Promise<ApiAnswer<null>>, what: 'signed-out' | 'signed-out-everywhere'): Promise<void> {
    if (!this.#begin()) return;
    const answer = await act();
    // A device that is signed out already is not found.
    const isDone = answer.kind === 'ok' || answer.why === 'not_found';
    this.#doing.value = isDone ? { kind: 'done', what } : { kind: 'failed', why: answer.why };
    await this.#refresh();
  }

  /** `true`: it is changed. */
  async #edit(edit: MemberEdit, what: 'admitted' | 'saved'): Promise<boolean> {
    const shown = this.#member.value;
    if (shown.kind !== 'shown' || !this.#begin()) return false;
    const answer = await this.#actions.edit(this.id, edit, shown.tag);
    if (answer.kind === 'ok') {
      this.#show(answer);
      return true;
    }
    if (answer.why === 'changed_meanwhile') {
      await this.#refresh();
      this.#doing.value = { kind: 'overtaken' };
    } else if (answer.why === 'member_unknown') {
      this.#doing.value = { kind: 'idle' };
      this.#show(answer);
    } else {
      this.#doing.value = { kind: 'failed', why: answer.why };
    }
    // Whoever was let in by another meanwhile is in.
    const now = this.#member.value;
    return what === 'admitted' && now.kind === 'shown' && now.member.standing === 'active' && answer.why === 'changed_meanwhile';
  }

  #begin(): boolean {
    if (this.#doing.value.kind === 'working') return false;
    this.#doing.value = { kind: 'working' };
    return true;
  }

  async #refresh(): Promise<void> {
    const [answer] = await Promise.all([this.#actions.read(this.id), this.#readDevices()]);
    this.#show(answer);
  }

  #show(answer: ApiAnswer<Member>): void {
    if (answer.kind === 'ok') {
      this.#member.value = { kind: 'shown', member: answer.value, tag: answer.tag ?? `"${answer.value.revision}"` };
      this.#changed(answer.value);
    } else if (answer.why === 'member_unknown' || this.#member.value.kind !== 'shown') {
      this.#member.value = { kind: 'failed', why: answer.why };
    }
  }

  async #readDevices(): Promise<void> {
    const answer = await this.#actions.devices(this.id);
    this.#devices.value =
      answer.kind === 'ok' ? { kind: 'listed', devices: answer.value.devices } : { kind: 'failed', why: answer.why };
  }
}
