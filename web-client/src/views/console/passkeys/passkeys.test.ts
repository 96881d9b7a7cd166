import { describe, expect, it } from 'vitest';
import type { ApiAnswer } from '../../../account/api.ts';
import type { Confirmed } from '../../../account/passkeys.ts';
import type { Session } from '../../../model/session.ts';
import type { Passkey, PasskeyList } from '../../../protocol/api.gen.ts';
import { AccountModel } from '../../passkeys/account_model.ts';
import { Asking } from '../../passkeys/asking.ts';
import { passkeyName } from '../../passkeys/passkey_name.ts';
import { StepUp } from './step_up.ts';

const session: Session = { member: { id: 'm', name: null, roles: ['admin'] }, token: 't', postsForMs: 1, channels: [] };
const CONFIRMED: Confirmed = { kind: 'confirmed', session };

describe('the question before what is hard to take back', () => {
  it('is one for all that want it, and the answer is for all of them', async () => {
    const stepUp = new StepUp();
    const answers = [stepUp.ask(), stepUp.ask()];
    expect(stepUp.isAsked.value).toBe(true);
    stepUp.answer(true);
    expect(stepUp.isAsked.value).toBe(false);
    // A dialog that closes says no, after its yes.
    stepUp.answer(false);
    expect(await Promise.all(answers)).toEqual([true, true]);
  });

  it('is asked again for what comes later', async () => {
    const stepUp = new StepUp();
    const first = stepUp.ask();
    stepUp.answer(false);
    const second = stepUp.ask();
    stepUp.answer(true);
    expect([await first, await second]).toEqual([false, true]);
  });
});

describe("the browser's dialog", () => {
  it('is open once only, and hands the session on', async () => {
    const asking = new Asking();
    const taken: string[] = [];
    let answer: (confirmed: Confirmed) => void = () => {};
    const first = asking.run(() => new Promise((resolve) => (answer = resolve)), ({ token }) => void taken.push(token));
    await asking.run(async () => CONFIRMED, () => void taken.push('second'));
    answer(CONFIRMED);
    await first;
    expect([taken, asking.state.value.kind]).toEqual([['t'], 'done']);
  });

  it('says that nobody answered when its code does not come', async () => {
    const asking = new Asking();
    await asking.run(async () => Promise.reject(new Error('no chunk')), () => {});
    expect(asking.state.value).toEqual({ kind: 'failed', why: 'unreachable' });
  });
});

describe("one's passkeys", () => {
  const phone: Passkey = { id: 'p', name: 'Phone', created_at_ms: 1, last_used_at_ms: null, organises: true };
  const failed = (why: 'last_passkey' | 'passkey_unknown' | 'unreachable'): ApiAnswer<never> => ({ kind: 'failed', why, askAgainMs: 0 });
  const modelOf = (removed: ApiAnswer<null>, lists: ApiAnswer<PasskeyList>[]): AccountModel =>
    new AccountModel(
      { list: async () => lists.shift() ?? failed('unreachable'), add: async () => CONFIRMED, rename: async () => ({ kind: 'ok', value: phone, tag: null }), remove: async () => removed },
      () => {},
    );

  it('stay in sight when they cannot be read again', async () => {
    const model = modelOf({ kind: 'ok', value: null, tag: null }, [{ kind: 'ok', value: { passkeys: [phone] }, tag: null }]);
    await model.load();
    await model.load();
    expect(model.listed.value).toEqual({ kind: 'listed', passkeys: [phone] });
  });

  it.each([
    [failed('last_passkey'), 'failed'],
    [failed('passkey_unknown'), 'removed'],
  ] as const)('are removed but the last one: %j', async (removed, kind) => {
    const model = modelOf(removed, []);
    await model.remove('p');
    expect(model.changing.value.kind).toBe(kind);
  });

  it('are read again when one was renamed, and say so', async () => {
    const model = modelOf({ kind: 'ok', value: null, tag: null }, [{ kind: 'ok', value: { passkeys: [phone] }, tag: null }]);
    await model.rename('p', 'Phone');
    expect([model.changing.value.kind, model.listed.value.kind]).toEqual(['renamed', 'listed']);
  });

  it('are read again when one was added', async () => {
    const model = modelOf({ kind: 'ok', value: null, tag: null }, [{ kind: 'ok', value: { passkeys: [phone] }, tag: null }]);
    await model.add('Phone');
    expect(model.listed.value.kind).toBe('listed');
  });
});

describe('the name of a passkey', () => {
  it.each([
    ['Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36', 'Chrome, Android'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1', 'Safari, iPhone'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36 Edg/130.0', 'Edge, Windows'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0', 'Firefox, Linux'],
    ['', 'Web'],
  ])('of %j is where it was made', (userAgent, name) => {
    expect(passkeyName(userAgent)).toBe(name);
  });
});
