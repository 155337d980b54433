import { listAt, only } from '../data.ts';
import type { Data } from '../version.ts';

/**
 * What profiles say about themselves. Their sections and patches are written in terms of the declared version; they have
 * done their work before the upgrade, so that only their names matter afterwards.
 */
export function toProfiles(data: Data): Data[] {
  return listAt(data, 'profiles').map((profile) =>
    only(profile, 'name', 'description', 'parent', 'parents', 'activation'),
  );
}
