// Writes ../../src/protocol/api.gen.ts: a parser, and by it a type, for each schema of the server's contract.
import { createClient } from '@hey-api/openapi-ts';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readContract } from './contract.mjs';

const TARGET = fileURLToPath(new URL('../../src/protocol/api.gen.ts', import.meta.url));

const { contract, fingerprint } = readContract();
const folder = mkdtempSync(join(tmpdir(), 'holdfast-api-'));
try {
  await createClient({
    input: contract,
    output: { path: folder },
    logs: { level: 'silent' },
    plugins: [{ name: 'valibot', requests: false, responses: false, definitions: { name: '{{name}}', case: 'PascalCase' } }],
  });
  const generated = readFileSync(join(folder, 'valibot.gen.ts'), 'utf8');
  const names = [...generated.matchAll(/^export const (\w+)/gm)].map(([, name]) => name);
  const types = names.map((name) => `export type ${name} = v.InferOutput<typeof ${name}>;`);
  const head = `// Made by scripts/api/generate.mjs from docs/openapi.json; not to be changed by hand.\n// contract ${fingerprint}\n`;
  const body = generated.replace(/^\/\/.*\n+/, '').replaceAll(/^ {4,}/gm, (indent) => ' '.repeat(indent.length / 2));
  writeFileSync(TARGET, `${head}${body.trimEnd()}\n\n${types.join('\n')}\n`);
  console.log(`${names.length} schemas`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
