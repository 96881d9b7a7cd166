import { isUrgent, type Bulletin } from '../model/bulletin.ts';
import type { Signed } from '../model/signed.ts';
import { chainFault, type Log, type Place } from './chain.ts';
import type { Holder, Manifest, SigningRole } from './manifest.ts';
import { bulletinIn, saysTheSame } from './same_words.ts';
import { parseStatement, type Statement } from './statement.ts';

export const FAULTS = [
  'not_this_root',
  'unknown_key',
  'revoked_key',
  'expired_key',
  'wrong_role',
  'wrong_region',
  'signature',
  'altered',
  'other_id',
  'wrong_channel',
  'one_signature',
  'previous_missing',
  'previous_after',
  'replayed',
] as const;
/** What is wrong with a bulletin that claims to be an organiser's. */
export type Fault = (typeof FAULTS)[number];

export type Verdict =
  /** `override`: one person sent it in an emergency. `isConfirmed`: the root is the one that this device was given. */
  | {
      readonly kind: 'signed';
      readonly by: Holder;
      readonly approvedBy: Holder | null;
      readonly override: boolean;
      readonly isConfirmed: boolean;
      readonly at: number;
      readonly channels: readonly string[];
    }
  /** There is nothing here yet to check it with. */
  | { readonly kind: 'unchecked' }
  /** `isLoud`: this device knows who may sign, and nobody did. Otherwise nobody signs here, or it came before. */
  | { readonly kind: 'unsigned'; readonly isLoud: boolean }
  | { readonly kind: 'bad'; readonly why: Fault };

/** What this device knows about who may sign. */
export interface Known {
  /** The root's fingerprint that this device was given; `null`: nobody gave it one. */
  readonly anchor: string | null;
  /** Since when it has it, by its own clock: what came before may be of a time when nobody signed. */
  readonly anchoredAt: number;
  /** The newest whose signature was verified, of the anchored root if there is an anchor. */
  readonly manifest: { readonly content: Manifest; readonly fingerprint: string } | null;
}

/** One bulletin as it came. */
export interface Case {
  readonly shown: Bulletin;
  readonly place: Place;
  readonly arrivedAt: number;
  /** Keys whose signature over the statement was verified. */
  readonly good: ReadonlySet<string>;
  /** The statement's own hash. */
  readonly hash: string;
}

/** Who said a bulletin, or why nobody can be said to have. Decides by what it is given alone. */
export function judge(known: Known, one: Case, log: Log): Verdict {
  const { signed } = one.shown;
  if (signed === undefined) return { kind: 'unsigned', isLoud: known.anchor !== null && one.arrivedAt >= known.anchoredAt };
  if (known.manifest === null) return { kind: 'unchecked' };
  const { content: manifest, fingerprint } = known.manifest;
  const fault = authorFault(manifest, signed, one.good);
  if (fault !== null) return { kind: 'bad', why: fault };
  // Its author's signature is good: only now is it read.
  const statement = parseStatement(signed.statement);
  const said = statement === null ? null : bulletinIn(statement);
  if (statement === null || said === null) return bad('altered');
  if (statement.root !== fingerprint) return bad('not_this_root');
  const author = holderOf(manifest, signed, 0);
  if (author === null) return bad('unknown_key');
  const approver = holderOf(manifest, signed, 1);
  const why =
    outerFault(one, statement, said) ??
    holderFault(author, statement, isWithdrawal(statement) ? ['sender', 'approver'] : ['sender']) ??
    secondFault(manifest, signed, statement, one.good, author) ??
    chainFault(statement, one, log);
  if (why !== null) return bad(why);
  return {
    kind: 'signed',
    by: author,
    approvedBy: approver,
    override: signed.override && approver === null,
    isConfirmed: known.anchor !== null,
    at: statement.at,
    channels: statement.channels,
  };
}

/** Whether nobody should act on it before they asked. */
export function isLoud(verdict: Verdict): boolean {
  return verdict.kind === 'bad' || (verdict.kind === 'unsigned' && verdict.isLoud);
}

function bad(why: Fault): Verdict {
  return { kind: 'bad', why };
}

function holderOf(manifest: Manifest, { signatures }: Signed, at: number): Holder | null {
  return manifest.keys.find(({ key }) => key === signatures[at]?.key) ?? null;
}

function authorFault(manifest: Manifest, signed: Signed, good: ReadonlySet<string>): Fault | null {
  const first = signed.signatures[0];
  if (first === undefined) return 'signature';
  if (holderOf(manifest, signed, 0) === null) return 'unknown_key';
  return good.has(first.key) ? null : 'signature';
}

/** Whether a key was good for what was signed with it, then. */
export function holderFault(holder: Holder, statement: Statement, roles: readonly SigningRole[]): Fault | null {
  const { at, channels } = statement;
  if (typeof holder.revoked_at === 'number' && at >= holder.revoked_at) return 'revoked_key';
  if (at < holder.from || (typeof holder.until === 'number' && at >= holder.until)) return 'expired_key';
  if (!roles.some((role) => holder.roles.includes(role))) return 'wrong_role';
  const { regions } = holder;
  if (regions === undefined) return null;
  return channels.length > 0 && channels.every((channel) => isWithin(channel, regions)) ? null : 'wrong_region';
}

const REGION = 'bulletins:region.';

function isWithin(channel: string, regions: readonly string[]): boolean {
  return channel.startsWith(REGION) && regions.includes(channel.slice(REGION.length));
}

/** What came is what was signed, under its own name, where it was meant to go. */
function outerFault({ shown, place }: Case, statement: Statement, said: Bulletin): Fault | null {
  if (shown.id !== statement.id) return 'other_id';
  if (!isMeantFor(place.channel, statement.channels)) return 'wrong_channel';
  const isSame = saysTheSame(shown, said) && shown.signed?.isTest === (statement.test ?? false);
  return isSame ? null : 'altered';
}

/** What is for single people goes into their own channels, and names none. */
function isMeantFor(channel: string, channels: readonly string[]): boolean {
  return channels.length === 0 ? channel.startsWith('inbox#') : channels.includes(channel);
}

function isWithdrawal({ kind }: Statement): boolean {
  return kind === 'cancel';
}

/** Whether the manifest asks for two people. The service may ask for more than any reader can know. */
export function needsTwo(manifest: Manifest, statement: Statement, said: Bulletin): boolean {
  if (!manifest.two_people || isWithdrawal(statement)) return false;
  return isUrgent(said) || statement.channels.includes('bulletins:all');
}

function secondFault(manifest: Manifest, signed: Signed, statement: Statement, good: ReadonlySet<string>, author: Holder): Fault | null {
  const second = signed.signatures[1];
  if (second === undefined) {
    const said = bulletinIn(statement);
    const isMissing = said !== null && needsTwo(manifest, statement, said) && !signed.override;
    return isMissing ? 'one_signature' : null;
  }
  const approver = holderOf(manifest, signed, 1);
  if (approver === null) return 'unknown_key';
  if (!good.has(second.key)) return 'signature';
  // Twice the same person is one person.
  if (approver.key === author.key || approver.name === author.name) return 'one_signature';
  return holderFault(approver, statement, ['approver']);
}
