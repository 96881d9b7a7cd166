import type { BrowserAddress, PushAbility } from '../model/push.ts';
import type { BrowserPush } from '../platform/push.ts';

/** A browser's notifications as a test has them: it gives a new address each time, as long as it gives any. */
export class FakeBrowserPush implements BrowserPush {
  has: BrowserAddress | null = null;
  stands: PushAbility = 'granted';
  /** What its reader will answer. */
  answer: PushAbility = 'granted';
  givesAddresses = true;
  spoken: string | null = null;
  #given = 0;

  ability(): PushAbility {
    return this.stands;
  }

  async ask(): Promise<PushAbility> {
    this.stands = this.answer;
    return this.stands;
  }

  async address(): Promise<BrowserAddress | null> {
    return this.has;
  }

  async take(publicKey: string): Promise<BrowserAddress | null> {
    if (!this.givesAddresses) return null;
    this.#given += 1;
    this.has = { endpoint: `https://push.example/${this.#given}`, keys: { p256dh: 'p', auth: 'a' }, madeFor: publicKey };
    return this.has;
  }

  async giveBack(): Promise<void> {
    this.has = null;
  }

  async tidy(): Promise<void> {}

  async speak(language: string | null): Promise<void> {
    this.spoken = language;
  }
}
