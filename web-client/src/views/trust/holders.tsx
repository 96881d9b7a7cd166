import { isRevoked, type Holder, type Manifest } from '../../trust/manifest.ts';
import { s } from '../../words/app/trust_words.ts';
import { dayAndTimeWords } from '../../words/times.ts';
import { holderWords } from './trust_mark.tsx';

/** Who may sign, and since when; those whose keys were taken back last. */
export function Holders({ manifest, now }: { manifest: Manifest; now: number }) {
  const rows = [...manifest.keys.filter((each) => !isRevoked(each)), ...manifest.keys.filter(isRevoked)];
  return (
    <>
      {rows.length === 0 && <p class="hint">{s('me.who.none')}</p>}
      <ul class="holders">
        {rows.map((each) => (
          <li key={each.key} class={isRevoked(each) ? 'holder-revoked' : undefined}>
            {holderWords(each)} <small>{timeWords(each, now)}</small>
          </li>
        ))}
      </ul>
      <p class="hint">
        {s(manifest.two_people ? 'me.two' : 'me.one')} {s('me.serial', { serial: manifest.serial, time: dayAndTimeWords(manifest.issued_at, now) })}
      </p>
    </>
  );
}

function timeWords({ from, until, revoked_at: revokedAt }: Holder, now: number): string {
  if (typeof revokedAt === 'number') return s('me.who.revoked', { time: dayAndTimeWords(revokedAt, now) });
  const since = s('me.who.since', { time: dayAndTimeWords(from, now) });
  return typeof until === 'number' ? `${since}, ${s('me.who.until', { time: dayAndTimeWords(until, now) })}` : since;
}
