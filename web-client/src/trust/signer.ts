import type { BulletinEntry } from '../model/entry.ts';
import type { SigningProblem } from '../model/outbox_item.ts';
import type { Signature } from '../model/signed.ts';
import type { Bulletin } from '../protocol/api.gen.ts';
import { goodKeys, statementHash, type Cryptography } from './crypto.ts';
import type { Keeper } from './keeper.ts';
import type { Holder, Manifest, SigningRole } from './manifest.ts';
import type { CheckedManifest } from './next_manifest.ts';
import type { OwnKey } from './own_key.ts';
import { channelsOf, saidOf, shownOf, statementText, withdrawalOf, type Previous, type Said, type ToPublish } from './publication.ts';
import { bulletinIn, saysTheSame } from './same_words.ts';
import { parseStatement } from './statement.ts';
import { holderFault } from './verdict.ts';

/** What goes with handing in a bulletin. */
export interface AuthorSignature extends Signature {
  readonly statement: string;
}

export type Signing<T> =
  /** The campaign has no list of who may sign: nothing is signed, as before. */
  | { readonly kind: 'not-needed' }
  | { readonly kind: 'signed'; readonly with: T }
  | { readonly kind: 'cannot'; readonly why: SigningProblem };

/** What the service says is the newest that was signed in each channel. */
export type Heads = ReadonlyMap<string, { readonly statement: string; readonly signatures: readonly Signature[] } | null>;

export interface SignerParts {
  readonly keeper: Pick<Keeper, 'refresh' | 'state'>;
  readonly by: Cryptography;
  readonly key: () => Promise<OwnKey | null>;
  /** `null`: the service did not say. */
  readonly heads: (channels: readonly string[]) => Promise<Heads | null>;
  /** What was read here and verified, newest first. */
  readonly read: () => readonly BulletinEntry[];
  readonly now: () => number;
}

interface Able {
  readonly manifest: CheckedManifest;
  readonly key: OwnKey;
  readonly holder: Holder;
}

/** Signs what organisers say, with the key of this browser. It signs nothing that its person has not seen. */
export class Signer {
  readonly #parts: SignerParts;

  constructor(parts: SignerParts) {
    this.#parts = parts;
  }

  /** Of a bulletin whose words are those on the screen. */
  async submit(bulletin: ToPublish): Promise<Signing<AuthorSignature>> {
    return this.#author(saidOf(bulletin), channelsOf(bulletin.content), ['sender']);
  }

  async withdraw(bulletin: ToPublish): Promise<Signing<AuthorSignature>> {
    return this.#author(withdrawalOf(bulletin), channelsOf(bulletin.content), ['sender', 'approver']);
  }

  /** Signs what the author signed, if that is what is on the screen. */
  async approve(bulletin: Bulletin): Promise<Signing<Signature>> {
    const able = await this.#able();
    if (!('key' in able)) return able;
    const { signed } = bulletin;
    if (signed == null) return cannot('author_not_signed');
    const { manifest, key, holder } = able;
    const author = signed.signatures[0];
    const known = manifest.content.keys.find((each) => each.key === author?.key);
    const good = await goodKeys(this.#parts.by, signed);
    if (known === undefined || author === undefined || !good.has(author.key)) return cannot('author_not_signed');
    const statement = parseStatement(signed.statement);
    const [said, shown] = [statement === null ? null : bulletinIn(statement), shownOf(saidOf(bulletin))];
    if (statement === null || said === null || shown === null || statement.root !== manifest.fingerprint) return cannot('author_signed_other');
    const isSame = saysTheSame(said, shown) && statement.channels.join(' ') === channelsOf(bulletin.content).join(' ');
    if (!isSame) return cannot('author_signed_other');
    if (holderFault(known, statement, ['sender']) !== null) return cannot('author_not_signed');
    const now = { ...statement, at: this.#parts.now() };
    if (known.key === holder.key || known.name === holder.name || holderFault(holder, now, ['approver']) !== null) return cannot('key_not_good');
    return { kind: 'signed', with: { key: key.publicKey, signature: await key.sign(signed.statement) } };
  }

  async #author(said: Said, channels: readonly string[], roles: readonly SigningRole[]): Promise<Signing<AuthorSignature>> {
    const able = await this.#able();
    if (!('key' in able)) return able;
    const { manifest, key, holder } = able;
    const previous = await this.#previous(channels, manifest.content);
    if (previous === null) return cannot('heads_unknown');
    const statement = statementText(said, manifest.fingerprint, channels, this.#parts.now(), previous);
    const read = parseStatement(statement);
    if (read === null || holderFault(holder, read, roles) !== null) return cannot('key_not_good');
    return { kind: 'signed', with: { statement, key: key.publicKey, signature: await key.sign(statement) } };
  }

  async #able(): Promise<Able | Signing<never>> {
    await this.#parts.keeper.refresh();
    const { manifest, refused } = this.#parts.keeper.state;
    if (refused.offer !== null) return cannot('manifest_refused');
    if (manifest === null) return { kind: 'not-needed' };
    const key = await this.#parts.key();
    if (key === null) return cannot('no_key');
    const holder = manifest.content.keys.find((each) => each.key === key.publicKey);
    return holder === undefined ? cannot('key_not_listed') : { manifest, key, holder };
  }

  /** The newest of each channel that is known here, by what this browser verified itself. `null`: the service did not say. */
  async #previous(channels: readonly string[], manifest: Manifest): Promise<Previous | null> {
    if (channels.length === 0) return {};
    const heads = await this.#parts.heads(channels);
    if (heads === null) return null;
    const { verdicts } = this.#parts.keeper.state;
    const read = this.#parts.read().filter(({ id }) => verdicts.get(id)?.kind === 'signed');
    const previous: Record<string, string | null> = {};
    for (const channel of channels) {
      const own = read.flatMap(({ bulletin: { signed } }) => (signed === undefined ? [] : [signed]));
      const told = heads.get(channel) ?? null;
      const candidates = [...(told === null ? [] : [told]), ...own];
      let newest: { readonly at: number; readonly hash: string } | null = null;
      for (const signed of candidates) {
        const author = signed.signatures[0]?.key;
        const holder = manifest.keys.find(({ key }) => key === author);
        if (author === undefined || holder === undefined || !(await goodKeys(this.#parts.by, signed)).has(author)) continue;
        const statement = parseStatement(signed.statement);
        if (statement === null || !statement.channels.includes(channel)) continue;
        if (holderFault(holder, statement, ['sender', 'approver']) !== null || (newest !== null && statement.at <= newest.at)) continue;
        const hash = await statementHash(this.#parts.by, signed.statement);
        if (hash !== null) newest = { at: statement.at, hash };
      }
      previous[channel] = newest?.hash ?? null;
    }
    return previous;
  }
}

function cannot(why: SigningProblem): { readonly kind: 'cannot'; readonly why: SigningProblem } {
  return { kind: 'cannot', why };
}
