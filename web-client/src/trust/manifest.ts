import * as v from 'valibot';
import { KEY, SIGNATURE } from '../model/signed.ts';

/** Longest manifest that is looked at, and most keys in one; what is more is no manifest. */
export const MAX_MANIFEST_CHARS = 32_768;
export const MAX_KEYS = 150;
const MAX_NAME_CHARS = 80;
const MAX_PLACES = 64;

const time = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const key = v.pipe(v.string(), v.regex(KEY));
const label = v.pipe(v.string(), v.minLength(1), v.maxLength(64));
/** Nothing that hides, or turns the line around: a name is read as what it is. */
const READABLE = /^[^\p{Cc}\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+$/u;

export const SIGNING_ROLES = ['sender', 'approver'] as const;
export type SigningRole = (typeof SIGNING_ROLES)[number];

const Holder = v.object({
  key,
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_NAME_CHARS * 2), v.regex(READABLE)),
  roles: v.pipe(v.array(v.picklist(SIGNING_ROLES)), v.minLength(1), v.maxLength(SIGNING_ROLES.length)),
  regions: v.optional(v.pipe(v.array(label), v.minLength(1), v.maxLength(MAX_PLACES))),
  from: time,
  until: v.optional(v.nullable(time)),
  revoked_at: v.optional(v.nullable(time)),
});

const ManifestText = v.object({
  v: v.literal(1),
  root: key,
  serial: v.pipe(time, v.minValue(1)),
  issued_at: time,
  two_people: v.boolean(),
  keys: v.pipe(v.array(Holder), v.maxLength(MAX_KEYS)),
});

/** One who may sign: for whom the key-keeper answers with the root's signature. */
export type Holder = v.InferOutput<typeof Holder>;
export type Manifest = v.InferOutput<typeof ManifestText>;

/** As it travels and as it lies in a file. */
export const ManifestFile = v.object({
  manifest: v.pipe(v.string(), v.maxLength(MAX_MANIFEST_CHARS)),
  signature: v.pipe(v.string(), v.regex(SIGNATURE)),
});
export type ManifestFile = v.InferOutput<typeof ManifestFile>;

export function parseManifestFile(value: unknown): ManifestFile | null {
  const parsed = v.safeParse(ManifestFile, value);
  return parsed.success ? parsed.output : null;
}

/** The text of a manifest. `null`: it is none that this version knows. */
export function parseManifest(text: string): Manifest | null {
  const parsed = v.safeParse(ManifestText, json(text));
  if (!parsed.success) return null;
  const { root, keys } = parsed.output;
  const single = new Set(keys.map(({ key }) => key));
  // Of two rows for one key nobody could say which one holds, and a root that signs bulletins is not kept offline.
  return single.size === keys.length && !single.has(root) ? parsed.output : null;
}

/** What the text says as JSON; `undefined`: it is none. */
export function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether its owner may sign no more. */
export function isRevoked({ revoked_at: revokedAt }: Holder): boolean {
  return typeof revokedAt === 'number';
}

/** How two manifests of one root differ, for people who look before they change it. */
export interface ManifestChanges {
  readonly added: readonly Holder[];
  readonly revoked: readonly Holder[];
  readonly removed: readonly Holder[];
  /** Other roles, places, or times. */
  readonly changed: readonly Holder[];
  readonly twoPeople: boolean | null;
}

export function changesBetween(before: Manifest | null, after: Manifest): ManifestChanges {
  const old = new Map((before?.keys ?? []).map((each) => [each.key, each]));
  const now = new Set(after.keys.map((each) => each.key));
  const known = after.keys.filter(({ key }) => old.has(key));
  const justRevoked = known.filter((each) => isRevoked(each) && !isRevoked(old.get(each.key) ?? each));
  return {
    added: after.keys.filter(({ key }) => !old.has(key)),
    revoked: justRevoked,
    removed: (before?.keys ?? []).filter(({ key }) => !now.has(key)),
    changed: known.filter((each) => !justRevoked.includes(each) && JSON.stringify(each) !== JSON.stringify(old.get(each.key))),
    twoPeople: before !== null && before.two_people === after.two_people ? null : after.two_people,
  };
}
