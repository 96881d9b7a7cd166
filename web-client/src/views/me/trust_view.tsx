import '../../styles/app/trust.css';
import type { TrustState } from '../../trust/keeper.ts';
import { s } from '../../words/app/trust_words.ts';
import { dayAndTimeWords } from '../../words/times.ts';
import { Fingerprint } from '../trust/fingerprint.tsx';
import { Holders } from '../trust/holders.tsx';
import type { TrustTools } from '../trust/trust_tools.ts';
import { Asked } from './asked.tsx';
import { Part, SubPage } from './sub_page.tsx';

/** The campaign's key, to be compared once, and who may sign. */
export function TrustView({ tools, now }: { tools: TrustTools | null; now: number }) {
  if (tools === null) {
    return (
      <SubPage title={s('me')}>
        <p role="status">{s('me.opening')}</p>
      </SubPage>
    );
  }
  const state = tools.state.value;
  const { anchor, manifest } = state;
  const fingerprint = anchor?.fingerprint ?? manifest?.fingerprint ?? null;
  return (
    <SubPage title={s('me')}>
      <p>{fingerprint === null ? s('me.none') : s('me.what')}</p>
      {fingerprint !== null && (
        <Part id="trust-key" title={s('me.key')}>
          <Fingerprint text={fingerprint} label={s('me.key')} />
          <p class="hint">{keyWords(state, now)}</p>
          {anchor === null && (
            <>
              <p>{s('me.compare')}</p>
              <Asked
                button={s('me.compare.how')}
                questions={[s('me.compare.sure')]}
                yes={s('me.compare.yes')}
                no={s('me.compare.no')}
                isWorking={false}
                act={() => void tools.confirm()}
              />
            </>
          )}
        </Part>
      )}
      {manifest !== null && (
        <Part id="trust-who" title={s('me.who')}>
          <Holders manifest={manifest.content} now={now} />
        </Part>
      )}
    </SubPage>
  );
}

function keyWords({ anchor, manifest }: TrustState, now: number): string {
  if (anchor === null) return s('me.key.open');
  if (manifest === null) return s('me.key.waiting');
  return s(`me.key.${anchor.how}`, { time: dayAndTimeWords(anchor.since, now) });
}

/** How it stands, in the list of one's own things. */
export function trustHint({ anchor, manifest }: TrustState): string {
  if (anchor !== null) return s(`me.hint.${anchor.how}`);
  return s(manifest === null ? 'me.hint.none' : 'me.hint.open');
}
