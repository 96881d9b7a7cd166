import { useState } from 'preact/hooks';
import { assertNever } from '../../model/assert_never.ts';
import type { Install } from '../../platform/install.ts';
import { installWay, thisBrowser, type InstallWay } from '../../platform/install_way.ts';
import { m } from '../../words/app/me_words.ts';
import { Part, SubPage } from './sub_page.tsx';

type Offering = 'asked' | 'idle' | 'refused';

export function InstallView({ install }: { install: Install }) {
  const [offering, setOffering] = useState<Offering>('idle');
  const way = installWay(thisBrowser(install.isInstalled()), install.isOffered());
  const ask = async (): Promise<void> => {
    setOffering('asked');
    setOffering((await install.ask()) ? 'idle' : 'refused');
  };
  return (
    <SubPage title={m('install.title')}>
      {way.kind === 'installed' ? (
        <p role="status">{m('install.done')}</p>
      ) : (
        <>
          <p>{m('install.why')}</p>
          {way.kind === 'offered' ? (
            <p class="actions">
              <button type="button" class="button" aria-disabled={offering === 'asked'} onClick={() => void ask()}>
                {m('install.offer')}
              </button>
            </p>
          ) : (
            <Part id="install-steps" title={m('install.steps')}>
              <ol class="points">
                {stepsOf(way).map((step) => (
                  <li key={step}>{step}</li>
                ))}
              </ol>
            </Part>
          )}
          <p role="status">{offering === 'refused' ? m('install.refused') : ''}</p>
          <p class="hint">{m('install.none')}</p>
        </>
      )}
    </SubPage>
  );
}

function stepsOf(way: InstallWay): readonly string[] {
  switch (way.kind) {
    case 'ios-safari':
      return [m('install.ios.1'), m('install.ios.2'), m('install.ios.3'), m('install.ios.4')];
    case 'ios-other':
      return [m('install.ios_other.1', { address: location.origin }), m('install.ios_other.2'), m('install.ios_other.3')];
    case 'android-firefox':
      return [m('install.firefox.1'), m('install.firefox.2'), m('install.firefox.3')];
    case 'android':
      return [m('install.android.1'), m('install.android.2'), m('install.android.3')];
    case 'mac-safari':
      return [m('install.mac.1'), m('install.mac.2')];
    case 'desktop':
      return [m('install.desktop.1'), m('install.desktop.2')];
    case 'installed':
    case 'offered':
      return [];
    default:
      return assertNever(way);
  }
}
