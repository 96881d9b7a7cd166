import { defineConfig } from '@playwright/test';

const ALONE = /(flood|slow_phone)\.spec\.ts$/;

export default defineConfig({
  testDir: 'e2e',
  // Each test runs its own server, and most of a test is waiting: two at once fill the reference machine's two cores.
  workers: 2,
  projects: [
    { name: 'together', testIgnore: ALONE },
    // What floods the machine, or measures on it, has it to itself: `npm run e2e` runs one project after the other.
    { name: 'alone', testMatch: ALONE, workers: 1 },
  ],
  retries: 0,
  // Patience, not a goal: a machine half as fast as the reference one takes twice as long for the longest.
  timeout: 180_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  use: {
    launchOptions: {
      executablePath: process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-background-networking'],
    },
    locale: 'en-GB',
    timezoneId: 'Europe/London',
    actionTimeout: 20_000,
    trace: { mode: 'retain-on-failure', screenshots: false },
  },
});
