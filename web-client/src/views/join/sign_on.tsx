import { useEffect, useState } from 'preact/hooks';
import { j } from '../../words/app/join_words.ts';

export interface SignOnProps {
  /** What people call the sign-on; nothing where there is none. */
  readonly ask: () => Promise<string | null>;
  /** Where signing in begins. */
  readonly address: string;
}

/** The way in for members of a campaign that has its own sign-on. Nothing is shown until it is known that there is one. */
export function SignOn({ ask, address }: SignOnProps) {
  const [name, setName] = useState<string | null>(null);
  useEffect(() => {
    let isShown = true;
    void ask().then((answered) => {
      if (isShown) setName(answered);
    });
    return () => {
      isShown = false;
    };
  }, []);
  if (name === null) return null;
  return (
    <p>
      <a class="button" href={address}>
        {j('sign_on.button', { name })}
      </a>
    </p>
  );
}
