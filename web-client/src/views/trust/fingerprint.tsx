import { inGroups } from '../../trust/bytes.ts';

/** A fingerprint or a key, so that it can be compared and read aloud. */
export function Fingerprint({ text, label }: { text: string; label: string }) {
  return (
    <ol class="fingerprint" aria-label={label}>
      {inGroups(text).map((group, at) => (
        <li key={at}>{group}</li>
      ))}
    </ol>
  );
}
