import { parseYaml } from './document/parse.ts';
import { readSource } from './document/read.ts';
import { configNames } from './named-configs.ts';
import { type LoadOptions, openSession } from './session.ts';
import type { ProjectState } from './state/state.ts';

export interface ConfigList {
  /** Of `devspace-configs.yaml`, in the order of the file; empty when the project has no such file. */
  readonly namedConfigs: readonly string[];
  /** The selected one; `default` counts when nothing was selected. */
  readonly active: string;
  readonly state: ProjectState;
}

/** The named configurations, also when none or a missing one is selected, so that another one can be. */
export async function listConfigs(options: LoadOptions): Promise<ConfigList> {
  const { found, state } = await openSession(options);
  const active = state.activeConfig ?? 'default';
  if (found.kind !== 'configs') return { namedConfigs: [], active, state };
  const { root } = parseYaml(await readSource(found.path));
  return { namedConfigs: configNames(root), active, state };
}
