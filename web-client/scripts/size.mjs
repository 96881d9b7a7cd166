// Fails when the first load of the activists' app outgrows an old phone on a slow network.
import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';

const LIMIT_BYTES = 60_000;
const dist = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');

const referencedByHtml = (html) =>
  [...html.matchAll(/<(?:script|link)\b[^>]*?\b(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path);
const importedStatically = (path, code) =>
  [...code.matchAll(/(?:\bfrom|\bimport)\s*"(\.[^"]+\.js)"/g)].map(([, to]) => posix.join(posix.dirname(path), to));

const html = readFileSync(join(dist, 'index.html'), 'utf8');
const waiting = referencedByHtml(html);
const sizes = new Map([['/index.html', brotliCompressSync(html).length]]);
for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
  if (sizes.has(path)) continue;
  const bytes = readFileSync(join(dist, path));
  sizes.set(path, brotliCompressSync(bytes).length);
  if (path.endsWith('.js')) waiting.push(...importedStatically(path, bytes.toString()));
}

const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
for (const [path, size] of sizes) console.log(`${String(size).padStart(7)}  ${path}`);
console.log(`${String(total).padStart(7)}  first load, brotli, of ${LIMIT_BYTES} allowed`);
// The console's own words betray its code, whatever the chunk is called.
const consoleWords = JSON.parse(readFileSync(join(dist, '..', 'src', 'words', 'console.en.json'), 'utf8'));
const strays = [...sizes.keys()].filter((path) => readFileSync(join(dist, path), 'utf8').includes(consoleWords['link.down']));
if (strays.length > 0) {
  console.error(`The console leaked into the first load: ${strays.join(', ')}`);
  process.exitCode = 1;
}
if (total > LIMIT_BYTES) {
  console.error('The first load is over its budget.');
  process.exitCode = 1;
}
