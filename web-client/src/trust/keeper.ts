import type { BulletinEntry, Entry } from '../model/entry.ts';
import { KEY, type SignatureCheck, type Signed } from '../model/signed.ts';
import type { TrustStore } from '../storage/trust_store.ts';
import { anchorOf, type Anchor } from './anchor.ts';
import { isBefore, type Log, type Place } from './chain.ts';
import { checkedOffer, goodKeys, statementHash, type Cryptography } from './crypto.ts';
import { nextManifest, type CheckedManifest } from './next_manifest.ts';
import { refusedOf, type Refused } from './refused.ts';
import { judge, type Fault, type Known, type Verdict } from './verdict.ts';

/** What the service answered when it was asked who may sign. */
export type Asked =
  | { readonly kind: 'none' }
  | { readonly kind: 'unanswered' }
  | { readonly kind: 'offered'; readonly value: unknown };

export interface KeeperParts {
  readonly store: TrustStore;
  readonly by: Cryptography;
  readonly ask: () => Promise<Asked>;
  readonly now: () => number;
  readonly changed: (state: TrustState) => void;
}

export interface TrustState {
  readonly anchor: Anchor | null;
  readonly manifest: CheckedManifest | null;
  readonly refused: Refused;
  /** By the bulletin's id. One that is not there is still being checked. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

/** What is on the noticeboard, and how much of it is known to be all. */
export interface Reading {
  /** Newest first. */
  readonly entries: readonly Entry[];
  readonly channels: readonly string[];
  /** Everything that the service has was read. */
  readonly isCurrent: boolean;
}

/** Verified before the screen is told again. */
const BATCH = 25;
/** As many as the store keeps: with more, the oldest may have been dropped. */
const MAX_LOG = 5_000;

/** Keeps who may sign, and says of each bulletin who signed it. All that it found out is there without a connection. */
export class Keeper {
  readonly #parts: KeeperParts;
  #anchor: Anchor | null = null;
  #manifest: CheckedManifest | null = null;
  #refused: Refused = { offer: null, link: null };
  #checks = new Map<string, SignatureCheck>();
  /** Whose check is of what is on the noticeboard now. */
  #checked = new Set<string>();
  #verdicts: ReadonlyMap<string, Verdict> = new Map();
  /** Bulletins for which a newer list of who may sign was asked for: once each. */
  #askedFor = new Set<string>();
  /** When the first list came here. */
  #knownSince: number | null = null;
  #reading: Reading = { entries: [], channels: [], isCurrent: false };
  #isStale = false;
  #working: Promise<void> | null = null;
  #asking: Promise<boolean> | null = null;

  /** With what this device has, before anything is asked of the network. */
  static async open(parts: KeeperParts): Promise<Keeper> {
    const keeper = new Keeper(parts);
    await keeper.load();
    return keeper;
  }

  private constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  get state(): TrustState {
    return { anchor: this.#anchor, manifest: this.#manifest, refused: this.#refused, verdicts: this.#verdicts };
  }

  /** Reads what is kept: at the beginning, and when the device has another member. */
  async load(): Promise<void> {
    const { store, by } = this.#parts;
    const [anchor, manifest, refused, checks] = await Promise.all([store.get('anchor'), store.get('manifest'), store.get('refused'), store.checks()]);
    this.#anchor = anchorOf(anchor);
    const kept = await checkedOffer(by, manifest);
    const isOurs = kept.kind === 'checked' && kept.manifest.fingerprint === (this.#anchor?.fingerprint ?? kept.manifest.fingerprint);
    this.#manifest = isOurs ? kept.manifest : null;
    this.#knownSince = isOurs ? sinceOf(manifest) : null;
    this.#askedFor = new Set();
    this.#refused = refusedOf(refused);
    this.#checks = new Map(checks.map((check) => [check.id, check]));
    this.#checked = new Set();
    this.#verdicts = new Map();
    this.#changed();
  }

  /** The link by which this device came in said whose campaign it is. The first word holds. */
  async joinedBy(fingerprint: string, since: number): Promise<void> {
    if (!KEY.test(fingerprint)) return;
    if (this.#anchor === null) return this.#drop({ fingerprint, since, how: 'link' });
    if (this.#anchor.fingerprint !== fingerprint) await this.#refuse({ ...this.#refused, link: fingerprint });
  }

  /** Somebody compared the fingerprint with one that they got by another way. */
  async confirm(): Promise<void> {
    const { fingerprint } = this.#manifest ?? {};
    if (this.#anchor !== null || fingerprint === undefined) return;
    // Since the list is here, everything should have been signed.
    await this.#drop({ fingerprint, since: this.#knownSince ?? this.#parts.now(), how: 'compared' });
  }

  /** Who was warned of a link has asked somebody. */
  async linkSeen(): Promise<void> {
    await this.#refuse({ ...this.#refused, link: null });
  }

  /** Asks the service who may sign now. Questions at the same time are one. `false`: it did not answer. */
  async refresh(): Promise<boolean> {
    this.#asking ??= this.#refresh().finally(() => (this.#asking = null));
    return this.#asking;
  }

  read(reading: Reading): void {
    this.#reading = reading;
    this.#changed();
  }

  /** Resolves when all that was read so far is judged. */
  async settled(): Promise<void> {
    while (this.#working !== null || this.#asking !== null) await (this.#working ?? this.#asking);
  }

  async #refresh(): Promise<boolean> {
    const { ask, by, store } = this.#parts;
    const asked = await ask();
    if (asked.kind === 'unanswered') return false;
    const offer = asked.kind === 'none' ? ({ kind: 'none' } as const) : await checkedOffer(by, asked.value);
    const outcome = nextManifest(this.#anchor?.fingerprint ?? null, this.#manifest, offer);
    if (outcome.kind === 'take') {
      this.#manifest = outcome.manifest;
      this.#knownSince ??= this.#parts.now();
      await store.put('manifest', { ...outcome.manifest.file, since: this.#knownSince });
    }
    await this.#refuse({ ...this.#refused, offer: outcome.kind === 'alarm' ? outcome.alarm : null });
    return true;
  }

  async #drop(anchor: Anchor): Promise<void> {
    this.#anchor = anchor;
    // What was believed only because it came first is not believed against the word of a person.
    if (this.#manifest !== null && this.#manifest.fingerprint !== anchor.fingerprint) {
      this.#manifest = null;
      await this.#parts.store.remove('manifest');
    }
    await this.#parts.store.put('anchor', anchor);
    this.#changed();
  }

  async #refuse(refused: Refused): Promise<void> {
    const isNew = refused.offer !== this.#refused.offer || refused.link !== this.#refused.link;
    this.#refused = refused;
    if (isNew) await this.#parts.store.put('refused', refused);
    this.#changed();
  }

  #changed(): void {
    this.#isStale = true;
    this.#working ??= this.#work().finally(() => (this.#working = null));
  }

  async #work(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      await Promise.resolve();
      let isDone = false;
      while (!isDone && !this.#isStale) {
        isDone = await this.#verifySome();
        await this.#judgeAll();
      }
    }
  }

  /** The newest first. `true`: there is nothing more to verify. */
  async #verifySome(): Promise<boolean> {
    const fresh: SignatureCheck[] = [];
    for (const entry of this.#reading.entries) {
      if (fresh.length >= BATCH) break;
      if (!isChecked(entry) || entry.bulletin.signed === undefined) continue;
      if (this.#checked.has(entry.id)) continue;
      const check = await this.#check(entry.id, entry.bulletin.signed);
      this.#checked.add(entry.id);
      if (check !== this.#checks.get(entry.id)) fresh.push(check);
      this.#checks.set(entry.id, check);
    }
    await this.#keep(fresh);
    return fresh.length < BATCH;
  }

  /** What is kept, if it is of just these words and signatures; else they are verified. */
  async #check(id: string, signed: Signed): Promise<SignatureCheck> {
    const { by } = this.#parts;
    const hash = (await statementHash(by, signed.statement)) ?? '';
    const of = [hash, ...signed.signatures.flatMap(({ key, signature }) => [key, signature])].join(' ');
    const kept = this.#checks.get(id);
    if (kept?.of === of) return kept;
    return { id, of, hash, good: [...(await goodKeys(by, signed))], isWithheld: false };
  }

  async #judgeAll(): Promise<void> {
    const known: Known = {
      anchor: this.#anchor?.fingerprint ?? null,
      anchoredAt: this.#anchor?.since ?? 0,
      manifest: this.#manifest,
    };
    const log = this.#log();
    const verdicts = new Map<string, Verdict>();
    const withheld: SignatureCheck[] = [];
    const unsure: string[] = [];
    for (const entry of this.#reading.entries) {
      if (!isChecked(entry)) continue;
      const isSigned = entry.bulletin.signed !== undefined;
      if (isSigned && !this.#checked.has(entry.id)) continue;
      const check = isSigned ? this.#checks.get(entry.id) : undefined;
      const one = { shown: entry.bulletin, place: entry, arrivedAt: entry.arrivedAt, good: new Set(check?.good), hash: check?.hash ?? '' };
      const verdict = judge(known, one, log);
      if (mayBeOfNewerList(verdict) && !this.#askedFor.has(entry.id)) {
        unsure.push(entry.id);
        continue;
      }
      verdicts.set(entry.id, verdict);
      const isWithheld = verdict.kind === 'bad' && verdict.why === 'previous_missing';
      if (check !== undefined && check.isWithheld !== isWithheld) withheld.push({ ...check, isWithheld });
    }
    for (const check of withheld) this.#checks.set(check.id, check);
    this.#verdicts = verdicts;
    this.#parts.changed(this.state);
    await this.#keep(withheld);
    if (unsure.length > 0) this.#askFor(unsure);
  }

  /** Nobody is warned of an organiser who has only just been named. */
  #askFor(bulletins: readonly string[]): void {
    const asked = (): void => {
      for (const id of bulletins) this.#askedFor.add(id);
      this.#changed();
    };
    void this.refresh().then(asked, asked);
  }

  #log(): Log {
    const { entries, channels, isCurrent } = this.#reading;
    const byHash = new Map<string, Place>();
    const gaps = new Set<string>();
    const wasMissing = new Set<string>();
    for (const entry of entries) {
      if (entry.kind === 'gap') gaps.add(entry.channel);
      const check = this.#checks.get(entry.id);
      if (!isChecked(entry) || !this.#checked.has(entry.id) || check === undefined || !check.good.includes(entry.bulletin.signed?.signatures[0]?.key ?? '')) continue;
      if (check.isWithheld) wasMissing.add(check.hash);
      const before = byHash.get(check.hash);
      if (before === undefined || isBefore(entry, before)) byHash.set(check.hash, entry);
    }
    const isWhole = isCurrent && entries.length < MAX_LOG;
    return { byHash, wasMissing, isComplete: (channel) => isWhole && channels.includes(channel) && !gaps.has(channel) };
  }

  async #keep(checks: readonly SignatureCheck[]): Promise<void> {
    if (checks.length === 0) return;
    // What is not kept is verified again after the next start.
    await this.#parts.store.keepChecks(checks).catch(() => {});
  }
}

/** Whether the newest list could say otherwise. */
function mayBeOfNewerList(verdict: Verdict): boolean {
  if (verdict.kind === 'unchecked') return true;
  return verdict.kind === 'bad' && (NAMED_IN_LIST as readonly string[]).includes(verdict.why);
}

const NAMED_IN_LIST = ['unknown_key', 'wrong_role', 'wrong_region', 'expired_key', 'one_signature'] as const satisfies readonly Fault[];

function sinceOf(row: unknown): number | null {
  return typeof row === 'object' && row !== null && 'since' in row && typeof row.since === 'number' ? row.since : null;
}

/** All that readers take for the organisers' word. What members say to each other, nobody signs. */
export function isChecked(entry: Entry): entry is BulletinEntry {
  return entry.kind === 'bulletin' && (entry.author === undefined || entry.channel.startsWith('bulletins:'));
}
