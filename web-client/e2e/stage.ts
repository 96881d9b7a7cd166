import { expect, type Browser, type BrowserContext, type Page } from '@playwright/test';
import type { Language } from '../src/model/bulletin.ts';
import { Authenticator, confirmsByItself } from './authenticator.ts';
import { CampaignApi } from './campaign_api.ts';
import { CANVASS_DAY } from './canvass_day.ts';
import { Holdfast, NEVER_PRESSED } from './holdfast.ts';
import { VIEWPORT_OF, type Entry, type Screen, type Theme } from './screens.ts';
import { VIEWPORTS, expectState, join, joinAsFirstAdmin, makeInvite } from './test.ts';

const MEDIA = {
  light: { colorScheme: 'light', contrast: 'no-preference' },
  dark: { colorScheme: 'dark', contrast: 'no-preference' },
  contrast: { colorScheme: 'light', contrast: 'more' },
} as const satisfies Record<Theme, object>;

/** One server with a campaign's morning on it, and one page of each entry, for all that is looked at. */
export class Stage {
  /** What the pages said is wrong, and what they asked of others. */
  readonly wrong: string[] = [];
  readonly #holdfast: Holdfast;
  readonly #pages = new Map<Entry, Page>();
  readonly #contexts: BrowserContext[] = [];
  #incident = '';

  static async set(browser: Browser): Promise<Stage> {
    const stage = new Stage(await Holdfast.start([...NEVER_PRESSED, '--push-contact', 'mailto:ops@example.org']));
    try {
      await stage.#set(browser);
      return stage;
    } catch (error) {
      await stage.clear();
      throw error;
    }
  }

  private constructor(holdfast: Holdfast) {
    this.#holdfast = holdfast;
  }

  /** A screen in a language, once it is there. */
  async show(screen: Screen, language: Language): Promise<Page> {
    const page = this.page(screen.entry);
    const address = screen.address.replace('{incident}', this.#incident);
    if (screen.entry === 'stranger') await page.goto(`${this.#holdfast.origin}${address}`);
    else await page.evaluate((hash) => (location.hash = hash), address);
    await page.locator(`button[lang=${language}]`).first().click();
    await expect(page.locator('html')).toHaveAttribute('lang', language);
    await expect(page.locator(screen.ready ?? 'h1').first(), screen.name).toBeVisible();
    await page.mouse.move(0, 0);
    return page;
  }

  page(entry: Entry): Page {
    const page = this.#pages.get(entry);
    if (page === undefined) throw new Error(`nobody looks as ${entry}`);
    return page;
  }

  async inTheme(page: Page, theme: Theme): Promise<void> {
    // Without motion the colours are the new ones at once.
    await page.emulateMedia({ ...MEDIA[theme], reducedMotion: 'reduce' });
  }

  async clear(): Promise<void> {
    for (const context of this.#contexts) await context.close();
    await this.#holdfast.remove();
  }

  async #set(browser: Browser): Promise<void> {
    const campaign = new CampaignApi(this.#holdfast);
    for (const entry of ['app', 'console', 'stranger'] as const) this.#pages.set(entry, await this.#open(browser, entry));
    const admin = this.page('console');
    await joinAsFirstAdmin(admin, this.#holdfast);
    const member = this.page('app');
    await join(member, await makeInvite(admin));
    await expectState(member, 'Live');
    for (const { en, cy } of CANVASS_DAY) await campaign.sends({ texts: { en, ...(cy === undefined ? {} : { cy }) } });
    // A record opens by an order, too.
    await campaign.asks('admin', 'PUT', '/v1/posture', { posture: 'under_attack', why: 'An exercise.', expires_in_s: 600 });
    await expect.poll(async () => (this.#incident = await this.#openIncident(campaign))).not.toBe('');
    await campaign.asks('admin', 'POST', `/v1/incidents/${this.#incident}/notes`, { text: 'Told.', to: 'the provider' });
    await campaign.asks('admin', 'DELETE', '/v1/posture');
  }

  async #openIncident(campaign: CampaignApi): Promise<string> {
    const answer: unknown = await campaign.asks('admin', 'GET', '/v1/incidents');
    const list = answer as { incidents: { id: string }[] };
    return list.incidents[0]?.id ?? '';
  }

  async #open(browser: Browser, entry: Entry): Promise<Page> {
    const viewport = VIEWPORT_OF[entry];
    const context = await browser.newContext({ viewport: VIEWPORTS[viewport], hasTouch: viewport === 'phone' });
    this.#contexts.push(context);
    const page = await context.newPage();
    await Authenticator.of(page);
    await confirmsByItself(page);
    const note = (what: string): void => void this.wrong.push(`${entry} ${new URL(page.url()).hash}: ${what}`);
    page.on('pageerror', (error) => note(`script error: ${error.message}`));
    page.on('console', (message) => {
      if (/Content Security Policy|TrustedHTML|TrustedScript/.test(message.text())) note(message.text());
    });
    page.on('request', (request) => {
      const { protocol, host } = new URL(request.url());
      const isOurs = host === new URL(this.#holdfast.origin).host || protocol === 'blob:' || protocol === 'data:';
      if (!isOurs) note(`asked elsewhere: ${request.url()}`);
    });
    page.on('websocket', (socket) => {
      if (new URL(socket.url()).host !== new URL(this.#holdfast.origin).host) note(`a socket elsewhere: ${socket.url()}`);
    });
    return page;
  }
}
