import type { Posture } from '../../protocol/parse_posture.ts';
import { t } from '../../words/app_words.ts';

/** Plain words about the service and this browser, only when there is something to say. */
export function ServiceNotices({ posture, storageWorks }: { posture: Posture; storageWorks: boolean }) {
  return (
    <>
      {posture !== 'normal' && (
        <p class={`banner banner-${posture}`} role="status">
          {t(`posture.${posture}`)}
        </p>
      )}
      {!storageWorks && <p class="banner">{t('storage.not_kept')}</p>}
    </>
  );
}
