// The server's contract as the client reads it, and its fingerprint, by which a stale client is found.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const CONTRACT = fileURLToPath(new URL('../../../docs/openapi.json', import.meta.url));

/**
 * Counts and times fit a JavaScript number, so no `int64` becomes a `bigint`; and what a later server says besides is
 * ignored, so nothing is closed to further fields. What a map holds stands in its place, because of a map that only
 * names it the generator makes one of nothing.
 */
export function readContract() {
  const text = readFileSync(CONTRACT, 'utf8');
  const { schemas } = JSON.parse(text, opened).components;
  const contract = JSON.parse(text, (key, value) => {
    const names = key === 'additionalProperties' && typeof value === 'object' ? value.$ref : undefined;
    return names === undefined ? opened(key, value) : schemas[names.split('/').at(-1)];
  });
  const fingerprint = createHash('sha256').update(JSON.stringify(contract.components.schemas)).digest('hex');
  return { contract, fingerprint };
}

function opened(key, value) {
  if (key === 'format' && (value === 'int32' || value === 'int64')) return undefined;
  if (key === 'additionalProperties' && value === false) return undefined;
  return value;
}
