import type { ApiAnswer, Failure } from '../account/api.ts';
import type { Bulletins } from '../account/bulletins.ts';
import type { BulletinLetter } from '../model/letter.ts';
import type { OutboxItem, Refusal } from '../model/outbox_item.ts';
import type { Bulletin, BulletinContent } from '../protocol/api.gen.ts';
import type { Publish, PublishAnswer } from './link.ts';

/** Hands bulletins over: begun or changed as drafts, then submitted. Each step may be done again, and is done once. */
export function postBulletin(bulletins: Pick<Bulletins, 'act' | 'begin' | 'edit' | 'get'>): Publish<BulletinLetter> {
  return async ({ id, letter }: OutboxItem<BulletinLetter>): Promise<PublishAnswer> => {
    const { draft } = letter;
    const written = draft === null ? await bulletins.begin(id, letter) : await bulletins.edit(draft.id, draft.revision, letter);
    const known = written.kind === 'failed' && draft !== null ? await ours(written, draft, letter) : written;
    if (known.kind === 'failed') return answerTo(known);
    const { state, returned, revision } = known.value;
    // A new one that somebody said no to was submitted before, and the answer got lost.
    const wasReturned = draft === null && returned !== undefined;
    if (state !== 'draft' || wasReturned) return HELD;
    const submitted = await bulletins.act(known.value.id, revision, { kind: 'submit' });
    return submitted.kind === 'ok' ? HELD : answerTo(submitted);
  };

  /** Whether a change that was refused is our own, whose answer got lost. */
  async function ours(
    failed: ApiAnswer<Bulletin> & { kind: 'failed' },
    draft: { readonly id: string; readonly revision: number },
    { content }: BulletinLetter,
  ): Promise<ApiAnswer<Bulletin>> {
    if (failed.why !== 'changed_meanwhile' && failed.why !== 'bulletin_state') return failed;
    const found = await bulletins.get(draft.id);
    if (found.kind === 'failed') return found.why === 'bulletin_unknown' ? failed : found;
    const isOurs = found.value.revision === draft.revision + 1 && saysTheSame(found.value.content, content);
    return isOurs ? found : failed;
  }
}

const HELD: PublishAnswer = { kind: 'posted', position: null, isDurable: true };

function answerTo({ why, askAgainMs }: { readonly why: Failure; readonly askAgainMs: number }): PublishAnswer {
  const refusal = refusalOf(why);
  if (refusal !== null) return { kind: 'refused', code: refusal };
  return askAgainMs > 0 ? { kind: 'again', retryAfterMs: askAgainMs } : { kind: 'again' };
}

/** `null`: the same may be taken later. */
function refusalOf(why: Failure): Refusal | null {
  switch (why) {
    case 'unreachable':
    case 'waiting':
    case 'too_many_requests':
    case 'too_slow':
    case 'unavailable':
    case 'internal':
    // Who is signed out stays the author: it goes when they are back.
    case 'unauthorized':
    case 'idempotency_key_in_use':
      return null;
    // Its answer cannot be read: it may have been done, and a newer page will find out.
    case 'unreadable':
      return 'bad_request';
    default:
      return why;
  }
}

/** The same, as far as the service keeps words as they came: it tidies blanks and marks. */
function saysTheSame(a: BulletinContent, b: BulletinContent): boolean {
  return essence(a) === essence(b);
}

function essence({ kind, urgency, texts, audience, expires_at }: BulletinContent): string {
  const words = Object.entries(texts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([language, { title, body }]) => [language, bare(title), bare(body)]);
  const { regions = [], teams = [], roles = [] } = audience ?? {};
  return JSON.stringify([kind, urgency ?? 'normal', words, [regions, teams, roles].map((names) => [...names].sort()), expires_at ?? null]);
}

function bare(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}]/gu, '');
}
