import { o } from '../../words/app/sign_on_words.ts';
import type { Failure } from '../../account/api.ts';
import { failureWords } from '../shared/failure_words.ts';
import { Asked } from '../me/asked.tsx';
import type { Action } from '../me/action.ts';
import type { Found, OwnSignOnModel } from './own_sign_on_model.ts';

export interface OwnSignOnProps {
  readonly model: OwnSignOnModel;
  /** Whether this page can ask for a passkey. */
  readonly asksForPasskey: boolean;
}

/** Whether one's account at the campaign's own sign-on signs one in, and to have it do so or not; once that was read. */
export function OwnSignOn({ model, asksForPasskey }: OwnSignOnProps) {
  const found = model.found.value;
  const { outcome } = model;
  const isTold = outcome !== null && model.unlinking.state.value.kind === 'idle';
  return (
    <>
      {isTold && outcome === 'linked' && (
        <p class="done" role="status">
          {o('back.linked')}
        </p>
      )}
      {isTold && outcome !== 'linked' && (
        <p class="problem" role="alert">
          {o(`back.${outcome}`)}
        </p>
      )}
      {found === null && model.reading.state.value.kind !== 'failed' && <p role="status">{o('reading')}</p>}
      <Failed action={model.reading} asksForPasskey={asksForPasskey} />
      {model.reading.state.value.kind === 'failed' && (
        <p class="actions">
          <button type="button" class="button button-quiet" onClick={() => void model.read()}>
            {o('again')}
          </button>
        </p>
      )}
      {found !== null && <Known model={model} found={found} />}
      <p role="status">{model.unlinking.state.value.kind === 'done' ? o('unlinked') : ''}</p>
      <Failed action={model.linking} asksForPasskey={asksForPasskey} />
      <Failed action={model.unlinking} asksForPasskey={asksForPasskey} />
    </>
  );
}

function Known({ model, found: { name, account } }: { model: OwnSignOnModel; found: Found }) {
  if (name === null) return <p>{o('no_sign_on')}</p>;
  switch (account) {
    case 'came':
      return <p>{o('came', { name })}</p>;
    case 'linked':
      return (
        <>
          <p>{o('linked', { name })}</p>
          <Asked
            button={o('unlink')}
            questions={[o('unlink.sure')]}
            yes={o('unlink.yes')}
            no={o('unlink.no')}
            isWorking={model.unlinking.state.value.kind === 'working'}
            act={() => void model.unlink()}
          />
        </>
      );
    case 'none':
      return (
        <>
          <p>{o('what', { name })}</p>
          <p class="hint">{o('keeps')}</p>
          <p>{o('none', { name })}</p>
          <p class="actions">
            <button type="button" class="button" aria-disabled={model.linking.state.value.kind === 'working'} onClick={() => void model.link()}>
              {o('link')}
            </button>
          </p>
          <p class="hint">{o('link.about', { name })}</p>
        </>
      );
  }
}

function Failed({ action, asksForPasskey }: { action: Action; asksForPasskey: boolean }) {
  const state = action.state.value;
  if (state.kind !== 'failed') return null;
  return (
    <p class="problem" role="alert">
      {words(state.why, asksForPasskey)}
    </p>
  );
}

function words(why: Failure, asksForPasskey: boolean): string {
  return why === 'step_up_needed' && !asksForPasskey ? o('console') : failureWords(why);
}
