import type { ReadonlySignal } from '@preact/signals';
import { LANGUAGES } from '../../../model/bulletin.ts';
import type { BulletinLetter } from '../../../model/letter.ts';
import type { OutboxItem } from '../../../model/outbox_item.ts';
import { TEMPLATES } from '../../../model/templates.ts';
import type { Bulletin } from '../../../protocol/api.gen.ts';
import { w } from '../../../words/console/compose_words.ts';
import type { Attach } from './attaching.ts';
import { AudienceFields, type Places } from './audience_fields.tsx';
import type { ComposeModel } from './compose_model.ts';
import type { HeadCount } from './head_count.ts';
import { KindFields } from './kind_fields.tsx';
import { MoreFields } from './more_fields.tsx';
import { OutboxList } from './outbox_list.tsx';
import { PhonePreview } from './phone_preview.tsx';
import { Preparing, type PreparingProps } from './preparing.tsx';
import { SendFields } from './send_fields.tsx';
import type { Signs } from '../trust/signs.ts';
import { TextFields } from './text_fields.tsx';

export interface ComposeViewProps {
  readonly model: ComposeModel;
  readonly headCount: HeadCount;
  readonly attach: Attach;
  readonly known: Places;
  readonly zone: string;
  readonly signs: Signs;
  readonly now: number;
  readonly outbox: ReadonlySignal<readonly OutboxItem<BulletinLetter>[]>;
  readonly find: (id: string) => Bulletin | null;
  /** As the service has it now, or as it was seen last. */
  readonly newest: (id: string) => Promise<Bulletin | null>;
  readonly preparing: PreparingProps | null;
  readonly retry: (id: string) => void;
  readonly discard: (id: string) => void;
}

export function ComposeView(props: ComposeViewProps) {
  const { model, headCount, attach, known, zone, signs, now, outbox, find, newest, preparing, retry, discard } = props;
  const desk = model.desk.value;
  const counting = headCount.counting.value;
  const isTest = desk.kind === 'test';
  const hasNoWords = LANGUAGES.every((language) => `${desk.texts[language].title}${desk.texts[language].body}`.trim() === '');
  const submit = (event: Event): void => {
    event.preventDefault();
    void model.hand();
  };
  const takeBack = async (item: OutboxItem<BulletinLetter>): Promise<void> => {
    model.takeBack(item, await newest(item.letter.draft?.id ?? item.id));
    discard(item.id);
  };
  return (
    <div class={isTest ? 'compose compose-test' : 'compose'}>
      <form class="compose-form" onSubmit={submit} noValidate aria-labelledby="compose-title">
        <h1 id="compose-title">{w(isTest ? 'title.test' : 'title')}</h1>
        {isTest && (
          <p class="test-band" role="status">
            {w('test.band')}
          </p>
        )}
        {desk.draft !== null && <p class="banner">{w(desk.draft.corrects === null ? 'editing' : 'correcting')}</p>}
        {preparing !== null && <Preparing {...preparing} />}
        <KindFields model={model} />
        {hasNoWords && (
          <div class="desk-templates" role="group" aria-labelledby="templates-title">
            <span class="field-label" id="templates-title">
              {w('templates')}
            </span>
            {TEMPLATES.map((each) => (
              <button type="button" class="button button-quiet" key={each} onClick={() => model.useTemplate(each)}>
                {w(`template.${each}`)}
              </button>
            ))}
          </div>
        )}
        <div class="compose-languages">
          {LANGUAGES.map((each) => (
            <TextFields key={each} language={each} text={desk.texts[each]} write={(change) => model.write(each, change)} />
          ))}
        </div>
        <AudienceFields model={model} counting={counting} known={known} now={now} />
        <MoreFields model={model} attach={attach} />
        <SendFields model={model} counting={counting} zone={zone} signs={signs} />
      </form>
      <PhonePreview desk={desk} />
      <OutboxList items={outbox.value} find={find} now={now} retry={retry} discard={discard} takeBack={(item) => void takeBack(item)} />
    </div>
  );
}
