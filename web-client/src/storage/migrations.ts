import type { Database } from './database.ts';

/** Step n brings a database from version n to n + 1. Steps are never changed, only added. */
export const MIGRATIONS: readonly ((database: Database) => void)[] = [
  (database) => {
    database.createObjectStore('entries', { keyPath: 'id' });
    database.createObjectStore('bookmarks');
    database.createObjectStore('outbox', { keyPath: 'id' });
    database.createObjectStore('facts');
  },
];
