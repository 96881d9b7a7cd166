import { useEffect, useState } from 'preact/hooks';
import { k } from '../../../words/console/trust_words.ts';
import { holderWords } from '../../trust/trust_mark.tsx';
import { AsksFirst } from '../shared/asks_first.tsx';
import type { ConsoleTrust } from './console_trust.ts';

type Having =
  | { readonly kind: 'looking' }
  | { readonly kind: 'cannot' }
  | { readonly kind: 'none'; readonly why: 'failed' | null }
  | { readonly kind: 'making' };

/** The key of this browser: made here, kept here, and its public half for the key-keeper. */
export function KeyPanel({ trust }: { trust: ConsoleTrust }) {
  const [having, have] = useState<Having>({ kind: 'looking' });
  const key = trust.ownKey.value;
  const look = async (): Promise<void> => have((await trust.mayHaveKey()) ? { kind: 'none', why: null } : { kind: 'cannot' });
  const make = async (): Promise<void> => {
    have({ kind: 'making' });
    await trust.makeKey().then(look, () => have({ kind: 'none', why: 'failed' }));
  };
  useEffect(() => void look(), [trust]);
  if (key !== null) {
    return (
      <section class="panel" aria-labelledby="key-title">
        <h2 id="key-title">{k('key')}</h2>
        <Here trust={trust} publicKey={key.publicKey} remove={() => void trust.removeKey()} />
      </section>
    );
  }
  return (
    <section class="panel" aria-labelledby="key-title">
      <h2 id="key-title">{k('key')}</h2>
      {having.kind === 'looking' && <p role="status">{k('opening')}</p>}
      {having.kind === 'cannot' && <p class="problem">{k('key.cannot')}</p>}
      {having.kind === 'making' && <p role="status">{k('key.making')}</p>}
      {having.kind === 'none' && (
        <>
          <p>{k('key.none')}</p>
          {having.why === 'failed' && (
            <p class="problem" role="alert">
              {k('key.failed')}
            </p>
          )}
          <p class="actions">
            <button type="button" class="button" onClick={() => void make()}>
              {k('key.make')}
            </button>
          </p>
        </>
      )}
    </section>
  );
}

function Here({ trust, publicKey, remove }: { trust: ConsoleTrust; publicKey: string; remove: () => void }) {
  const holder = trust.holder.value;
  const standing =
    holder === null ? k('key.not_listed') : typeof holder.revoked_at === 'number' ? k('key.revoked') : k('key.listed', { who: holderWords(holder) });
  return (
    <>
      <p>{k('key.here')}</p>
      <p role="status">
        <strong>{standing}</strong>
      </p>
      <label class="field">
        <span class="field-label">{k('key.public')}</span>
        <input class="key-text" readOnly value={publicKey} onFocus={(event) => event.currentTarget.select()} />
      </label>
      <label class="field">
        <span class="field-label">{k('key.line')}</span>
        <textarea class="key-text" readOnly rows={3} value={lineFor(publicKey)} onFocus={(event) => event.currentTarget.select()} />
      </label>
      <p class="actions">
        <AsksFirst label={k('key.remove')} question={k('key.remove.sure')} yes={k('key.remove.yes')} no={k('key.remove.no')} act={remove} />
      </p>
    </>
  );
}

/** What the key-keeper types; the name and the roles are theirs to say. */
function lineFor(publicKey: string): string {
  return `holdfast keys organiser --root root.key --manifest manifest.json --key=${publicKey} --name "…" --role sender`;
}
