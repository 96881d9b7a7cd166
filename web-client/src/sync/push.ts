import type { ApiAnswer } from '../account/api.ts';
import type { PushAccount } from '../account/push.ts';
import type { KeptWish } from '../account/push_wish.ts';
import { choiceOf, NO_WISH, planOf, stateOf } from '../model/push.ts';
import type { BrowserAddress, PushAbility, PushFailure, PushState, PushWish, Reader } from '../model/push.ts';
import type { Clock } from '../platform/clock.ts';
import type { BrowserPush } from '../platform/push.ts';

export interface PushSnapshot {
  readonly state: PushState;
  readonly wish: PushWish;
  readonly isWorking: boolean;
}

export interface PushSyncParts {
  readonly account: Pick<PushAccount, 'forget' | 'read' | 'tell'>;
  readonly browser: BrowserPush;
  readonly clock: Clock;
  readonly random: () => number;
  readonly kept: () => KeptWish | null;
  readonly keep: (kept: KeptWish | null) => void;
  readonly reader: () => Reader;
  /** Whether somebody would be offered notifications, who has not said what they want. */
  readonly isOffering: () => boolean;
  readonly changed: (snapshot: PushSnapshot) => void;
}

type Failed = Extract<ApiAnswer<never>, { kind: 'failed' }>;

/** All phones come back at once after an outage, and do not ask about notifications at once. */
const SPREAD_MS = 5_000;
/** Before the service is told again, after it could not be. */
const RETRY_MS = 30_000;

/**
 * Brings into agreement what a member wants of notifications, the address that the browser has, and what the service knows: at
 * each load, and when any of them changes. One thing after the other, and once for many changes.
 */
export class PushSync {
  readonly #parts: PushSyncParts;
  #member: string | null = null;
  #state: PushState = { kind: 'none' };
  /** Somebody looked at how it stands. */
  #isLookedAt = false;
  #isDue = false;
  #isConnected = false;
  #isWorking = false;
  #again = false;
  #cancel: (() => void) | null = null;

  constructor(parts: PushSyncParts) {
    this.#parts = parts;
  }

  /** `null`: this device belongs to nobody any more, and what the browser has goes. */
  memberChanged(member: string | null): void {
    this.#member = member;
    this.#state = { kind: 'none' };
    this.#isDue = true;
    if (member === null) void this.#settle();
    else this.#shortly(SPREAD_MS);
  }

  connectionChanged(isConnected: boolean): void {
    this.#isConnected = isConnected;
    // What is waited for already was said by the service, or is soon.
    if (isConnected && this.#isDue && this.#cancel === null) this.#shortly(SPREAD_MS);
  }

  /** The language or the quiet hours are others. Who wants no notifications need not say so; what comes shortly says it too. */
  readerChanged(): void {
    if (this.#wish.isOn && this.#cancel === null) void this.#settle();
  }

  /** Somebody looks at how it stands. */
  async look(): Promise<void> {
    this.#isLookedAt = true;
    await this.#settle();
  }

  /** Only on a click: the browser may ask. */
  async turnOn(): Promise<void> {
    const member = this.#member;
    const { browser } = this.#parts;
    const ability = browser.ability() === 'default' ? await browser.ask() : browser.ability();
    if (member === null || member !== this.#member) return;
    if (ability === 'granted') this.#wishes({ ...this.#wish, isOn: true });
    await this.look();
  }

  async turnOff(): Promise<void> {
    await this.choose({ isOn: false });
  }

  async choose(chosen: Partial<PushWish>): Promise<void> {
    this.#wishes({ ...this.#wish, ...chosen });
    await this.look();
  }

  get #wish(): PushWish {
    const kept = this.#parts.kept();
    return kept !== null && kept.of === this.#member ? kept.wish : NO_WISH;
  }

  #wishes(wish: PushWish): void {
    if (this.#member === null) return;
    const kept = this.#parts.kept();
    this.#parts.keep({ of: this.#member, wish, told: kept?.of === this.#member ? kept.told : null });
    this.#tell();
  }

  #shortly(withinMs: number): void {
    this.#cancel?.();
    this.#cancel = this.#parts.clock.after(this.#parts.random() * withinMs, () => {
      this.#cancel = null;
      if (this.#isConnected) void this.#settle();
    });
  }

  async #settle(): Promise<void> {
    this.#cancel?.();
    this.#cancel = null;
    this.#again = true;
    if (this.#isWorking) return;
    this.#isWorking = true;
    while (this.#again) {
      this.#again = false;
      this.#tell();
      await this.#once().catch(() => this.#is({ kind: 'failed', why: 'browser' }));
    }
    this.#isWorking = false;
    this.#tell();
  }

  async #once(): Promise<void> {
    const { account, browser, kept, keep } = this.#parts;
    const member = this.#member;
    const before = kept();
    // Whatever the service says: who wants none any more, or is gone, has none.
    if (before !== null && !this.#wish.isOn) {
      await browser.giveBack();
      await browser.speak(null);
      if (before.of !== member) keep(null);
    }
    if (member === null) return this.#is({ kind: 'none' });
    const ability = browser.ability();
    if (!this.#asks(ability)) return this.#is({ kind: 'none' });
    const answer = await account.read();
    if (this.#member !== member) return;
    if (answer.kind === 'failed') return this.#later(answer);
    const { publicKey, isKnown } = answer.value;
    if (publicKey === null) return this.#is({ kind: 'none' });
    const address = await browser.address();
    const wish = this.#wish;
    const plan = planOf({ wish, ability, publicKey, isKnown, address, told: kept()?.told ?? null });
    if (plan.giveBack) await browser.giveBack();
    const taken = plan.take ? await browser.take(publicKey) : address;
    if (this.#member !== member) return;
    if (plan.forget) {
      const forgotten = await account.forget();
      if (forgotten.kind === 'failed') return this.#failed('unreachable', forgotten);
    }
    if (wish.isOn && ability === 'granted') return this.#say(member, wish, taken, isKnown);
    if (before?.of === member) keep({ of: member, wish: this.#wish, told: null });
    this.#is(stateOf(ability, wish));
  }

  /** The service is not asked about what nobody here wants to know. */
  #asks(ability: PushAbility): boolean {
    if (ability === 'none') return false;
    const couldBeOffered = ability === 'default' || ability === 'granted';
    const isUnfinished = (this.#parts.kept()?.told ?? null) !== null;
    return this.#wish.isOn || isUnfinished || this.#isLookedAt || (couldBeOffered && this.#parts.isOffering());
  }

  /** The service is told what is not what it was told before. */
  async #say(member: string, wish: PushWish, address: BrowserAddress | null, isKnown: boolean): Promise<void> {
    const { account, browser, kept, keep, reader } = this.#parts;
    if (address === null) return this.#is({ kind: 'failed', why: 'browser' });
    const { endpoint, keys } = address;
    const choice = choiceOf(wish, reader());
    const told = JSON.stringify({ endpoint, keys, choice });
    if (!isKnown || kept()?.told !== told) {
      const answer = await account.tell(address, choice);
      if (this.#member !== member) return;
      if (answer.kind === 'failed') return this.#failed(isRefusal(answer) ? 'refused' : 'unreachable', answer);
      keep({ of: member, wish: this.#wish, told });
    }
    this.#is({ kind: 'on' });
    await browser.speak(choice.language);
  }

  /** Where it cannot be said how it stands, it stands as it did. */
  #later({ askAgainMs }: Failed): void {
    this.#isDue = true;
    this.#cancel?.();
    const wait = Math.max(askAgainMs, RETRY_MS) * (1 + this.#parts.random());
    this.#cancel = this.#parts.clock.after(wait, () => {
      this.#cancel = null;
      if (this.#isConnected) void this.#settle();
    });
  }

  #failed(why: PushFailure, answer: Failed): void {
    this.#state = { kind: 'failed', why };
    if (why === 'unreachable') this.#later(answer);
  }

  #is(state: PushState): void {
    this.#state = state;
    this.#isDue = false;
  }

  #tell(): void {
    this.#parts.changed({ state: this.#state, wish: this.#wish, isWorking: this.#isWorking });
  }
}

/** The service has judged what it was told, and would judge it so again. */
function isRefusal({ why }: Failed): boolean {
  return why === 'push_endpoint_refused' || why === 'push_keys' || why === 'bad_request';
}
