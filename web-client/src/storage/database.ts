import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { KeptConversation } from '../model/conversation.ts';
import type { Entry } from '../model/entry.ts';
import type { Bookmark } from '../model/position.ts';
import type { SignatureCheck } from '../model/signed.ts';
import type { ReceiptRecord } from '../model/receipt.ts';
import { MIGRATIONS } from './migrations.ts';
import type { KeptItem } from './outbox_store.ts';

export interface Schema extends DBSchema {
  entries: { key: string; value: Entry };
  bookmarks: { key: string; value: Bookmark };
  conversations: { key: string; value: KeptConversation };
  outbox: { key: string; value: KeptItem };
  receipts: { key: string; value: ReceiptRecord };
  /** One row each under the name of the thing. Read as `unknown`: an older version may have written it. */
  facts: { key: string; value: unknown };
  /** Who may sign, and whose word for it this device has. Read as `unknown`, like facts. */
  trust: { key: string; value: unknown };
  /** Which signatures of a bulletin were good, so that they need not be verified again. */
  checks: { key: string; value: SignatureCheck };
}

export type Database = IDBPDatabase<Schema>;

export async function openDatabase(name: string): Promise<Database> {
  return openDB<Schema>(name, MIGRATIONS.length, {
    upgrade(database, from) {
      for (const migrate of MIGRATIONS.slice(from)) migrate(database);
    },
    blocking(_current, _blocked, event) {
      // Another tab brings a newer version. This one goes on from memory until it is reloaded.
      (event.target as IDBDatabase).close();
    },
  });
}
