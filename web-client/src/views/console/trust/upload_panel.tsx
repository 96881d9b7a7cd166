import type { Failure } from '../../../account/api.ts';
import type { Holder, ManifestChanges } from '../../../trust/manifest.ts';
import { k } from '../../../words/console/trust_words.ts';
import { failureWords } from '../../shared/failure_words.ts';
import { holderWords } from '../../trust/trust_mark.tsx';
import type { Upload, UploadModel } from './upload_model.ts';

/** A file of the key-keeper, what it would change, and then the service gets it. */
export function UploadPanel({ model }: { model: UploadModel }) {
  const upload = model.upload.value;
  const choose = (file: File | undefined): void => {
    if (file !== undefined) void model.choose(file);
  };
  return (
    <section class="panel" aria-labelledby="upload-title">
      <h2 id="upload-title">{k('upload')}</h2>
      <p>{k('upload.what')}</p>
      <label class="field">
        <span class="field-label">{k('upload.choose')}</span>
        <input type="file" accept="application/json,.json" onChange={(event) => choose(event.currentTarget.files?.[0])} />
      </label>
      <Judged upload={upload} send={() => void model.send()} />
    </section>
  );
}

function Judged({ upload, send }: { upload: Upload; send: () => void }) {
  switch (upload.kind) {
    case 'idle':
      return null;
    case 'bad':
      return (
        <p class="problem" role="alert">
          {k(`upload.${upload.why}`)}
        </p>
      );
    case 'ready':
      return (
        <>
          <h3>{k('upload.changes')}</h3>
          <Changes changes={upload.changes} isFirst={upload.isFirst} />
          <p class="actions">
            <button type="button" class="button" onClick={send}>
              {k('upload.send')}
            </button>
          </p>
        </>
      );
    case 'sending':
    case 'done':
      return <p role="status">{k(`upload.${upload.kind}`)}</p>;
    case 'failed':
      return (
        <p class="problem" role="alert">
          {failedWords(upload.why)}
        </p>
      );
  }
}

function failedWords(why: Failure): string {
  switch (why) {
    case 'bad_manifest':
      return k('upload.bad');
    case 'old_manifest':
      return k('upload.old_manifest');
    case 'other_root':
      return k('upload.other');
    default:
      return failureWords(why);
  }
}

function Changes({ changes, isFirst }: { changes: ManifestChanges; isFirst: boolean }) {
  const sorts = ['added', 'revoked', 'removed', 'changed'] as const;
  const lines = sorts.flatMap((sort) => changes[sort].map((each: Holder) => k(`upload.${sort}`, { who: holderWords(each) })));
  return (
    <ul class="points">
      {isFirst && <li>{k('upload.first')}</li>}
      {changes.twoPeople !== null && <li>{k(changes.twoPeople ? 'upload.two' : 'upload.one')}</li>}
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
      {lines.length === 0 && <li>{k('upload.none')}</li>}
    </ul>
  );
}
