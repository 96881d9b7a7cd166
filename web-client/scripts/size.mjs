// Fails when the first load of the activists' app, or its service worker, outgrows an old phone on a slow network.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { everyWord, firstLoad } from './first_load.mjs';

const LIMIT_BYTES = 60_000;
const WORKER_LIMIT_BYTES = 10_000;
const dist = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');

const files = firstLoad(dist);
const measured = (path, bytes) => {
  const size = brotliCompressSync(bytes).length;
  console.log(`${String(size).padStart(7)}  ${path}`);
  return size;
};
let total = 0;
for (const [path, bytes] of files) total += measured(path, bytes);
// The reader's own language, which may be the longer one.
total += Math.max(...everyWord(dist).map((path) => measured(path, readFileSync(join(dist, path)))));
console.log(`${String(total).padStart(7)}  first load, brotli, of ${LIMIT_BYTES} allowed`);
const worker = brotliCompressSync(readFileSync(join(dist, 'sw.js'))).length;
console.log(`${String(worker).padStart(7)}  service worker, brotli, of ${WORKER_LIMIT_BYTES} allowed`);

// The console's own words betray its code, whatever the chunk is called.
const consoleWords = JSON.parse(readFileSync(join(dist, '..', 'src', 'words', 'console.en.json'), 'utf8'));
const strays = [...files].filter(([, bytes]) => bytes.toString().includes(consoleWords['link.down'])).map(([path]) => path);
if (strays.length > 0) {
  console.error(`The console leaked into the first load: ${strays.join(', ')}`);
  process.exitCode = 1;
}
if (total > LIMIT_BYTES || worker > WORKER_LIMIT_BYTES) {
  console.error('The first load, or the service worker, is over its budget.');
  process.exitCode = 1;
}
