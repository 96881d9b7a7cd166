import type { ApiAnswer, Failure } from '../account/api.ts';
import type { Bulletins } from '../account/bulletins.ts';
import type { BulletinLetter } from '../model/letter.ts';
import type { OutboxItem, Refusal } from '../model/outbox_item.ts';
import type { Bulletin, BulletinContent } from '../protocol/api.gen.ts';
import type { AuthorSignature, Signing } from '../trust/signer.ts';
import type { Publish, PublishAnswer } from './link.ts';

/** Signs a draft as the service has it. */
export type SignBulletin = (bulletin: Bulletin) => Promise<Signing<AuthorSignature>>;

const NOBODY_SIGNS: SignBulletin = async () => ({ kind: 'not-needed' });

/** Hands bulletins over: begun or changed as drafts, then submitted. Each step may be done again, and is done once. */
export function postBulletin(bulletins: Pick<Bulletins, 'act' | 'begin' | 'edit' | 'get'>, sign: SignBulletin = NOBODY_SIGNS): Publish<BulletinLetter> {
  return async ({ id, letter }: OutboxItem<BulletinLetter>): Promise<PublishAnswer> => {
    const { draft } = letter;
    const written = draft === null ? await bulletins.begin(id, letter) : await bulletins.edit(draft.id, draft.revision, letter);
    const known = written.kind === 'failed' && draft !== null ? await ours(written, draft, letter) : written;
    if (known.kind === 'failed') return answerTo(known);
    const { state, returned, revision } = known.value;
    // A new one that somebody said no to was submitted before, and the answer got lost.
    const wasReturned = draft === null && returned !== undefined;
    if (state !== 'draft' || wasReturned) return HELD;
    const signing = await sign(known.value);
    // What is signed is what its author wrote, whatever the service makes of it.
    if (signing.kind === 'signed' && !saysTheSame(known.value.content, letter.content)) return { kind: 'refused', code: 'said_otherwise' };
    if (signing.kind === 'cannot') return signing.why === 'heads_unknown' ? { kind: 'again' } : { kind: 'refused', code: signing.why };
    const signed = signing.kind === 'signed' ? { signed: signing.with } : {};
    const submitted = await bulletins.act(known.value.id, revision, { kind: 'submit', ...signed });
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

function essence({ kind, urgency, texts, audience, expires_at, links, attachments, place, event }: BulletinContent): string {
  const { regions = [], teams = [], roles = [], not_reached: notReached } = audience ?? {};
  const beside = [
    (links ?? []).map(({ url, label }) => [addressOf(url), wordsOf(label)]),
    (attachments ?? []).map(({ id, media, bytes, label }) => [id, media, bytes, wordsOf(label)]),
    place === undefined ? null : [place.lat, place.lon, bare(place.label)],
    event === undefined ? null : [event.from, event.until ?? null],
  ];
  const said = Object.entries(texts).map(([language, { title, body }]) => [language, bare(title), bare(body)]);
  const whom = [[regions, teams, roles].map((names) => [...names].sort()), notReached?.bulletin ?? null, notReached?.stage ?? null];
  return JSON.stringify([kind, urgency ?? 'normal', said.sort(byName), whom, expires_at ?? null, beside]);
}

function wordsOf(labels: Readonly<Record<string, string>> = {}): readonly (readonly string[])[] {
  return Object.entries(labels).map(([language, label]) => [language, bare(label)]).sort(byName);
}

function byName([a = '']: readonly string[], [b = '']: readonly string[]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function addressOf(url: string): string {
  return URL.canParse(url) ? new URL(url).href : url;
}

/** Words and figures, and what stands within them: `10.50` is not `1050`. */
function bare(text: string): string {
  return (text.replaceAll('\\', '').match(/[\p{L}\p{N}]+(?:[.,:/'-][\p{L}\p{N}]+)*/gu) ?? []).join('');
}
