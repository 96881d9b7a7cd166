import '../../../styles/console/compose.css';
import { useEffect, useState } from 'preact/hooks';
import { newBulletinId } from '../../../model/bulletin_id.ts';
import type { ChannelGrant } from '../../../model/session.ts';
import { Stage, type Bulletin } from '../../../protocol/api.gen.ts';
import type { ConsolePageProps, ConsoleParts } from '../console_parts.ts';
import { NeedsRole } from '../needs_role.tsx';
import { signsHere } from '../trust/signs.ts';
import { Attach } from './attaching.ts';
import type { Places } from './audience_fields.tsx';
import { ComposeModel, namedAudience } from './compose_model.ts';
import { ComposeView } from './compose_view.tsx';
import { HeadCount } from './head_count.ts';
import type { PreparingState } from './preparing.tsx';

/**
 * `#compose`: the desk. `#compose/edit/ID` lays a bulletin on it to be changed, `#compose/follow-up/ID` and
 * `#compose/follow-up/ID/STAGE` a word to those whom that one did not reach.
 */
export function ComposePage(props: ConsolePageProps) {
  return props.member.roles.includes('sender') ? <Desk {...props} /> : <NeedsRole why="compose" />;
}

function Desk({ parts, member, channels, path }: ConsolePageProps) {
  const { values, outbox, outboxItems, bulletins, watch, clock, randomId } = parts;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const [{ model, headCount, attach }] = useState(() => modelsOf(parts, zone));
  useEffect(() => model.memberChanged(member.id), [model, member.id]);
  const audience = namedAudience(model.desk.value);
  useEffect(() => headCount.audienceChanged(audience), [headCount, JSON.stringify(audience)]);
  useEffect(() => () => headCount.stop(), [headCount]);
  const handed = outboxItems.value.filter(({ state }) => state.kind === 'posted').length;
  useEffect(() => void watch.refresh(), [watch, handed]);
  const preparing = usePreparing(parts, model, path);
  const listing = watch.listing.value;
  const newest = async (id: string): Promise<Bulletin | null> => {
    const answer = await bulletins.get(id);
    return answer.kind === 'ok' ? answer.value : watch.find(id);
  };
  return (
    <ComposeView
      model={model}
      headCount={headCount}
      attach={attach}
      known={knownPlaces(channels, listing.kind === 'rows' ? listing.rows : [])}
      zone={zone}
      signs={signsHere(parts.trust.value)}
      now={parts.now.value}
      outbox={outboxItems}
      find={(id) => watch.find(id)}
      newest={newest}
      preparing={preparing}
      retry={(id) => void outbox.retry(id)}
      discard={(id) => void outbox.discard(id)}
    />
  );

  function modelsOf(parts: ConsoleParts, zone: string) {
    return {
      model: new ComposeModel({
        values,
        zone,
        newId: () => newBulletinId(clock.now(), randomId()),
        now: () => clock.now(),
        hand: async (id, letter) => outbox.add(id, letter),
        isInOutbox: (id) => outbox.has(id),
      }),
      headCount: new HeadCount({ count: async (audience) => bulletins.count(audience), clock }),
      attach: new Attach({ attach: async (file, key) => parts.bulletins.attach(file, key), randomId }),
    };
  }
}

/** Lays on the desk what the address asks for, once, and asks first if something lies there. */
function usePreparing(parts: ConsoleParts, model: ComposeModel, path: readonly string[]) {
  const [what, of, stage] = path;
  const wanted = (what === 'edit' || what === 'follow-up') && of !== undefined ? `${what}/${of}/${stage ?? ''}` : null;
  const [state, setState] = useState<PreparingState>({ kind: 'loading' });
  const lay = async (): Promise<void> => {
    if (of === undefined) return;
    setState({ kind: 'loading' });
    const answer = await parts.bulletins.get(of);
    if (answer.kind === 'failed') return setState({ kind: 'failed', why: answer.why });
    if (what === 'edit') model.edit(answer.value);
    else model.followUp(answer.value, Stage.options.find((each) => each === stage) ?? 'received');
    leave();
  };
  useEffect(() => {
    if (wanted === null) return;
    const isOnDesk = what === 'edit' && model.desk.value.draft?.id === of;
    if (isOnDesk) leave();
    else if (model.isBlank.value) void lay();
    else setState({ kind: 'asking' });
  }, [wanted]);
  return wanted === null ? null : { state, replace: () => void lay(), leave };
}

function leave(): void {
  location.replace('#compose');
}

/** Regions and teams whose names have been on this page, so that they need not be typed. */
function knownPlaces(channels: readonly ChannelGrant[], rows: readonly Bulletin[]): Places {
  const regions = new Set<string>();
  const teams = new Set<string>();
  for (const { name } of channels) {
    if (name.startsWith('bulletins:region.')) regions.add(name.slice('bulletins:region.'.length));
    if (name.startsWith('teams:')) teams.add(name.slice('teams:'.length));
  }
  for (const { content } of rows) {
    for (const each of content.audience?.regions ?? []) regions.add(each);
    for (const each of content.audience?.teams ?? []) teams.add(each);
  }
  return { regions: [...regions].sort(), teams: [...teams].sort() };
}
