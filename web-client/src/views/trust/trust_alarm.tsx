import '../../styles/app/trust.css';
import { inGroups } from '../../trust/bytes.ts';
import { s } from '../../words/app/trust_words.ts';
import type { TrustTools } from './trust_tools.ts';

/** What the service said about who may sign, and was not believed. It stands above everything, on every page. */
export function TrustAlarm({ tools }: { tools: TrustTools }) {
  const { offer, link } = tools.state.value.refused;
  if (offer === null && link === null) return null;
  return (
    <div class="trust-bad" role="alert">
      <p class="trust-bad-title">
        <span aria-hidden="true">⚠ </span>
        {s('alarm.title')}
      </p>
      {offer !== null && <p>{s(`alarm.${offer}`)}</p>}
      {link !== null && <p>{s('alarm.link', { fingerprint: inGroups(link).join(' ') })}</p>}
      <p>{s('alarm.do')}</p>
      {link !== null && (
        <p class="actions">
          <button type="button" class="button button-quiet" onClick={() => void tools.linkSeen()}>
            {s('alarm.asked')}
          </button>
        </p>
      )}
    </div>
  );
}
