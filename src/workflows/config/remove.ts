import type { Change } from '../../config/edit/change.ts';
import { UserError } from '../../core/errors.ts';
import type { ProjectOptions } from '../project.ts';
import type { Tools } from '../tools.ts';
import { changeConfig, removeAll } from './change-config.ts';

export interface Removal {
  readonly kind: Parameters<typeof removeAll>[0];
  readonly changes: readonly Change[];
  readonly extent: 'named' | 'all';
}

/** Takes out what is named, or everything of the kind. Nothing named is `USAGE`. Returns the name of the file. */
export async function remove(removal: Removal, options: ProjectOptions, tools: Tools): Promise<string> {
  const { kind, changes, extent } = removal;
  if (extent === 'all') return removeAll(kind, options, tools);
  if (changes.length > 0) return changeConfig(changes, options, tools);
  throw new UserError('USAGE', `Nothing says which ${kind} to remove`, {
    hint: `Name it, or remove everything with \`devspace remove ${kind} --all\`.`,
  });
}
