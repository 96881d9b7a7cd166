// What a browser loads before the activists' app is on the screen: the page, and all that it asks for at once.
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

// An installed app's manifest and icon come when it is installed.
const linked = (html) =>
  [...html.matchAll(/<(?:script|link)\b[^>]*?\b(?:src|href)="(\/[^"]+)"/g)]
    .filter(([tag]) => !/rel="(?:manifest|apple-touch-icon)"/.test(tag))
    .map(([, path]) => path);
const importedStatically = (path, code) =>
  [...code.matchAll(/(?:\bfrom|\bimport)\s*"(\.[^"]+\.js)"/g)].map(([, to]) => posix.join(posix.dirname(path), to));

/** The app's words, a file for each language. */
export function everyWord(dist) {
  return readdirSync(join(dist, 'assets')).filter((name) => /^words-.*\.js$/.test(name)).map((name) => `/assets/${name}`);
}

/** The contents of each file under its path, `/index.html` first, without the words: of these, a reader needs one language's. */
export function firstLoad(dist) {
  const files = new Map([['/index.html', readFileSync(join(dist, 'index.html'))]]);
  const waiting = linked(files.get('/index.html').toString());
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (files.has(path)) continue;
    const bytes = readFileSync(join(dist, path));
    files.set(path, bytes);
    if (path.endsWith('.js')) waiting.push(...importedStatically(path, bytes.toString()));
  }
  return files;
}
