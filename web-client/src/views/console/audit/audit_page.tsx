import '../../../styles/console/invites.css';
import '../../../styles/console/operators.css';
import { useEffect, useState } from 'preact/hooks';
import { saveFile } from '../../../platform/save_file.ts';
import { a } from '../../../words/console/audit_words.ts';
import { NoticePage } from '../../shared/notice_page.tsx';
import type { ConsolePageProps } from '../console_parts.ts';
import { AuditModel } from './audit_model.ts';
import { EntriesView } from './entries_view.tsx';
import { KeptHeads } from './kept_heads.ts';
import { VerifyModel } from './verify_model.ts';
import { VerifyView } from './verify_view.tsx';

export function AuditPage({ parts, member }: ConsolePageProps) {
  const now = (): number => parts.clock.now();
  const [audit] = useState(() => new AuditModel(parts.api, now));
  // Undefined where the page did not come over TLS.
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  const [verify] = useState(() => new VerifyModel(parts.api, new KeptHeads(parts.values), subtle, now));
  const mayRead = member.roles.includes('admin');
  useEffect(() => {
    if (!mayRead) return;
    void audit.load();
    void verify.readHead();
  }, [audit, verify, mayRead]);
  if (!mayRead) {
    return (
      <NoticePage title={a('needs.title')}>
        <p class="lead">{a('needs.body')}</p>
      </NoticePage>
    );
  }
  return (
    <div class="desk">
      <header class="desk-head">
        <h1>{a('title')}</h1>
        <p class="hint">{a('lead')}</p>
      </header>
      <EntriesView model={audit} reader={member.id} now={parts.now.value} save={saveFile} />
      <VerifyView model={verify} audit={audit} now={parts.now.value} save={saveFile} />
    </div>
  );
}
