import { a } from '../../../words/console/audit_words.ts';
import { asOfWords, momentWords } from '../../../words/times.ts';
import { failureWords } from '../../shared/failure_words.ts';
import type { Verification } from './audit_shape.ts';
import type { VerifyModel } from './verify_model.ts';

/** The service looks at its own files and says what it finds. */
export function ServiceCheck({ model, now }: { model: VerifyModel; now: number }) {
  const check = model.verification.value;
  return (
    <div>
      <h3>{a('verify.service')}</h3>
      {check.kind === 'failed' && (
        <p class="problem" role="alert">
          {check.why === 'not_found'
            ? a('verify.service.missing')
            : `${a('verify.service.failed')} ${failureWords(check.why)}`}
        </p>
      )}
      {check.kind === 'done' && <Outcome verification={check.verification} now={now} />}
      <p class="actions">
        <button
          type="button"
          class="button button-quiet"
          aria-disabled={check.kind === 'working'}
          onClick={() => void model.verify()}
        >
          {check.kind === 'working' ? a('verify.service.working') : a('verify.service.go')}
        </button>
      </p>
    </div>
  );
}

function Outcome({ verification, now }: { verification: Verification; now: number }) {
  const { is_whole, is_all, at, chains } = verification;
  return (
    <>
      {is_whole ? (
        <p role="status">
          {a('verify.service.whole')} {a('list.as_of', { time: asOfWords(at, now) })}
        </p>
      ) : (
        <div class="problem" role="alert">
          <p>{a.counted('verify.service.broken', verification.findings)}</p>
          <p>{verification.finding}</p>
        </div>
      )}
      <p class="hint">{a(is_all ? 'verify.service.all' : 'verify.service.part')}</p>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{a('verify.service.chain')}</th>
            <th scope="col">{a('verify.service.lines')}</th>
            <th scope="col">{a('verify.service.times')}</th>
            <th scope="col">{a('verify.service.heads')}</th>
          </tr>
        </thead>
        <tbody>
          {chains.map((chain) => (
            <tr key={chain.chain}>
              <td>
                {chain.chain} {chain.is_own && <small>({a('verify.service.own')})</small>}
              </td>
              <td data-label={a('verify.service.lines')}>
                {a('verify.service.range', { first: chain.first, last: chain.lines })}
              </td>
              <td data-label={a('verify.service.times')}>
                {a('verify.service.range', { first: momentWords(chain.since, now), last: momentWords(chain.until, now) })}
              </td>
              <td data-label={a('verify.service.heads')}>{chain.heads}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
