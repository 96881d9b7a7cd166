import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'e2e',
  // The reference machine has two cores, and each test runs its own server.
  workers: 1,
  retries: 0,
  timeout: 90_000,
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
