import type { ServiceStatus } from '../../protocol/parse_service_status.ts';
import { t } from '../../words/app_words.ts';
import { language } from '../../words/translator.ts';

/** Plain words about the service and this browser, only when there is something to say. */
export function ServiceNotices({ service, storageWorks }: { service: ServiceStatus; storageWorks: boolean }) {
  const { posture, message } = service;
  return (
    <>
      {(posture !== 'normal' || message !== null) && (
        <div class={`banner banner-${posture}`} role="status">
          {posture !== 'normal' && <p>{t(`posture.${posture}`)}</p>}
          {message !== null && <p class="banner-message">{message}</p>}
          <StatusLink />
        </div>
      )}
      {!storageWorks && <p class="banner">{t('storage.not_kept')}</p>}
    </>
  );
}

/** To the page that everybody can see, which this app need not run for. */
export function StatusLink() {
  return <a href={`/status?lang=${language.value}`}>{t('service.status')}</a>;
}
