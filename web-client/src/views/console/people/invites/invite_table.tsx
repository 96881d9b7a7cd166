import type { Invite } from '../../../../protocol/api.gen.ts';
import { i } from '../../../../words/console/invites_words.ts';
import { asOfWords, momentWords } from '../../../../words/times.ts';
import { failureWords } from '../../../shared/failure_words.ts';
import { AsksFirst } from '../../shared/asks_first.tsx';
import { inviteeOf, type InvitesModel } from './invites_model.ts';

export function InviteTable({ model, now }: { model: InvitesModel; now: number }) {
  const listing = model.listing.value;
  return (
    <section class="panel" aria-labelledby="invite-list-title">
      <div class="panel-head">
        <h2 id="invite-list-title">{i('list')}</h2>
        {listing.kind === 'rows' && <p class="hint">{i('list.as_of', { time: asOfWords(listing.asOf, now) })}</p>}
        <button type="button" class="button button-quiet" onClick={() => void model.refresh()}>
          {i('list.again')}
        </button>
      </div>
      {listing.kind === 'loading' && <p class="hint">{i('list.loading')}</p>}
      {listing.kind === 'failed' && (
        <p class="problem" role="alert">
          {i('list.failed')} {failureWords(listing.why)}
        </p>
      )}
      {listing.kind === 'rows' && listing.rows.length === 0 && <p class="hint">{i('list.empty')}</p>}
      {listing.kind === 'rows' && listing.rows.length > 0 && <Rows model={model} rows={listing.rows} now={now} />}
      {listing.kind === 'rows' && listing.next !== null && (
        <div class="more">
          <button type="button" class="button button-quiet" onClick={() => void model.readOn()}>
            {i('list.more')}
          </button>
        </div>
      )}
    </section>
  );
}

function Rows({ model, rows, now }: { model: InvitesModel; rows: readonly Invite[]; now: number }) {
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">{i('col.role')}</th>
          <th scope="col">{i('col.places')}</th>
          <th scope="col">{i('col.approval')}</th>
          <th scope="col">{i('col.used')}</th>
          <th scope="col">{i('col.until')}</th>
          <th scope="col">{i('col.state')}</th>
          <td class="table-corner" />
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const name = { role: i(`role.${inviteeOf(row.roles)}`), time: momentWords(row.expires_at_ms, now) };
          return (
            <tr key={row.id}>
              <td>{name.role}</td>
              <td data-label={i('col.places')}>{placeWords(row)}</td>
              <td data-label={i('col.approval')}>{i(row.needs_approval ? 'approval.yes' : 'approval.no')}</td>
              <td data-label={i('col.used')}>{i('used', { uses: row.uses, max: row.max_uses })}</td>
              <td data-label={i('col.until')}>{name.time}</td>
              <td data-label={i('col.state')}>{stateWords(row, now)}</td>
              <td class="table-actions">
                <span class="actions">
                  <button
                    type="button"
                    class="button button-quiet"
                    aria-label={i('again.of', name)}
                    onClick={() => void model.again(row)}
                  >
                    {i('again')}
                  </button>
                  {isOpen(row, now) && (
                    <AsksFirst
                      label={i('revoke')}
                      name={i('revoke.of', name)}
                      question={i('revoke.sure')}
                      yes={i('revoke.yes')}
                      no={i('revoke.no')}
                      act={() => void model.revoke(row.id)}
                    />
                  )}
                </span>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function placeWords({ regions, teams }: Invite): string {
  const places = [...regions, ...teams];
  return places.length === 0 ? i('places.none') : places.join(', ');
}

function isOpen(row: Invite, now: number): boolean {
  return !row.revoked && row.uses < row.max_uses && row.expires_at_ms > now;
}

function stateWords(row: Invite, now: number): string {
  if (row.revoked) return i('state.revoked');
  if (row.uses >= row.max_uses) return i('state.used_up');
  return row.expires_at_ms <= now ? i('state.expired') : i('state.open');
}
