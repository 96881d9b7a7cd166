import { useEffect, useState } from 'preact/hooks';
import type { People } from '../../../../account/people.ts';
import type { Member } from '../../../../protocol/api.gen.ts';
import { p } from '../../../../words/console/people_words.ts';
import { failureWords } from '../../../shared/failure_words.ts';
import { hashOf } from '../../route.ts';
import { AsksFirst } from '../../shared/asks_first.tsx';
import { RightsFields } from '../shared/rights_fields.tsx';
import { DevicesPanel } from './devices_panel.tsx';
import { PasskeyPanel } from '../../passkeys/passkey_panel.tsx';
import { ErasePanel } from './erase_panel.tsx';
import { MemberFacts, nameWords } from './member_facts.tsx';
import { MemberModel } from './member_model.ts';
import type { MembersModel } from './members_model.ts';

export interface MemberViewProps {
  readonly id: string;
  /** Who looks. */
  readonly me: string;
  readonly people: People;
  readonly members: MembersModel;
  readonly now: number;
}

export function MemberView({ id, me, people, members, now }: MemberViewProps) {
  const [model] = useState(() => new MemberModel(id, people, members));
  useEffect(() => void model.load(), [model]);
  const shown = model.member.value;
  switch (shown.kind) {
    case 'loading':
      return (
        <p class="empty" role="status">
          {p('member.loading')}
        </p>
      );
    case 'failed':
      return (
        <div class="people">
          <Back />
          <h1>{p('member.gone.title')}</h1>
          <p role="alert">{shown.why === 'member_unknown' ? p('member.gone.body') : failureWords(shown.why)}</p>
        </div>
      );
    case 'erased':
      return (
        <div class="people">
          <h1>{p('erase.done.title')}</h1>
          <p role="status">{p('erase.done.body')}</p>
          <Back />
        </div>
      );
    case 'shown': {
      const { member } = shown;
      const isMe = member.id === me;
      return (
        <div class="people">
          <Back />
          <h1>
            {nameWords(member)} {isMe && <span class="badge">{p('member.you')}</span>}
          </h1>
          <section class="panel" aria-label={nameWords(member)}>
            <MemberFacts member={member} now={now} />
            {member.standing === 'invited' && <p class="hint">{p('member.invited.body')}</p>}
          </section>
          {member.standing === 'waiting' && <Waits model={model} />}
          <Rights model={model} member={member} now={now} />
          <DevicesPanel model={model} now={now} />
          {mayLosePasskey(member) && <PasskeyPanel key={member.id} id={member.id} isMe={isMe} people={people} now={now} />}
          <ErasePanel model={model} isMe={isMe} />
        </div>
      );
    }
  }
}

/** Activists need none. */
function mayLosePasskey({ roles, standing }: Member): boolean {
  return standing === 'active' && roles.some((role) => role !== 'activist');
}

function Back() {
  return (
    <a class="way-back" href={hashOf('people', 'members')}>
      ← {p('member.back')}
    </a>
  );
}

function Waits({ model }: { model: MemberModel }) {
  return (
    <section class="panel panel-waits" aria-labelledby="waits-title">
      <h2 id="waits-title">{p('member.waits')}</h2>
      <p>{p('member.waits.body')}</p>
      <div class="actions">
        <button type="button" class="button" onClick={() => void model.admit()}>
          {p('member.admit')}
        </button>
        <AsksFirst
          label={p('member.refuse')}
          question={p('member.refuse.sure')}
          yes={p('member.refuse.yes')}
          no={p('no')}
          act={() => void model.erase()}
        />
      </div>
    </section>
  );
}

function Rights({ model, member, now }: { model: MemberModel; member: Member; now: number }) {
  const doing = model.doing.value;
  const submit = (event: Event): void => {
    event.preventDefault();
    void model.save();
  };
  return (
    <form class="panel rights" onSubmit={submit} aria-labelledby="rights-title">
      <h2 id="rights-title">{p('member.may')}</h2>
      <RightsFields
        form={model.form.value}
        problem={doing.kind === 'problem' ? doing.problem : null}
        change={(change) => model.write(change)}
      />
      {doing.kind === 'overtaken' ? (
        <div class="problem" role="alert">
          <p>{p('member.overtaken')}</p>
          <MemberFacts member={member} now={now} />
          <p class="actions">
            <button type="button" class="button" onClick={() => model.reset()}>
              {p('member.overtaken.theirs')}
            </button>
            <button type="submit" class="button button-quiet">
              {p('member.overtaken.mine')}
            </button>
          </p>
        </div>
      ) : (
        <p class="actions">
          <button type="submit" class="button" aria-disabled={doing.kind === 'working'}>
            {doing.kind === 'working' ? p('member.saving') : p('member.save')}
          </button>
          <button type="button" class="button button-quiet" onClick={() => model.reset()}>
            {p('member.reset')}
          </button>
        </p>
      )}
      <p class={doing.kind === 'done' ? 'done' : 'hint'} role="status">
        {doing.kind === 'done' && doing.what === 'saved' && p('member.saved')}
        {doing.kind === 'done' && doing.what === 'admitted' && p('member.admitted')}
        {doing.kind !== 'done' && p('member.may.soon')}
      </p>
      {doing.kind === 'failed' && (
        <p class="problem" role="alert">
          {doing.why === 'own_rights' ? p('member.own_rights') : failureWords(doing.why)}
        </p>
      )}
    </form>
  );
}
