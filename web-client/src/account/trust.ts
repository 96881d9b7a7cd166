import * as v from 'valibot';
import { KEY, MAX_SIGNATURES, MAX_STATEMENT_CHARS, SIGNATURE } from '../model/signed.ts';
import { parser } from '../protocol/parser.ts';
import type { Asked } from '../trust/keeper.ts';
import type { Heads } from '../trust/signer.ts';
import type { Api } from './api.ts';
import type { Http } from './http.ts';

/** Who may sign, as the service has it. Anybody may ask. */
export async function askWhoMaySign(http: Http): Promise<Asked> {
  const answer = await http({ method: 'GET', path: '/v1/trust' });
  if (answer.kind === 'ok') return { kind: 'offered', value: answer.body };
  return answer.kind === 'problem' && answer.code === 'no_manifest' ? { kind: 'none' } : { kind: 'unanswered' };
}

const Head = v.object({
  statement: v.pipe(v.string(), v.maxLength(MAX_STATEMENT_CHARS)),
  signatures: v.pipe(
    v.array(v.object({ key: v.pipe(v.string(), v.regex(KEY)), signature: v.pipe(v.string(), v.regex(SIGNATURE)) })),
    v.maxLength(MAX_SIGNATURES),
  ),
});
const heads = parser(v.object({ heads: v.record(v.string(), v.nullable(Head)) }));

/** What the service says was signed last in each channel. `null`: it did not say. */
export async function readHeads(api: Api, channels: readonly string[]): Promise<Heads | null> {
  const asked = channels.map((channel) => `channel=${encodeURIComponent(channel)}`).join('&');
  const answer = await api.ask({ method: 'GET', path: `/v1/bulletins/heads?${asked}` }, heads);
  return answer.kind === 'ok' ? new Map(Object.entries(answer.value.heads)) : null;
}
