// Writes `.br` and `.gz` beside each text of the bundle, once and as small as it goes, so that the server never has to.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const TEXTS = new Set(['.css', '.html', '.js', '.svg', '.webmanifest']);
const dist = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');

const brotli = (bytes) =>
  brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
const gzip = (bytes) => gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION });

for (const name of readdirSync(dist, { recursive: true })) {
  if (!TEXTS.has(extname(name))) continue;
  const path = join(dist, name);
  const plain = readFileSync(path);
  for (const [suffix, compress] of [['.br', brotli], ['.gz', gzip]]) {
    const packed = compress(plain);
    if (packed.length < plain.length) writeFileSync(path + suffix, packed);
  }
}
