// @vitest-environment node
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readContract } from './contract.mjs';

it('the client reads answers as the contract of the server says (`npm run api` makes it so)', () => {
  const generated = readFileSync(new URL('../../src/protocol/api.gen.ts', import.meta.url), 'utf8');
  expect(generated).toContain(`// contract ${readContract().fingerprint}`);
});
