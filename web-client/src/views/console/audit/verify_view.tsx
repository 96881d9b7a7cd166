import type { SaveFile } from '../../../platform/save_file.ts';
import { a } from '../../../words/console/audit_words.ts';
import { asOfWords } from '../../../words/times.ts';
import { failureWords } from '../../shared/failure_words.ts';
import type { AuditModel } from './audit_model.ts';
import type { AuditHead } from './audit_shape.ts';
import { compare, headsAsJsonLines, type Comparison, type End } from './kept_heads.ts';
import type { HeadState, VerifyModel } from './verify_model.ts';
import { ServiceCheck } from './service_check.tsx';

interface VerifyProps {
  readonly model: VerifyModel;
  readonly audit: AuditModel;
  readonly now: number;
  readonly save: SaveFile;
}

export function VerifyView({ model, audit, now, save }: VerifyProps) {
  const head = model.head.value;
  return (
    <section class="panel desk-parts" aria-labelledby="audit-verify-title">
      <h2 id="audit-verify-title">{a('verify.title')}</h2>
      <p>{a('verify.lead')}</p>
      <div>
        <h3>{a('verify.head')}</h3>
        <Head head={head} now={now} />
        <p class="actions">
          <button type="button" class="button button-quiet" onClick={() => void model.readHead()}>
            {a('verify.head.again')}
          </button>
        </p>
      </div>
      <Kept model={model} audit={audit} save={save} />
      <ServiceCheck model={model} now={now} />
      <div>
        <h3>{a('verify.offline')}</h3>
        <p class="hint">{a('verify.offline.body')}</p>
        <pre class="command" tabIndex={0}>
          {'holdfast audit verify --data DATA\nholdfast audit verify --data DATA --heads kept-heads.jsonl'}
        </pre>
      </div>
    </section>
  );
}

function Head({ head, now }: { head: HeadState; now: number }) {
  switch (head.kind) {
    case 'loading':
      return (
        <p class="hint" role="status">
          {a('verify.head.loading')}
        </p>
      );
    case 'failed':
      return (
        <p class="problem" role="alert">
          {a('verify.head.failed')} {failureWords(head.why)}
        </p>
      );
    case 'read':
      return (
        <>
          <p>
            {a.counted('verify.head.says', head.head.lines, { time: asOfWords(head.head.at, now) })}
          </p>
          <p class={head.signed === 'bad' ? 'problem' : undefined} role={head.signed === 'bad' ? 'alert' : undefined}>
            {a(`verify.head.${head.signed}`)}
          </p>
          <dl class="facts">
            <dt>{a('verify.head.chain')}</dt>
            <dd>{head.head.chain}</dd>
            <dt>{a('verify.head.hash')}</dt>
            <dd>{head.head.hash}</dd>
            <dt>{a('verify.head.signature')}</dt>
            <dd>{head.head.signature}</dd>
          </dl>
        </>
      );
  }
}

/** What this device kept, against what the service says now. */
function Kept({ model, audit, save }: Omit<VerifyProps, 'now'>) {
  const kept = model.kept.value;
  const counts = countOf(kept, endsOf(model), audit);
  const isWrong = counts.changed + counts.cut > 0;
  return (
    <div>
      <h3>{a('verify.kept')}</h3>
      {kept.length === 0 ? (
        <p class="hint">{a('verify.kept.first')}</p>
      ) : (
        <ul class="plain">
          {counts.same > 0 && <li>{a.counted('verify.kept.same', counts.same)}</li>}
          {counts.changed > 0 && <li>{a.counted('verify.kept.changed', counts.changed)}</li>}
          {counts.cut > 0 && <li>{a.counted('verify.kept.cut', counts.cut)}</li>}
          {counts['not-seen'] > 0 && <li>{a.counted('verify.kept.not_seen', counts['not-seen'])}</li>}
        </ul>
      )}
      {isWrong && (
        <p class="problem" role="alert">
          {a('verify.kept.alarm')}
        </p>
      )}
      <p class="hint">{a('verify.kept.about')}</p>
      {kept.length > 0 && (
        <p class="actions">
          <button
            type="button"
            class="button button-quiet"
            onClick={() => save('kept-heads.jsonl', headsAsJsonLines(kept))}
          >
            {a('verify.kept.save')}
          </button>
        </p>
      )}
    </div>
  );
}

function endsOf(model: VerifyModel): readonly End[] {
  const head = model.head.value;
  const verification = model.verification.value;
  return [
    ...(head.kind === 'read' ? [head.head] : []),
    ...(verification.kind === 'done' ? verification.verification.chains : []),
  ];
}

function countOf(kept: readonly AuditHead[], ends: readonly End[], audit: AuditModel): Record<Comparison, number> {
  const entries = audit.entries.value;
  const counts = { same: 0, changed: 0, cut: 0, 'not-seen': 0 };
  for (const head of kept) counts[compare(head, ends, entries.kind === 'loaded' ? entries.entries : [])] += 1;
  return counts;
}
