import type { Member } from '../../../protocol/api.gen.ts';

/** Somebody, for tests. */
export function memberNamed(id: string): Member {
  return { id, name: null, standing: 'active', roles: ['activist'], regions: [], teams: [], joined_at_ms: 1, devices: 1, revision: 1 };
}
