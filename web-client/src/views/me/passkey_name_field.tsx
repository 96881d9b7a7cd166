import { o } from '../../words/app/own_passkeys_words.ts';
import { isNameTooLong } from './me_model.ts';

/** What a member calls a passkey, so that they know it again in the list. */
export function NameField({ name, change }: { name: string; change: (name: string) => void }) {
  return (
    <label class="field">
      <span class="field-label">{o('name')}</span>
      <input
        type="text"
        value={name}
        autocomplete="off"
        aria-invalid={!isPasskeyName(name)}
        onInput={(event) => change(event.currentTarget.value)}
      />
      <span class="hint" role="status">
        {isNameTooLong(name) ? o('name.too_long') : name.trim() === '' ? o('name.empty') : ''}
      </span>
    </label>
  );
}

export function isPasskeyName(name: string): boolean {
  return name.trim() !== '' && !isNameTooLong(name);
}
