import { useState } from 'preact/hooks';
import type { InviteRow } from '../../../../protocol/parse_invite.ts';
import { c } from '../../../../words/console_words.ts';
import { asOfWords, momentWords } from '../../../../words/times.ts';
import { failureWords } from './invite_words.ts';
import { inviteeOf, type InvitesModel } from './invites_model.ts';

export function InviteTable({ model, now }: { model: InvitesModel; now: number }) {
  const listing = model.listing.value;
  return (
    <section class="panel" aria-labelledby="invite-list-title">
      <div class="panel-head">
        <h2 id="invite-list-title">{c('invites.list')}</h2>
        {listing.kind === 'rows' && <p class="hint">{c('invites.list.as_of', { time: asOfWords(listing.asOf, now) })}</p>}
        <button type="button" class="button button-quiet" onClick={() => void model.refresh()}>
          {c('invites.list.again')}
        </button>
      </div>
      {listing.kind === 'loading' && <p class="hint">{c('invites.list.loading')}</p>}
      {listing.kind === 'failed' && (
        <p class="problem" role="alert">
          {c('invites.list.failed')} {failureWords(listing.why)}
        </p>
      )}
      {listing.kind === 'rows' && listing.rows.length === 0 && <p class="hint">{c('invites.list.empty')}</p>}
      {listing.kind === 'rows' && listing.rows.length > 0 && (
        <Rows rows={listing.rows} now={now} revoke={(id) => void model.revoke(id)} />
      )}
    </section>
  );
}

function Rows({ rows, now, revoke }: { rows: readonly InviteRow[]; now: number; revoke: (id: string) => void }) {
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">{c('invites.col.role')}</th>
          <th scope="col">{c('invites.col.used')}</th>
          <th scope="col">{c('invites.col.until')}</th>
          <th scope="col">{c('invites.col.state')}</th>
          <td class="table-corner" />
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <td>{c(`invites.role.${inviteeOf(row.roles)}`)}</td>
            <td data-label={c('invites.col.used')}>{c('invites.used', { uses: row.uses, max: row.maxUses })}</td>
            <td data-label={c('invites.col.until')}>{momentWords(row.expiresAt, now)}</td>
            <td data-label={c('invites.col.state')}>{stateWords(row, now)}</td>
            <td class="table-actions">{isOpen(row, now) && <Revoke row={row} now={now} revoke={revoke} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Asks once more, and puts the harmless answer where the first button was. */
function Revoke({ row, now, revoke }: { row: InviteRow; now: number; revoke: (id: string) => void }) {
  const [asked, setAsked] = useState(false);
  if (!asked) {
    const role = c(`invites.role.${inviteeOf(row.roles)}`);
    return (
      <button
        type="button"
        class="button button-quiet"
        aria-label={c('invites.revoke.of', { role, time: momentWords(row.expiresAt, now) })}
        onClick={() => setAsked(true)}
      >
        {c('invites.revoke')}
      </button>
    );
  }
  return (
    <span class="actions" role="group" aria-label={c('invites.revoke.sure')}>
      <button type="button" class="button button-danger" onClick={() => revoke(row.id)}>
        {c('invites.revoke.yes')}
      </button>
      <button type="button" class="button button-quiet" onClick={() => setAsked(false)}>
        {c('invites.revoke.no')}
      </button>
    </span>
  );
}

function isOpen(row: InviteRow, now: number): boolean {
  return !row.revoked && row.uses < row.maxUses && row.expiresAt > now;
}

function stateWords(row: InviteRow, now: number): string {
  if (row.revoked) return c('invites.state.revoked');
  if (row.uses >= row.maxUses) return c('invites.state.used_up');
  return row.expiresAt <= now ? c('invites.state.expired') : c('invites.state.open');
}
