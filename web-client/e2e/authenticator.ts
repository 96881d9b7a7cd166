import type { CDPSession, Page } from '@playwright/test';

/** In either language: the first passkey, and being asked for it again. */
const BUTTON = /^(Make the passkey|Gwneud yr allwedd|Use my passkey|Defnyddio fy allwedd)$/;

/** Chromium's own stand-in for what keeps passkeys in a phone or a laptop, one for each page. */
export class Authenticator {
  readonly #session: CDPSession;
  readonly #id: string;

  static async of(page: Page, transport: 'internal' | 'usb' = 'internal'): Promise<Authenticator> {
    const session = await page.context().newCDPSession(page);
    await session.send('WebAuthn.enable');
    const options = {
      protocol: 'ctap2',
      transport,
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    } as const;
    const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', { options });
    return new Authenticator(session, authenticatorId);
  }

  private constructor(session: CDPSession, id: string) {
    this.#session = session;
    this.#id = id;
  }

  /** Whether its owner shows that it is them; who does not has cancelled. */
  async ownerAgrees(agrees: boolean): Promise<void> {
    await this.#session.send('WebAuthn.setUserVerified', { authenticatorId: this.#id, isUserVerified: agrees });
  }

  async passkeys(): Promise<number> {
    const { credentials } = await this.#session.send('WebAuthn.getCredentials', { authenticatorId: this.#id });
    return credentials.length;
  }
}

/** Whenever the page asks for a passkey, its owner has one and shows it: before whatever the test looks for next. */
export async function confirmsByItself(page: Page): Promise<void> {
  const button = page.getByRole('button', { name: BUTTON });
  await page.addLocatorHandler(button, async () => button.click());
}
