import type { Database } from './database.ts';

/** Step n brings a database from version n to n + 1. Steps are never changed, only added. */
export const MIGRATIONS: readonly ((database: Database) => void)[] = [
  (database) => {
    database.createObjectStore('entries', { keyPath: 'id' });
    database.createObjectStore('bookmarks');
    database.createObjectStore('outbox', { keyPath: 'id' });
    database.createObjectStore('facts');
  },
  (database) => {
    database.createObjectStore('receipts', { keyPath: 'id' });
    // What was read of bulletins before was their text only: all of it is read again.
    for (const name of ['entries', 'bookmarks'] as const) database.deleteObjectStore(name);
    database.createObjectStore('entries', { keyPath: 'id' });
    database.createObjectStore('bookmarks');
  },
  (database) => {
    database.createObjectStore('conversations', { keyPath: 'id' });
  },
  (database) => {
    database.createObjectStore('trust');
    database.createObjectStore('checks', { keyPath: 'id' });
  },
];
