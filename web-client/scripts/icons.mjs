// Makes the icons of the installed app from public/favicon.svg: `node scripts/icons.mjs`. What it makes is kept beside it.
import { chromium } from '@playwright/test';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'public');
const svg = readFileSync(join(folder, 'favicon.svg'), 'utf8');
// Phones cut a maskable icon to their own shape: no round corners, and the sign within the inner 80 %.
const maskable = svg.replace(' rx="14"', '').replace('<g ', '<g transform="translate(32 32) scale(.72) translate(-32 -32)" ');

const browser = await chromium.launch({ executablePath: process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
for (const [name, size, picture] of [
  ['icon-192', 192, svg],
  ['icon-512', 512, svg],
  ['icon-maskable-512', 512, maskable],
]) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:100vw;height:100vh}</style>${picture}`);
  writeFileSync(join(folder, `${name}.png`), await page.screenshot({ omitBackground: true }));
}
await browser.close();
