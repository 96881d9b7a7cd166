import '../../../styles/app/trust.css';
import '../../../styles/console/trust.css';
import { useMemo } from 'preact/hooks';
import { s } from '../../../words/app/trust_words.ts';
import { k } from '../../../words/console/trust_words.ts';
import { Fingerprint } from '../../trust/fingerprint.tsx';
import { Holders } from '../../trust/holders.tsx';
import type { ConsolePageProps } from '../console_parts.ts';
import { AsksFirst } from '../shared/asks_first.tsx';
import type { ConsoleTrust } from './console_trust.ts';
import { KeyPanel } from './key_panel.tsx';
import { UploadModel } from './upload_model.ts';
import { UploadPanel } from './upload_panel.tsx';

/** `#trust`: this browser's key, who may sign, and for admins a new list of them. */
export function TrustPage({ parts, member }: ConsolePageProps) {
  const trust = parts.trust.value;
  return (
    <div class="trust-page">
      <h1>{k('title')}</h1>
      <p>{k('what')}</p>
      {trust === null ? (
        <p role="status">{k('opening')}</p>
      ) : (
        <>
          <KeyPanel trust={trust} />
          <List trust={trust} now={parts.now.value} />
          {member.roles.includes('admin') && <Upload trust={trust} parts={parts} />}
        </>
      )}
    </div>
  );
}

function List({ trust, now }: { trust: ConsoleTrust; now: number }) {
  const { anchor, manifest } = trust.state.value;
  return (
    <section class="panel" aria-labelledby="list-title">
      <h2 id="list-title">{k('list')}</h2>
      {manifest === null ? (
        <p class="hint">{k('list.none')}</p>
      ) : (
        <>
          <Holders manifest={manifest.content} now={now} />
          <h3>{k('list.fingerprint')}</h3>
          <Fingerprint text={manifest.fingerprint} label={k('list.fingerprint')} />
          <p class="hint">{k('list.fingerprint.what')}</p>
          {anchor === null && (
            <>
              <p class="hint">{k('list.open')}</p>
              <p class="actions">
                <AsksFirst
                  label={s('me.compare.how')}
                  question={s('me.compare.sure')}
                  yes={s('me.compare.yes')}
                  no={s('me.compare.no')}
                  act={() => void trust.confirm()}
                />
              </p>
            </>
          )}
        </>
      )}
    </section>
  );
}

function Upload({ trust, parts }: { trust: ConsoleTrust; parts: ConsolePageProps['parts'] }) {
  const model = useMemo(
    () =>
      new UploadModel({
        check: trust.check,
        kept: () => trust.state.value.manifest?.content ?? null,
        put: async (file) => parts.api.tell({ method: 'PUT', path: '/v1/trust', body: file }),
        refresh: trust.refresh,
      }),
    [trust],
  );
  return <UploadPanel model={model} />;
}
