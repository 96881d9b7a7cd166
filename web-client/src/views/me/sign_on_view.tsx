import { useEffect, useState } from 'preact/hooks';
import type { Api } from '../../account/api.ts';
import { o } from '../../words/app/sign_on_words.ts';
import { OwnSignOn } from '../own_sign_on/own_sign_on.tsx';
import { ownSignOn } from '../own_sign_on/own_sign_on_model.ts';
import { SubPage } from './sub_page.tsx';

export function SignOnView({ api }: { api: Api }) {
  const [model] = useState(() => ownSignOn(api, '/'));
  useEffect(() => void model.read(), [model]);
  return (
    <SubPage title={o('title')}>
      <OwnSignOn model={model} asksForPasskey={false} />
    </SubPage>
  );
}
